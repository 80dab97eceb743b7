"""The section on security in words: what was found, how, and what it rests on."""

from typing import TYPE_CHECKING, Any

from detente.brief import numbers, words
from detente.strategic import DIRECTED, OF_ARSENALS

if TYPE_CHECKING:
    from detente.score import Score

TITLES = {
    "pairs": "Risk that one state begins a dispute with another",
    "regions": "Disputes expected in a year",
    "spending": "Military spending ten years on",
    "arsenals": "Second strike",
}
NOTES = {
    "pairs": "Probability in a year that the first begins a militarized dispute with the second, "
    "or with several states the number of disputes expected: a threat, display or use of force. "
    "Most disputes see no death. Which side begins is hardly told apart: the two directions share "
    "the risk of a pair almost evenly. Changes are in per cent of the risk before, not in points.",
    "regions": "Expected number among the pairs of states named, and its change in per cent.",
    "spending": "A year's spending at constant prices, on the path without the edits, and its "
    "change in per cent.",
    "arsenals": "Probability that the side worse placed could still answer a first strike of the "
    "other with ten warheads, or with a hundred. Changes are in points of that probability. "
    "An index of stability, not a plan: classes of weapons as points, no geography.",
}
LABELS = {
    "challenge_risk": "dispute begun",
    "dispute_risk": "dispute",
    "fatal_dispute_risk": "dispute with deaths",
    "war_risk": "war",
    "military_outlays": "spending",
    "second_strike": "ten warheads",
    "second_strike_100": "a hundred warheads",
}
# One line wherever levels of risk stand.
ROUGH = (
    "Levels are rough: each is a rate among past disputes of states with like traits, and no "
    "forecast of a day. A dispute is a threat, display or use of force; most see no death."
)
STILL = (
    "Nothing in this scenario reaches risk, deterrence, spending or arsenals: they stay as in the "
    "base world. `detente show OUTCOME --variable dispute_risk` prints levels."
)
BILLION = 1000.0  # million USD
LEAST = 0.01  # levels below are not told apart


def level(row: dict[str, Any], figure: dict[str, Any]) -> str:
    """Return a level with its unit and interval.

    Parameters
    ----------
    row
        Of the content.
    figure
        One of its levels.
    """
    variable = row["variable"]
    if variable == "military_outlays":
        factor, unit = 1 / BILLION, f"{numbers.THIN}bn USD"
    elif variable in OF_ARSENALS or (row["pair"] and variable in DIRECTED):
        factor, unit = 100.0, f"{numbers.THIN}%"
    else:
        factor, unit = 1.0, ""
    text = f"{_number(factor * figure['median'])}{unit}"
    if figure["p05"] is None or figure["p05"] == figure["p95"]:
        return text
    return f"{text} [{_number(factor * figure['p05'])}, {_number(factor * figure['p95'])}]"


def _number(value: float) -> str:
    """Return two significant digits, without an exponent."""
    if 0 < abs(value) < LEAST:
        return f"< {LEAST:g}"
    if abs(value) >= 100:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{float(f'{value:.2g}'):g}"


def tables(content: dict[str, Any] | None, short: bool = False) -> list[dict[str, Any]]:
    """Return the tables of the section in texts: key, title, note, head, rows.

    Parameters
    ----------
    content
        Of the section.
    short
        At most eight rows a table.
    """
    if not content:
        return []
    after = content["worlds"][1:]
    found = []
    for part, title in TITLES.items():
        rows = content[part]
        if not rows:
            continue
        several = len({row["variable"] for row in rows}) > 1
        heads = ["what"] if several else []
        # The title of the only scenario stands above the page.
        changes = [f"change: {w['title']}" for w in after] if len(after) > 1 else ["change"]
        heads += ["before", *changes[: len(after)]]
        lines = [
            [
                row["name"],
                *([row["label"]] if several else []),
                level(row, row["levels"][0]),
                *(numbers.full(figure) for figure in row["changes"]),
            ]
            for row in rows[: 8 if short else None]
        ]
        found.append(
            {"key": part, "title": title, "note": NOTES[part], "head": ["", *heads], "rows": lines}
        )
    return found


