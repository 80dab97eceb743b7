"""Readable names: of variables, parameters, places, verdicts."""

import re
from collections.abc import Mapping
from typing import Any

from detente.files.scenarios import presets
from detente.outcome import Outcome
from detente.strategic import BY_TREATY, DIRECTED
from detente.vocabulary import terms

VERDICT_MARKS = {
    "holds": "●",
    "contradicted": "○",
    "negligible": "≈",
    "undecided": "?",
    "point estimate only": "·",
    "no equilibrium": "×",
    "not computed": "–",
    "not yet modelled": "…",
}
VERDICT_MEANS = {
    "holds": "at least 90 % of the draws lie beyond the threshold in the direction claimed",
    "contradicted": "at least 90 % of the draws lie beyond the threshold in the other direction",
    "negligible": "at least 90 % of the draws lie within the threshold",
    "undecided": "none of the three reaches 90 % of the draws; of a claim that something does not "
    "fall (or rise), every draw on its side of the threshold counts for it",
}
PARAMETERS = {"trade_elasticity_level": "common level of all trade elasticities"}
# Parameters of an exchange whose names are terms of art.
OF_ARSENALS = {
    "cep": "miss distance",
    "found": "chance to be found",
    "hidden": "share hidden, against the table",
    "kill_found": "chance to be killed when found",
    "command": "chance that command survives",
    "command_gain": "gain of command on alert",
    "common": "share of losses in common",
    "hunting": "skill at hunting",
    "interception": "place in the range of interception",
}
# Groups whose names are no abbreviations and hold names.
GROUPS = {
    "ARAB_LEAGUE": "Arab League",
    "EASTERN_EUROPE": "Eastern Europe",
    "EAST_ASIA": "East Asia",
    "FIVE_EYES": "Five Eyes",
    "MIDDLE_EAST": "Middle East",
    "RUSSIA_NEIGHBOURS": "Neighbours of Russia",
    "RUSSIA_SANCTIONERS": "Sanctioners of Russia",
    "US_MNNA": "Major non-NATO allies of the US",
}
# Names that a sentence gives an article.
ARTICLE = re.compile(
    r"United .*|.* (Islands|Republic)|DR Congo|Bahamas|Comoros|Gambia|Maldives|Netherlands|"
    r"Philippines|Arab League|BRICS|CIS|CSTO|EAEU|EFTA|EU|Five Eyes|G7|G20|GCC|Middle East|SCO|"
    r"USMCA|World|Major .*|Neighbours .*|Sanctioners .*"
)
COMMON = ("World", "Major", "Neighbours", "Sanctioners")
OF_THE_SYSTEM = {
    "polarization": "polarization of positions, all states weighted by output",
    "frustration": "the share of ties, by weight, that run against the two camps",
}
OF_A_CAMP = {
    "camp_votes": "the share of General Assembly votes",
    "camp_output": "the share of world output",
    "camp_capability": "the share of world capability (output times output per head)",
    "camp_block": "the chance to stop a simple majority in the General Assembly",
    "camp_power": "the voting power (Shapley-Shubik, two thirds)",
}
OF_A_GROUP = {
    "capability_share": "share of world capability (output times output per head)",
    "power_to_pass": "chance to carry two thirds in the General Assembly",
    "power_to_block": "chance to stop two thirds in the General Assembly",
}
STANDING = {
    "position": "position of {} in General Assembly votes",
    "tie_weight": "weight of “{}” in the rule of ties",
}
# Layers that ties are read from.
TIES = {
    "defence_pact": "defence pact",
    "eu_42_7": "assistance clause of the European Union",
    "alliance": "pact to consult or not to attack",
    "troops": "troops hosted",
    "membership": "major non-NATO ally by United States law",
    "sanction_trade": "trade sanctions",
    "sanction_financial": "complete financial sanctions",
    "ideal_point": "distant positions in General Assembly votes",
}
OF_PAIRS = {
    "pair_trade": "goods trade",
    "position_gap": "distance of positions",
    "dispute_risk": "disputes expected in a year",
    "fatal_dispute_risk": "disputes with deaths expected in a year",
    "war_risk": "wars expected in a year",
    "challenge_risk": "risk of a dispute",
    "challenge_risk_by_treaty": "risk of a dispute, by treaties alone,",
    "second_strike": "chance to answer a first strike with ten warheads, lower side,",
    "second_strike_100": "chance to answer a first strike with a hundred warheads, lower side,",
}
MODELS = {
    "security": "the models of security (disputes, deterrence, arsenals, spending)",
    "alignment": "the model of alignment (votes and positions)",
    "blocs": "the model of blocs",
    "ties": "the model of ties made and broken",
    "wedge": "the search over single ties",
}


def variable(name: str) -> str:
    """Return the readable name of an outcome: `real_income` is `real income`."""
    return name.replace("_", " ")


