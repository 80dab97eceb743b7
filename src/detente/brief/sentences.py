"""The sentences of a brief, made from its numbers; neutral, one thought each."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from detente import imbalance
from detente.brief import numbers, words
from detente.measured import change
from detente.outcome import Outcome
from detente.strategic import BY_TREATY, DIRECTED
from detente.verdict import STAYS

if TYPE_CHECKING:
    from detente.alignment.response_record import Score

ADJUSTED = (
    "It compares two states of the world economy after everyone has adjusted. It says nothing of "
    "the way there: how long it takes, who is out of work meanwhile, what banks or prices do."
)
A_YEAR_ON = (
    "It compares two states of the world economy a year on: labour stays in its sector, and trade "
    "answers as it does in the first year. It says nothing of the years after, of who is out of "
    "work meanwhile, or of what banks do."
)
TRADE_LIMITS = (
    "Each country is one household. Gains and losses within a country, between regions, firms and "
    "workers, are not seen; a country can gain while most of its people lose.",
    "Investment, migration, technology and the decisions of firms to enter or leave are held "
    "fixed. Effects through them can be larger than those shown, in either direction.",
    "Sanctions and agreements enter through their average effect on trade in the past. Financial "
    "sanctions, seized assets and shipping rules act only as far as that past effect holds them.",
    "Many sector flows of small countries are estimated, not observed; the share is shown beside "
    "each country where it is known.",
)
SHARES = (
    "A share of draws is a statement about this model and these priors, not a probability that "
    "the world will turn out so."
)
ASSUMED = (
    "Trade and real income rest on estimates; risk, deterrence, spending and arsenals rest on "
    "assumptions as much as on evidence, and each claim on them names what it hangs on."
)
BY_HORIZON = {
    "long": "The economy is compared after full adjustment; nothing is said of the way there or of "
    "who within a country gains or loses.",
    "short": "The economy is compared a year on, with labour in its sector and trade that has "
    "hardly answered; nothing is said of later years or of who within a country gains or loses.",
}
UNREAD = "read by no model yet: changes no number here"
PRODUCT = (
    "The rows of trade elasticities multiply: the value used of a sector is its own row times the "
    "common level of all trade elasticities, and in the short run times the ratio of the first "
    "year. The range of the value used is that of the product, so it is wider than the row's own."
)


def caveats(outcome: Outcome) -> list[str]:
    """Return what to bear in mind before any number is read."""
    strategic = outcome.strategic
    # Where no edit reaches them nothing is said of risk and arsenals that would need care.
    reached = strategic and any(strategic.worlds.get(name) for name in outcome.full_scenarios)
    horizon = BY_HORIZON[outcome.manifest.get("horizon", "long")]
    shares = [] if outcome.is_point else [SHARES]
    large = imbalance.notes(outcome)
    return [*large, *shares, *([ASSUMED] if reached else []), horizon]


def weighed(claims: list[dict[str, Any]]) -> str:
    """Return how many claims of each side got which verdict, or that a point gives none."""
    if all(claim["verdict"] == "point estimate only" for claim in claims):
        count = words.counted(len(claims), "claim stands", "claims stand")
        return f"{count} with a number and without a verdict: a point estimate gives none."
    sides = [side_count(claims, side) for side in ("for", "against")]
    return "Claims weighed. " + " ".join(text for text in sides if text)


def side_count(claims: list[dict[str, Any]], side: str) -> str:
    """Return "For: 2 hold, 1 undecided." of some weighed claims."""
    asked = [claim for claim in claims if claim["side"] == side]
    counts = Counter(claim["verdict"] for claim in asked)
    idle = Counter(c["verdict"] for c in asked if "reach nothing" in c.get("note", ""))
    parts = [
        f"{counts[v]} {'hold' if v == 'holds' and counts[v] > 1 else v}"
        + (f" ({idle[v]} of them reached by no edit)" if idle[v] else "")
        for v in words.VERDICT_MARKS
        if counts[v]
    ]
    return f"{side.capitalize()}: {', '.join(parts)}." if parts else ""


def country(name: str, variable: str, figure: dict[str, Any]) -> str:
    """Return one country's change in words, with its interval."""
    what = words.variable(variable)
    if numbers.is_still(figure):
        least = f"0.001{numbers.unit(figure)}"
        often = "" if figure["p05"] is None else " in nine draws of ten"
        return f"{name}: {what} moves by less than {least}{often}."
    kind = numbers.sign_of(figure)
    if kind != "unsure" and abs(figure["median"]) < numbers.STILL:
        least = f"0.001{numbers.unit(figure)}"
        return f"{name}: {what} moves by less than {least} at the median, {numbers.full(figure)}."
    if kind == "unsure":
        agree = max(figure["share_positive"], 1 - figure["share_positive"])
        way = "rises" if figure["share_positive"] >= 0.5 else "falls"
        return (
            f"{name}: the sign of the change of {what} is uncertain, {numbers.full(figure)}; it "
            f"{way} in {numbers.share(agree)} of the draws."
        )
    verb = "rises" if kind == "up" else "falls"
    return f"{name}: {what} {verb}, {numbers.full(figure)}."