def texts(content: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the section in texts and tables; None where there is none."""
    if not content:
        return None
    keys = ("found", "method", "assumptions")
    return {key: content[key] for key in keys} | {"tables": tables(content)}


def found(content: dict[str, Any]) -> list[str]:
    """Return what the scenarios change, in sentences."""
    lines = [
        f"{s['title']}: reaches no number of this section."
        for s in content["worlds"][0]["scenarios"]
    ]
    for place, world in enumerate(content["worlds"][1:]):
        moved = [
            (abs(row["changes"][place]["median"]), row)
            for part in TITLES
            for row in content[part]
            if numbers.sign_of(row["changes"][place]) != "unsure"
        ]
        moved = [pair for pair in moved if pair[0] >= 0.05]
        if not moved:
            lines.append(f"{world['title']}: no number of this section moves by 0.05 or more.")
            continue
        named = sorted(moved, key=lambda pair: -pair[0])[:4]
        said = [f"{row['said']}: {numbers.full(row['changes'][place])}" for _, row in named]
        where = f" in “{world['title']}”" if len(content["worlds"]) > 2 else ""
        lines.append(
            f"The largest changes of risk, spending and arsenals{where}, in per cent of the level "
            f"before or in points of probability: {'; '.join(said)}."
        )
    return lines


def method(content: dict[str, Any]) -> list[str]:
    """Return how the numbers were made and what they cannot tell."""
    draws = (
        "This is a point estimate: every parameter at its centre."
        if content["point"]
        else f"Intervals run over {words.counted(content['draws'], 'draw')}; before and after "
        "share every draw, so that a change is due to the edits alone."
    )
    return [
        draws,
        *scores(),
        "Risk is that of past disputes of states with like traits: who borders whom, how strong, "
        f"how governed, how they vote, how often they clashed. {ROUGH} Changes rest on the "
        "assumptions named below.",
    ]


def scores() -> list[str]:
    """Return how the forecasts behind the section fared out of sample, from the shipped records."""
    from detente.security import dispute_scores, spending_record

    # Of all pairs in the first list of disputes: the model that serves the world, and the best.
    precision: dict[str, Score] = {}
    for one in dispute_scores.scores():
        if one.measure == "average precision" and one.name.endswith(", all pairs"):
            precision.setdefault(one.name.removesuffix(", all pairs"), one)
    served, carried, best = (
        precision[dispute_scores.FORECASTS[key]]
        for key in ("transparent", "carried_forward", "mixed")
    )
    found = [
        f"Forecasts of disputes in {served.sample.split(', ')[1]} by the model used here: "
        f"{served.measure} {served.ours:.3f} when it is updated yearly and {carried.ours:.3f} when "
        f"it is carried on from {carried.name.split(', ')[1].removeprefix('carried from ')}, "
        f"against {served.baseline:.3f} for {served.baseline_name}. The best model, which shows "
        f"less of its reasons, has {best.ours:.3f}. detente backtest security prints every score."
    ]
    flag = spending_record.flag()
    if flag:
        found.append(
            f"Military spending: answers to threat, rivals and allies are {flag}; they did not "
            "improve forecasts over output alone."
        )
    found.append(
        "Literature behind the assumptions: Leeds (2003), Benson (2011), Kenwick, Vasquez and "
        "Powers (2015) on pacts; Berkemeier and Fuhrmann (2018) on reliability; Nordhaus, Oneal "
        "and Russett (2012) on spending; Lieber and Press (2006, 2017), Glaser and Fetter (2016), "
        "Wu (2020) on arsenals. Numbers and sources stand in the explanation pages."
    )
    return found