def parameter(name: str, names: Mapping[str, str] | None = None) -> str:
    """Return the readable name of a parameter.

    Parameters
    ----------
    name
        Column of the ensemble.
    names
        Readable names of sectors and countries, by code.

    Examples
    --------
    >>> parameter("trade_elasticity[vehicles]")
    'trade elasticity of vehicles'
    >>> parameter("agreement_effect[USA]")
    'long-run effect of a trade agreement on flows, its tariff cuts included (USA)'
    >>> parameter("tie_weight[eu_42_7]")
    'weight of “assistance clause of the European Union” in the rule of ties'
    >>> parameter("deterrence.pact_effect")
    'pact effect (deterrence)'
    >>> parameter("exchange.cep[USA silo]")
    'miss distance of USA, silo (exchange)'
    """
    if name in PARAMETERS:
        return PARAMETERS[name]
    part, point, rest = name.partition(".")
    if point:
        stem, _, inside = rest.removesuffix("]").partition("[")
        state, _, weapon = inside.partition(" ")
        where = f" of {(names or {}).get(state, state)}" if inside else ""
        weapons = f", {weapon}" if weapon else ""
        return f"{OF_ARSENALS.get(stem, stem.replace('_', ' '))}{where}{weapons} ({part})"
    stem, _, inside = name.rstrip("]").partition("[")
    if stem in STANDING:
        known = {**TIES, **(names or {})}
        return STANDING[stem].format(known.get(inside, inside.replace("_", " ")))
    row = terms().get(stem)
    if inside and (row is None or row.kind != "parameter"):
        where = (names or {}).get(inside, inside.replace("_", " "))
        return f"{stem.replace('_', ' ')} of {where[:1].lower()}{where[1:]}"
    text = row.description if row else stem.replace("_", " ")
    said = f"{text[:1].lower()}{text[1:]}"
    return f"{said} ({(names or {}).get(inside, inside)})" if inside else said


def readable(outcome: Outcome) -> dict[str, str]:
    """Return readable names of countries, and of sectors where the world is at hand."""
    sectors = dict(outcome.world.sector_names) if outcome.world else {}
    return {**outcome.country_names, **sectors}


def place(outcome: Outcome, word: str | list[str]) -> str:
    """Return the readable name of a country, a group, or a list of either."""
    if not isinstance(word, str):
        return ", ".join(place(outcome, one) for one in word)
    if word.startswith("@"):
        name = word.removeprefix("@")
        # Abbreviations stay as they are; words joined by a low line are words.
        plain = name.replace("_", " ").capitalize() if "_" in name else name
        name = GROUPS.get(name, plain)
        return "World" if name == "WORLD" else f"{name} ({len(outcome.members(word))})"
    return outcome.name(word)


def inside(name: str) -> str:
    """Return the name of a country or a group as it stands inside a sentence.

    Examples
    --------
    >>> inside("United States"), inside("Major powers (7)"), inside("NATO (32)")
    ('the United States', 'the major powers (7)', 'NATO (32)')
    """
    plain = name.partition(" (")[0]
    if not ARTICLE.fullmatch(plain):
        return name
    first = name.partition(" ")[0]
    return f"the {first.lower() if first in COMMON else first}{name.removeprefix(first)}"


def _inside(outcome: Outcome, word: str | list[str]) -> str:
    several = [word] if isinstance(word, str) else word
    return listed([inside(place(outcome, one)) for one in several])


def subject(outcome: Outcome, claim: Mapping[str, Any]) -> str:
    """Return what a claim is about: "real income of Russia"."""
    where = claim["where"]
    if not where:
        return OF_THE_SYSTEM[claim["variable"]]
    if claim["variable"] in OF_A_CAMP:
        return f"{OF_A_CAMP[claim['variable']]} of the camp of {_inside(outcome, where['country'])}"
    if claim["variable"] in OF_A_GROUP:
        return f"{OF_A_GROUP[claim['variable']]} of {_inside(outcome, where['country'])}"
    what = OF_PAIRS.get(claim["variable"])
    if what is None:
        return f"{variable(claim['variable'])} of {_inside(outcome, where['country'])}"
    if "country" in where:
        return f"{what} among {_inside(outcome, where['country'])}"
    ends = [_inside(outcome, where[end]) for end in ("origin", "destination")]
    if claim["variable"] in DIRECTED:
        alone = ", by treaties alone" if claim["variable"] == BY_TREATY else ""
        return f"the risk that {ends[0]} begins a dispute with {ends[1]}{alone}"
    return f"{what} between {ends[0]} and {ends[1]}"


def listed(parts: list[str]) -> str:
    """Return "a", "a and b", "a, b and c"."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return "1 draw" or "3 draws"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def on_command_line(outcome: Outcome, scenario: str) -> str:
    """Return what to call a scenario on the command line: a preset, or the file it was read from.

    A scenario made in Python stands in no file: it is called by its name, as if it were saved.
    """
    page = outcome.manifest.get("scenarios", {}).get(scenario, {})
    return page.get("read_from") or (scenario if scenario in presets() else f"{scenario}.yaml")