UNWEIGHED = "Claims are weighed when the run has ended."


def unfinished(page: dict[str, Any]) -> str:
    """Return how far an interrupted run has come, and what waits for its end."""
    facts = page["certificate"]
    if facts["draws"] >= facts["asked"]:
        return (
            f"Unfinished: all {facts['draws']} draws are solved, and no claim, position or risk is "
            "weighed, until the same run is given again and goes on"
        )
    return (
        f"Unfinished: {facts['draws']} of {facts['asked']} draws are solved. Numbers may move, and "
        "no claim, position or risk is weighed, until the same run is given again and goes on"
    )


# What each line under a claim answers, in the order in which they are read.
HEADS = {
    "judged": "Draws",
    "thresholds": "Threshold",
    "due_to": "Edits alone",
    "treaties": "Treaties alone",
    "driver": "Spread from",
    "flip": "Turns with",
}


def claim_lines(outcome: Outcome, claim: dict[str, Any]) -> dict[str, Any]:
    """Return the sentences under one weighed claim, keyed by what they answer."""
    names = words.readable(outcome)
    lines = {"subject": words.subject(outcome, claim)}
    if "median" not in claim:
        return lines | {"judged": claim.get("note", "")}
    lines["judged"] = _judged(claim)
    lines["thresholds"] = _thresholds(claim)
    lines["due_to"] = _due_to(claim)
    lines["treaties"] = _treaties(outcome, claim)
    lines["driver"] = _driver(claim, names)
    lines["flip"] = _flip(claim, names)
    return lines


def _judged(claim: dict[str, Any]) -> str:
    if claim["share_beyond"] is None:
        return claim["note"]
    limit = numbers.limit(claim["threshold"], claim)
    if claim["direction"] in STAYS:
        verb = claim["direction"].removeprefix("does_not_")
        return (
            f"{numbers.share(claim['share_beyond'])} do not {verb} by more than {limit}, "
            f"{numbers.share(claim['share_opposite'])} do ({_draws(claim)})."
        )
    way = {"rises": ("up", "down"), "falls": ("down", "up")}[claim["direction"]]
    return (
        f"{numbers.share(claim['share_beyond'])} beyond {limit} {way[0]}, "
        f"{numbers.share(claim['share_inside'])} within, "
        f"{numbers.share(claim['share_opposite'])} beyond {limit} {way[1]} ({_draws(claim)})."
    )


def _draws(claim: dict[str, Any]) -> str:
    """Return how many draws judge a claim, and what is to be said of them; each once."""
    count, note = words.counted(claim["draws"], "draw"), claim["note"]
    failed = f"{claim['failed_draws']} failed" if claim["failed_draws"] else ""
    said = [note if count in note else count, failed, "" if count in note else note]
    return "; ".join(part for part in said if part)


def _thresholds(claim: dict[str, Any]) -> str:
    if claim["share_beyond"] is None:
        return ""  # a point has no verdict, at any threshold
    whole, half, double = (
        numbers.limit(factor * claim["threshold"], claim) for factor in (1, 0.5, 2)
    )
    return (
        f"at {whole} {claim['verdict']}; at half ({half}) {claim['verdict_half']}; "
        f"at double ({double}) {claim['verdict_double']}."
    )


def _due_to(claim: dict[str, Any]) -> str:
    if len(claim["due_to"]) == 1:
        return f"{claim['due_to'][0]['label']} only: the claim is about no other edit."
    unit = {"unit": claim["unit"]}
    parts, idle = [], []
    for part in claim["due_to"]:
        if numbers.is_nothing(part):
            idle.append(part["label"])
        else:
            parts.append(f"{part['label']} {numbers.full(part | unit)}")
    # Those that do nothing are named together: their zeros would hide what does something.
    parts += [f"{words.listed(idle)} 0"] if idle else []
    return f"{'; '.join(parts)}." if parts else ""


def _treaties(outcome: Outcome, claim: dict[str, Any]) -> str:
    """Return how much of a change of risk the texts of treaties bring about by themselves."""
    if claim["variable"] != DIRECTED[0] or not claim["due_to"]:
        return ""
    values = change(outcome, BY_TREATY, claim["where"], claim["scenario"])
    low, middle, high = (float(q) for q in np.quantile(values, (0.05, 0.5, 0.95)))
    ends = {"p05": None, "p95": None} if outcome.is_point else {"p05": low, "p95": high}
    alone = numbers.full({"median": middle, **ends})
    return f"{alone}; the rest is the assumption that doubt about one promise spreads to others."


