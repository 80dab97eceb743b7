"""The published rule that turns layers of a World into ties, and the check of any such rule.

The rule is the table `tie_rule.csv`, one row a layer. Its weights are judgements: each has a range,
and draws vary it.
"""

from functools import cache
from importlib import resources

import numpy as np
import pandas as pd

from detente.errors import WorldError, nearest
from detente.world import World

COLUMNS = (
    "layer",
    "measure",
    "sign",
    "from",
    "to",
    "weight",
    "low",
    "high",
    "discount",
    "confidence",
    "why",
)
Z90 = 1.6448536269514722  # half the width of a 90 per cent interval in standard deviations


@cache
def default_rule() -> pd.DataFrame:
    """Return the published rule itself, which is not to be changed."""
    file = resources.files("detente.blocs").joinpath("tie_rule.csv")
    with file.open(encoding="utf-8") as stream:
        return pd.read_csv(
            stream, dtype={"discount": str, "confidence": str}, keep_default_na=False
        )


def tie_rule() -> pd.DataFrame:
    """Return the published rule as a table that may be changed and given to `signed_ties`.

    Returns
    -------
    DataFrame
        Columns layer; measure (`mean` or `max` of the two directions, `bits N` of a bit mask,
        `distance` of two countries' values, `status LIST STATE` for
        those on a list that a state keeps); sign; from and to (values at which a tie begins and
        is full); weight with low and high (90 per cent range); discount (a layer that multiplies
        each direction; for a distance the standard deviation of the values); confidence (a layer
        that says how sure each cell is); why.

    Examples
    --------
    >>> tie_rule()["layer"].tolist()[:2]
    ['defence_pact', 'eu_42_7']
    """
    return default_rule().copy()


def checked(rule: pd.DataFrame, world: World) -> pd.DataFrame:
    """Return a rule with all its columns, after checking it against a world.

    Raises
    ------
    WorldError
        If the rule is malformed or the world lacks one of its layers.
    """
    for name in rule.columns:
        if name not in COLUMNS:
            raise WorldError(
                f"tie rule: unknown column '{name}'{nearest(str(name), COLUMNS)}. "
                f"Allowed: {', '.join(COLUMNS)}"
            )
    lacking = [name for name in COLUMNS[:8] if name not in rule.columns]
    if lacking:
        raise WorldError(f"tie rule: column '{lacking[0]}' is missing; start from tie_rule()")
    table = rule.reindex(columns=list(COLUMNS)).fillna(
        {"discount": "", "confidence": "", "why": ""}
    )
    for number, row in table.iterrows():
        _check_row(number, row, world)
    return table


def _check_row(number: object, row: pd.Series, world: World) -> None:
    where = f"tie rule, row {number} ({row['layer']})"
    _check_measure(where, str(row["measure"]).split(), world)
    if row["sign"] not in (-1, 1):
        raise WorldError(f"{where}: sign is {row['sign']!r}; it must be 1 or -1")
    numbers = [float(row[name]) for name in ("from", "to", "weight", "low", "high")]
    if not np.all(np.isfinite(numbers)) or numbers[1] <= numbers[0]:
        raise WorldError(f"{where}: from, to, weight, low and high must be numbers with from < to")
    if numbers[2] <= 0 or not 0 < numbers[3] <= numbers[2] <= numbers[4]:
        raise WorldError(f"{where}: weights must keep 0 < low <= weight <= high")
    for layer in (row["layer"], row["discount"], row["confidence"]):
        if layer:
            world.values(str(layer))


def _check_measure(where: str, words: list[str], world: World) -> None:
    if words in (["mean"], ["max"], ["distance"]):
        return
    if len(words) == 2 and words[0] == "bits" and words[1].isdigit():
        return
    if len(words) != 3 or words[0] != "status":
        raise WorldError(
            f"{where}: measure is '{' '.join(words)}'; it must be mean, max, distance, "
            "bits N, or status LIST STATE"
        )
    lists = (
        world.layers["organisation"].values.astype(str).tolist() if world.has("membership") else []
    )
    for word, known in ((words[1], lists), (words[2], world.countries)):
        if word not in known:
            raise WorldError(f"{where}: world '{world.name}' has no {word}{nearest(word, known)}")
