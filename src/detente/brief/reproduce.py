"""How to run again what a brief was made from: a command, lines of Python, digests."""

import json
import shlex
from typing import Any

from detente.brief import words
from detente.files.worlds import SUFFIX
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
    about = {"name": "world2023", **facts.get("world", {})}
    # A world made in Python stands in no file: it is called as if it were saved under its name.
    world = about.get("read_from", about["name"]) or f"{about['name']}{SUFFIX}"
    return {
        "command": facts.get("command") or _command(outcome, world, draws, seed),
        "python": _python(outcome, world, draws, seed),
        "notes": _notes(outcome, world),
        "seed": seed,
        "draws": draws,
        "deficits": facts.get("deficits"),
        "horizon": facts.get("horizon", "long"),
        "world": {"year": 0, "digest": "", **about},
        "versions": facts.get("versions", {}),
        "scenarios": {
            name: page.get("digest", "") for name, page in facts.get("scenarios", {}).items()
        },
    }


def _notes(outcome: Outcome, world: str) -> list[str]:
    """Return what has to be done before the command works where it is pasted."""
    facts, asked = outcome.manifest, outcome.manifest.get("asked") or [outcome.main]
    called = dict(zip(asked, _asked(outcome), strict=True))
    read = {name: facts.get("scenarios", {}).get(name, {}).get("read_from") for name in asked}
    files = [one for one in read.values() if one and one != "-"]
    made = [file for name, file in called.items() if not read[name] and file != name]
    if facts.get("world", {}).get("read_from") == "":
        made.append(world)
    elif world.endswith(SUFFIX):
        files.append(world)
    notes = []
    if files:
        notes.append(
            f"Files are named without their folders ({', '.join(files)}): run it where they are, "
            "or write their paths."
        )
    if made:
        notes.append(
            f"Made in Python, and in no file yet: {', '.join(made)}. dt.save_world(world, FILE) "
            "and detente.files.scenarios.save_scenario(scenario, FILE) write them."
        )
    if "-" in read.values():
        notes.append("The scenario was read from standard input (-).")
    return notes


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
        [
            "detente run",
            *names,
            f"--world {shlex.quote(world)} --draws {draws} --seed {seed}",
            *more,
        ]
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
            f"world = dt.load_world({json.dumps(world, ensure_ascii=False)})",
            f"scenario = {scenario}",
            f"outcome = dt.run(world, scenario, draws={draws}, seed={seed}{more})",
            'table = outcome.table("real_income_pct")',
            'dt.write_brief(outcome).to_html("brief.html")',
        ]
    )
