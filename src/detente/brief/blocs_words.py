"""The bloc section of a brief in words: the rule, what was found, what moves."""

import math
from typing import Any

from detente.blocs import tie_rule
from detente.brief import influence, numbers, words

MOST_NAMED = 6
MOST_SHORT = 15
LEAST_MOVE = 5  # points
# How a layer is read, where the rule reads it so that its name fits.
READINGS = {
    "defence_pact": "mean",
    "eu_42_7": "max",
    "alliance": "bits 60",
    "troops": "max",
    "membership": "status US_MNNA USA",
    "sanction_trade": "max",
    "sanction_financial": "max",
    "ideal_point": "distance",
}


def _layer(layer: str, measure: str) -> str:
    """Return the readable name of a layer of the rule."""
    return words.TIES[layer] if READINGS.get(layer) == measure else layer.replace("_", " ")


def membership(row: dict[str, Any], anchor: str, number: int) -> str:
    """Return a cell of the table: share of all draws before, and after where it differs.

    In the draws in which no chain of ties joins a state to the camps it is in none: those with
    either camp and those untied add up to all.

    Parameters
    ----------
    row
        Of the content.
    anchor
        Whose camp.
    number
        Place of the world that is compared with the first.
    """
    before, after = (_share(_of_all(row["cells"][n], anchor)) for n in (0, number))
    return before if before == after else f"{before} → {after}"


def _of_all(cell: dict[str, Any], anchor: str) -> float | None:
    share = cell["together"][anchor]
    return share if share is None else share * (1 - cell["untied"])


def untied(row: dict[str, Any], number: int) -> str:
    """Return the share of draws in which no chain of ties leads to the first anchor."""
    before, after = (numbers.share(row["cells"][n]["untied"]) for n in (0, number))
    return before if before == after else f"{before} → {after}"


def table(content: dict[str, Any], number: int = 0, short: bool = False) -> dict[str, Any]:
    """Return one table in texts: a world beside the one before.

    Parameters
    ----------
    content
        Of the section.
    number
        Place of the world in the content; 0 is the world before, alone.
    short
        Only the states that move, are uncertain, or are an anchor.

    Returns
    -------
    dict
        title, head, rows.
    """
    columns = content["anchors"]
    anchors = {anchor for row in content["rows"] for anchor in row["cells"][0]["together"]}
    rows = [
        row
        for row in content["rows"]
        if not short or row["moved"] or row["unsure"] or row["iso3"] in anchors
    ]
    return {
        "title": content["worlds"][number]["title"],
        "head": ["state", *(column["label"] for column in columns), "untied", "ties"],
        "rows": [
            [
                row["name"],
                *(membership(row, column["anchor"], number) for column in columns),
                untied(row, number),
                str(row["ties"]),
            ]
            for row in rows[: MOST_SHORT if short else None]
        ],
    }


def tables(content: dict[str, Any] | None, short: bool = False) -> list[dict[str, Any]]:
    """Return a table for each world after, or that of the world before where none differs."""
    if not content:
        return []
    numbered = range(1, len(content["worlds"])) or [0]
    return [table(content, number, short) for number in numbered]


