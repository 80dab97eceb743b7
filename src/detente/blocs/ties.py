"""From the layers of a World to signed, weighted ties, by one published rule.

The rule is the table `tie_rule.csv`, one row a layer. A row turns its layer into a number between
0 and 1 for each pair of states, (value - from) / (to - from) cut at both ends, times its weight;
positive and negative contributions are added and what is left is the tie. The weights are
judgements: each has a range, and draws vary it. Camps depend on this rule more than on how they
are computed.
"""

from dataclasses import dataclass
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
CONFIDENCE = {1: 0.70, 2: 0.90, 3: 0.99}  # chance that a cell stands: low, medium, high
Z90 = 1.6448536269514722  # half the width of a 90 per cent interval in standard deviations
LEAST = 1e-9  # contributions that cancel to less than this leave no tie


@cache
def _default() -> pd.DataFrame:
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
    return _default().copy()


@dataclass(frozen=True)
class _Draw:
    """Where a draw comes from; without `rng` everything is at its centre."""

    rng: np.random.Generator | None
    positions: pd.Series | None

    def weight(self, row: pd.Series) -> float:
        centre = float(row["weight"])
        if self.rng is None or not float(row["low"]) > 0 or centre <= 0:
            return centre
        spread = np.log(float(row["high"]) / float(row["low"])) / (2 * Z90)
        return float(centre * np.exp(spread * self.rng.standard_normal()))


def signed_ties(
    world: World,
    rule: pd.DataFrame | None = None,
    rng: np.random.Generator | None = None,
    positions: pd.Series | None = None,
) -> pd.DataFrame:
    """Return the signed, weighted ties of a world, ready for `partition`.

    Parameters
    ----------
    world
        Carries the layers that the rule names.
    rule
        As returned by `tie_rule`; that one without it.
    rng
        Draws one set of ties: weights of the rule from their ranges (lognormal), positions from
        their standard deviations (independently by country), hand-coded sanctions with the chance
        of their confidence (0.70, 0.90, 0.99). Without it everything is at its centre.
    positions
        Ideal points by country, in place of the world's layer and its draws (for instance one
        posterior draw).

    Returns
    -------
    DataFrame
        Columns a, b, sign, weight; pairs of states without a tie are absent.

    Raises
    ------
    WorldError
        If the rule is malformed or the world lacks one of its layers.

    Notes
    -----
    A value that no source gives makes no tie.

    Examples
    --------
    >>> import detente as dt
    >>> ties = signed_ties(dt.load_world("world2023"))
    >>> ties.query("a == 'RUS' and b == 'USA'")["sign"].item()
    -1
    """
    net = np.zeros((len(world.countries),) * 2)
    for _, part in _parts(world, rule, rng, positions):
        net += part
    a, b = np.nonzero(np.triu(np.abs(net) > LEAST, 1))
    names = np.array(world.countries, dtype=object)
    value = net[a, b]
    return pd.DataFrame(
        {"a": names[a], "b": names[b], "sign": np.sign(value).astype(int), "weight": np.abs(value)}
    )


def tie_parts(world: World, rule: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return what each layer contributes to each tie, at the centre of the rule.

    Parameters
    ----------
    world, rule
        As in `signed_ties`.

    Returns
    -------
    DataFrame
        Columns a, b, layer, contribution (positive or negative).
    """
    names = np.array(world.countries, dtype=object)
    tables = []
    for layer, part in _parts(world, rule, None, None):
        a, b = np.nonzero(np.triu(part != 0, 1))
        tables.append(
            pd.DataFrame({"a": names[a], "b": names[b], "layer": layer, "contribution": part[a, b]})
        )
    return pd.concat(tables, ignore_index=True)


def _parts(
    world: World,
    rule: pd.DataFrame | None,
    rng: np.random.Generator | None,
    positions: pd.Series | None,
) -> list[tuple[str, np.ndarray]]:
    table = _checked(_default() if rule is None else rule, world)
    draw = _Draw(rng, positions)
    stands: dict[
        str, np.ndarray
    ] = {}  # one draw of a confidence layer serves all rows that name it
    parts = []
    for _, row in table.iterrows():
        share = _share(world, row, draw)
        if row["confidence"] and rng is not None:
            name = str(row["confidence"])
            if name not in stands:
                stands[name] = _stands(world.values(name), rng)
            share = share * stands[name]
        both = np.maximum(share, share.T) if row["measure"] != "mean" else share
        parts.append((str(row["layer"]), float(row["sign"]) * draw.weight(row) * both))
    return parts


def _share(world: World, row: pd.Series, draw: _Draw) -> np.ndarray:
    """Return how full a tie of this row is, 0 to 1, for each ordered pair."""
    layer, measure = str(row["layer"]), str(row["measure"])
    low, high = float(row["from"]), float(row["to"])
    if measure.startswith("status"):
        value = _status(world, *measure.split()[1:])
    elif measure == "distance":
        value = _positions(world, row, draw)
        value = np.abs(value[:, None] - value[None, :])
    elif measure.startswith("bits"):
        value = ((world.values(layer).astype(np.int64) & int(measure.split()[1])) > 0).astype(float)
    else:
        value = world.values(layer).astype(float)
    share = np.clip((np.nan_to_num(value, nan=-np.inf) - low) / (high - low), 0.0, 1.0)
    np.fill_diagonal(share, 0.0)
    if measure == "mean":
        return _mean_in_force(share, world, row)
    return share


def _status(world: World, organisation: str, state: str) -> np.ndarray:
    """Join the members of a list that one state keeps to that state."""
    value = np.zeros((len(world.countries),) * 2)
    here = world.countries.index(state)
    listed = world.layers["organisation"].values.astype(str).tolist().index(organisation)
    value[:, here] = world.values("membership")[:, listed]
    return value


def _mean_in_force(share: np.ndarray, world: World, row: pd.Series) -> np.ndarray:
    """Average a layer over the directions in which it is in force, each discounted."""
    force = (share > 0).astype(float)
    if row["discount"]:
        share = share * np.nan_to_num(world.values(str(row["discount"])), nan=1.0)
    count = force + force.T
    return np.divide(share + share.T, count, out=np.zeros_like(share), where=count > 0)


def _positions(world: World, row: pd.Series, draw: _Draw) -> np.ndarray:
    if draw.positions is not None:
        unknown = sorted(set(map(str, draw.positions.index)) - set(world.countries))
        if unknown:
            raise WorldError(f"positions name {unknown[0]}, which world '{world.name}' lacks")
        return draw.positions.reindex(world.countries).to_numpy(dtype=float)
    value = world.values(str(row["layer"])).astype(float)
    if draw.rng is None or not row["discount"]:
        return value
    spread = np.nan_to_num(world.values(str(row["discount"])), nan=0.0)
    return value + spread * draw.rng.standard_normal(len(value))


def _stands(confidence: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw which cells of a hand-coded layer stand, by their confidence."""
    chance = np.ones(confidence.shape)
    for code, probability in CONFIDENCE.items():
        chance[confidence == code] = probability
    return (rng.random(confidence.shape) < chance).astype(float)


def _checked(rule: pd.DataFrame, world: World) -> pd.DataFrame:
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