def _driver(claim: dict[str, Any], sectors: dict[str, str]) -> str:
    drivers = claim["drivers"]
    if not drivers:
        return f"none to name: {claim['drivers_note']}." if claim["drivers_note"] else ""
    named = [d for d in drivers[:3] if d["share"] >= 0.05] or drivers[:1]
    parts = [
        f"{words.parameter(d['parameter'], sectors)} ({numbers.share(d['share'])})" for d in named
    ]
    return f"{'; '.join(parts)}. The regression explains {numbers.share(claim['drivers_r2'])}."


def _flip(claim: dict[str, Any], sectors: dict[str, str]) -> str:
    flip = claim["flip"]
    if flip is None:
        return ""
    if flip["parameter"] is None:
        tried = words.listed([words.parameter(name, sectors) for name in flip["tried"]])
        return (
            f"no value found: at neither end of the prior of {tried} (0.1 and 99.9 per cent) "
            "does the point estimate cross the threshold."
        )
    sides = {
        "beyond": "beyond the threshold",
        "inside": "within the threshold",
        "opposite": "beyond the opposite threshold",
    }
    lower, chance = flip["value"] < flip["central"], flip["within_prior"]
    tail, turn = (chance, "below") if lower else (1 - chance, "above")
    unit = f", {flip['unit']}" if flip["unit"] else ""
    return (
        f"{words.parameter(flip['parameter'], sectors)} {turn} {numbers.plain(flip['value'])} "
        f"(central {numbers.plain(flip['central'])}{unit}): the point estimate goes from "
        f"{sides[flip['before']]} to {sides[flip['after']]}. The prior gives "
        f"{numbers.share(tail)} to values {turn} it."
    )


def limits(outcome: Outcome, page: dict[str, Any]) -> list[str]:
    """Return what this cannot tell."""
    short = outcome.manifest.get("horizon") == "short"
    found: list[str] = [A_YEAR_ON if short else ADJUSTED, *TRADE_LIMITS]
    unread = sorted({layer for scenario in page["scenarios"] for layer in scenario["unread"]})
    # What a run that was interrupted has not come to says nothing of what models read.
    if unread and not outcome.manifest.get("interrupted"):
        found.insert(
            0,
            "No model reads "
            f"{words.listed([layer.replace('_', ' ') for layer in unread])}: edits of these "
            "layers change no number here.",
        )
    if outcome.standing is not None:
        found += standing_limits(outcome.standing.responded is not None)
    if page["not_modelled"]:
        found.insert(
            0,
            "Claims that no model weighs are named, and neither supported nor refuted.",
        )
    return found


def standing_limits(responded: bool) -> list[str]:
    """Return what positions and camps cannot tell, with the scores of the response.

    Parameters
    ----------
    responded
        Whether third states were let respond.
    """
    from detente.alignment.response_record import response_model

    model = response_model()
    trust = f"{model.flag}, " if model.flag else ""
    follow = (
        f"Positions of third states respond to the edits by an estimate: {trust}counted because "
        "it was asked for, and no statement of cause."
        if responded
        else "Positions and ties change by the edits alone. How third states would follow is "
        f"{trust}left out."
    )
    return [
        "Positions are those of votes in the General Assembly, where the United States often votes "
        "with few others: a state can be an ally and vote far from it. Distances there are not "
        "alignment in security.",
        f"{follow} {_scored(model.scored)}",
        "Camps follow from a published rule that turns layers into signed ties. Results depend on "
        "the rule more than on the method that finds the camps.",
    ]


def _scored(scores: "Sequence[Score]") -> str:
    """Return how often forecasts of positions beat the naive ones out of sample."""
    walk = sum(score.verdict_random_walk == "beats" for score in scores)
    own = sum(score.verdict_own_history == "beats" for score in scores)
    ahead = sorted({score.horizon for score in scores})
    return (
        f"Of {len(scores)} tests out of sample, {ahead[0]} to {ahead[-1]} sessions ahead, its "
        f"forecasts beat a random walk in {walk} and each state's own history in {own}: detente "
        "backtest alignment prints every score."
    )


def method(outcome: Outcome) -> str:
    """Return one sentence on the uncertainty behind every interval."""
    if outcome.is_point:
        return "A point estimate, every parameter at its median: it carries no interval."
    return (
        f"Intervals run from 5 to 95 per cent of {outcome.data.sizes['draw']:,} draws of the "
        "parameters; the number before them is the median. A sign is called uncertain where "
        "fewer than 90 per cent of the draws agree on it."
    )