def texts(content: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the section in texts and tables; None where there is none."""
    if not content:
        return None
    known = content["influence"] or {"method": []}
    return {
        "found": content["found"],
        "method": [*content["method"], *known["method"]],
        "tables": [*tables(content), *influence.tables(content["influence"])],
    }


def _share(value: float | None) -> str:
    return "no tie" if value is None else numbers.share(value)


def _layers(sign: int) -> str:
    rule = tie_rule()
    rule = rule[rule["sign"] == sign]
    return words.listed(
        [
            f"{_layer(layer, measure)} ({numbers.plain(weight)})"
            for layer, measure, weight in zip(
                rule["layer"], rule["measure"], rule["weight"].astype(float), strict=True
            )
        ]
    )


def method(found: dict[str, Any]) -> list[str]:
    """Return what was done and what it cannot tell, in sentences."""
    counts, base = found["counts"], found["worlds"][0]
    anchor = found["sides"][0]["code"]
    rule = (
        f"The rule of the ties, with the largest weight of each layer. For a tie: {_layers(1)}. "
        f"Against it: {_layers(-1)}. What is left of the sum is the tie: at the centre of the "
        f"rule {counts['ties']:,} ties among {counts['states']} states, {counts['positive']:,} "
        f"positive and {counts['negative']:,} negative. Tariffs and embargoes do not count."
    )
    best = words.counted(round(base["optima"]), "best partition")
    if abs(base["optima"] - round(base["optima"])) > 0.005:
        best = f"{base['optima']:.2f} best partitions on average"
    unproved = max(world["unproved"] for world in found["worlds"])
    proof = f"in {numbers.share(unproved)} of the draws without" if unproved else "with"
    how = (
        f"The two camps are those that the least weight of ties speaks against, {proof} proof of "
        f"that. Before the scenario a draw has {best}; where there are several they count in "
        "equal parts."
    )
    draws = (
        "This is a point estimate: ties at the centre of the rule, and no probabilities."
        if found["point"]
        else f"A membership is the share of {words.counted(counts['draws'], 'draw')} in which a "
        "state is in one camp with the state named. Draws vary the weights within their ranges, "
        "positions by their spread, and sanctions by how sure they are; both worlds are drawn "
        "alike. A share of all draws is no certainty: it says that no draw of this rule differs. "
        f"With so few draws a share near one half may be {_off(counts['draws'])} points off, and "
        "with another seed such a state may stand elsewhere."
    )
    return [
        rule,
        how,
        draws,
        "That there are two camps is imposed, not found. A state with few ties is put where those "
        f"few pull it; a state that no chain of ties joins to {anchor} has no camp in that draw.",
        "Membership rests on the rule more than on the algorithm: the weights are judgements, and "
        "another rule makes other camps. A camp is not an alliance, and its members have not "
        "chosen it.",
    ]


def _off(draws: int) -> int:
    """Return how far, in points, a share of one half may lie from that of many draws."""
    return round(100 * 1.96 * 0.5 / math.sqrt(max(draws, 1)))


def found(content: dict[str, Any]) -> list[str]:
    """Return what the camps are and what the scenarios change, in sentences."""
    lines = [line for world in content["worlds"] for line in _of_world(content, world)]
    return [*_responded(content.get("responded")), *lines]


def _responded(given: dict[str, Any] | None) -> list[str]:
    """Return that third states were let respond, and how far that is to be trusted."""
    if not given:
        return []
    known = f"This is {given['flag']}: " if given["flag"] else ""
    return [
        "Third states respond here: after the edits their positions in General Assembly votes are "
        f"those expected {words.counted(given['horizon'], 'session')} on. {known}errors of its "
        f"forecasts out of sample were {'; '.join(given['scores'])}."
    ]


def _of_world(found: dict[str, Any], world: dict[str, Any]) -> list[str]:
    left, right = (side["label"] for side in found["sides"])
    sizes, weight = world["sizes"], world["frustration"]
    places = 2 if weight["median"] < 1 else 1
    span = f"{weight['median']:.{places}f}{numbers.THIN}%"
    if not found["point"]:
        span += f" [{weight['p05']:.{places}f},{numbers.GLUE}{weight['p95']:.{places}f}]"
    stand = "stands" if sizes["left"] == 1 else "stand"
    unsure = f"; {sizes['between']} uncertain" if sizes["between"] else ""
    camps = (
        f"{world['title']}: {words.counted(sizes['left'], 'state')} {stand} {left} and "
        f"{sizes['right']} {right}{unsure}; {sizes['loose']} without a chain of ties to "
        f"{found['sides'][0]['code']} in half of the draws or more. Of the weight of all ties "
        f"{span} runs against this division."
    )
    if world["number"] == 0:
        no_tie = "changes none of the ties that camps rest on"
        return [camps, *(f"{s['title']}: {no_tie}." for s in world["scenarios"])]
    ties = [
        f"{one['names']} ({tie(one['before'])} → {tie(one['after'])})"
        for one in world["changed"][:MOST_NAMED]
    ]
    more = len(world["changed"]) - len(ties)
    ties += [f"{more} more"] if more > 0 else []
    said = words.counted(len(world["changed"]), "tie")
    changed = f"With each weight of the rule at its centre the scenario changes {said}"
    return [camps, f"{changed}: {words.listed(ties)}." if ties else f"{changed}.", _moves(world)]


def tie(value: float) -> str:
    """Return the signed weight of a tie; 0 where there is none."""
    # A weight that two decimals would round away keeps its first digit.
    text = numbers.plain(round(value, 2), 2) if abs(value) >= 0.005 else numbers.plain(value, 1)
    return f"+{text}" if value > 0 else text


def _moves(world: dict[str, Any]) -> str:
    least = f"{LEAST_MOVE} points"
    if not world["moved"]:
        return f"No membership moves by {least} or more."
    shown = [f"{move['name']} ({_move(move)})" for move in world["moved"][:MOST_NAMED]]
    more = len(world["moved"]) - len(shown)
    shown += [f"{more} more"] if more > 0 else []
    return f"Memberships that move by {least} or more: {words.listed(shown)}."


def _move(move: dict[str, Any]) -> str:
    shares = [_share(move[key]) for key in ("before", "after")]
    loose = [numbers.share(move[key]) for key in ("untied_before", "untied_after")]
    parts = [" → ".join(shares)] if shares[0] != shares[1] else []
    parts += ["untied " + " → ".join(loose)] if loose[0] != loose[1] else []
    return ", ".join(parts)
