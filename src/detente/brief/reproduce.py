"""How to run again what a brief was made from: a command, lines of Python, digests."""

import json
import shlex
from typing import Any

from detente.brief import words
from detente.outcome import Outcome


def build(outcome: Outcome) -> dict[str, Any]:
    """Return the command, the lines of Python, and what identifies world and scenarios.

    Parameters
    ----------
    outcome
        What a run computed.
    """
    facts = outcome.manifest
    draws, seed = int(facts.get("draws", outcome.data.sizes["draw"])), int(facts.get("seed", 1))
    world = facts.get("world", {}).get("name", "world2023")
    return {
        "command": facts.get("command") or _command(outcome, world, draws, seed),
        "python": _python(outcome, world, draws, seed),
        "seed": seed,
        "draws": draws,
        "deficits": facts.get("deficits"),
        "horizon": facts.get("horizon", "long"),
        "world": {"name": world, "year": 0, "digest": "", **facts.get("world", {})},
        "versions": facts.get("versions", {}),
        "scenarios": {
            name: page.get("digest", "") for name, page in facts.get("scenarios", {}).items()
        },
    }


def _asked(outcome: Outcome) -> list[str]:
    """Return what the scenarios that were asked for are called on the command line."""
    asked = outcome.manifest.get("asked") or [outcome.main]
    return [words.on_command_line(outcome, name) for name in asked]


def _options(outcome: Outcome) -> dict[str, Any]:
    """Return the options that differ from what holds without them, as Python values."""
    facts = outcome.manifest
    rule, horizon = facts.get("deficits"), facts.get("horizon", "long")
    stated = isinstance(rule, str) and rule != "fixed"
    return {
        **({"deficits": rule} if stated else {}),
        **({"horizon": horizon} if horizon != "long" else {}),
        **({"alongside": False} if facts.get("alongside") is False else {}),
        **({"respond": True} if facts.get("respond") else {}),
    }


def _command(outcome: Outcome, world: str, draws: int, seed: int) -> str:
    said = {True: "--{}", False: "--no-{}"}
    more = [
        said[value].format(name) if isinstance(value, bool) else f"--{name} {value}"
        for name, value in _options(outcome).items()
    ]
    names = [shlex.quote(name) for name in _asked(outcome)]
    return " ".join(
        ["detente run", *names, f"--world {world} --draws {draws} --seed {seed}", *more]
    )


def _python(outcome: Outcome, world: str, draws: int, seed: int) -> str:
    loaded = [
        f"dt.load_scenario({json.dumps(name, ensure_ascii=False)})" for name in _asked(outcome)
    ]
    scenario = loaded[0] if len(loaded) == 1 else f"[{', '.join(loaded)}]"
    more = "".join(
        f', {name}="{value}"' if isinstance(value, str) else f", {name}={value}"
        for name, value in _options(outcome).items()
    )
    return "\n".join(
        [
            "import detente as dt",
            "",
            f'world = dt.load_world("{world}")',
            f"scenario = {scenario}",
            f"outcome = dt.run(world, scenario, draws={draws}, seed={seed}{more})",
            'table = outcome.table("real_income_pct")',
            'dt.write_brief(outcome).to_html("brief.html")',
        ]
    )
