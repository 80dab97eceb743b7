"""Labels to codes and arrays to tidy tables: what `Outcome` is made of."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from detente.errors import ScenarioError, nearest
from detente.labels import country_codes
from detente.standing import VARIABLES as STANDING
from detente.strategic import VARIABLES as STRATEGIC
from detente.vocabulary import terms

COLUMNS = (
    "iso3",
    "name",
    "variable",
    "measure",
    "unit",
    "scenario",
    "median",
    "p05",
    "p95",
    "share_positive",
    "failed_draws",
)

# How a reason states by how much the equations do not hold.
RESIDUAL = re.compile(r"residual (\d\.\de[+-]\d\d)")
# How far the way to an equilibrium went.
FOLLOWED = re.compile(r"\d+ % of its size")
# The base value that a variable's changes are weighted by when countries are added up.
WEIGHTS = {
    "real_income": "income",
    "real_wage": "value_added",
    "real_spending": "spending",
    "terms_of_trade": "income",
    "volume_of_trade": "income",
    "technical": "income",
    "first_order": "income",
    "tariff_revenue": "income",
    "price_index": "spending",
    "wage": "value_added",
    "openness": "spending",
    "exports": "exports",
    "imports": "imports",
    "trade": "exports + imports",
    "goods_trade": "goods_trade",
}


class Row(NamedTuple):
    """One row of `Outcome.runs`: a label of the scenario axis, and what it is of."""

    scenario: str
    parent: str
    kind: str
    label: str


def rows(runs: pd.DataFrame) -> list[Row]:
    """Return the rows of `Outcome.runs`, in order."""
    columns = (map(str, runs[name]) for name in Row._fields)
    return [Row(*row) for row in zip(*columns, strict=True)]


def draws(count: int) -> str:
    """Return "1 draw" or "2 draws"."""
    return f"{count} draw" if count == 1 else f"{count} draws"


def listed(words: str | Iterable[str]) -> list[str]:
    """Return one word or several as a list.

    Raises
    ------
    ScenarioError
        If something else is asked for.
    """
    every = list(words) if isinstance(words, Iterable) and not isinstance(words, str) else [words]
    for word in every:
        if not isinstance(word, str):
            raise ScenarioError(f"countries are asked for by codes and groups, not by {word!r}")
    return [str(word) for word in every]


def counted(reasons: Iterable[str]) -> dict[str, int]:
    """Return reasons with how often each was given, the commonest first.

    Those that differ alone by their residual, and by how far a scenario was followed, are one
    reason: that with the largest residual.

    Examples
    --------
    >>> counted(["lost (residual 1.0e-02)", "none", "lost (residual 3.0e-02)"])
    {'lost (residual 3.0e-02)': 2, 'none': 1}
    """
    found: dict[str, tuple[float, str, int]] = {}
    for reason in reasons:
        kind, size = FOLLOWED.sub("", RESIDUAL.sub("", reason)), RESIDUAL.search(reason)
        now = float(size[1]) if size else 0.0
        largest, said, count = found.get(kind, (-1.0, reason, 0))
        found[kind] = (max(now, largest), reason if now > largest else said, count + 1)
    every = sorted(found.values(), key=lambda one: -one[2])
    return {said: count for _, said, count in every}


def members(
    words: str | Iterable[str],
    countries: list[str],
    groups: Mapping[str, tuple[str, ...]],
    names: Mapping[str, str],
) -> list[str]:
    """Return country codes for a code, a "@GROUP", or a list of either, each once.

    Parameters
    ----------
    words
        What the user asked for.
    countries, groups, names
        What there is: ordered codes, groups without the @, readable names by code.

    Raises
    ------
    ScenarioError
        If a country or a group is unknown; the message offers the nearest one.

    Examples
    --------
    >>> members("@EU", ["DEU", "FRA", "USA"], {"EU": ("DEU", "FRA")}, {})
    ['DEU', 'FRA']
    """
    found: list[str] = []
    known = set(countries)
    for word in listed(words):
        group = word.removeprefix("@")
        if not word.startswith("@"):
            if word not in known:
                by_name = {name: code for code, name in names.items()}
                hint = nearest(word, countries, country_codes() | by_name)
                raise ScenarioError(f"unknown country '{word}' in this outcome{hint}")
            found.append(word)
        elif group == "WORLD":
            found += countries
        elif group in groups:
            found += [code for code in groups[group] if code in known]
        else:
            have = ["@" + name for name in dict.fromkeys([*groups, "WORLD"])]
            raise ScenarioError(
                f"unknown group '{word}' in this outcome{nearest(word, have)}; "
                f"groups: {', '.join(have)}"
            )
    return list(dict.fromkeys(found))


def variable_name(variable: str, have: list[str], strategic: bool = True) -> str:
    """Return the name of an outcome of one country; `real_income_pct` is `real_income`.

    Parameters
    ----------
    variable
        What the user asked for.
    have
        Names that there are.
    strategic
        Whether there is a strategic balance to ask for as well.

    Raises
    ------
    ScenarioError
        If there is none of that name; the message offers the nearest one, and what else to ask.
    """
    name = variable.removesuffix("_pct")
    if name in have:
        return name
    if name == "pair_trade":
        raise ScenarioError(
            "pair_trade joins two countries or groups, and a table has one row per country: "
            'use outcome.pair_change("USA", "RUS") or outcome.bloc_change("@EU"), or '
            f'detente.joint.table(outcome, "{name}")'
        )
    if name in STRATEGIC:
        raise ScenarioError(
            f"{name} is of the strategic balance, and not of one country: "
            f'outcome.table("{name}") shows it, dt.reading.explain_readout explains it'
        )
    if name in STANDING:
        raise ScenarioError(
            f"{name} is of positions and camps, and not of one country: "
            f'detente.joint.table(outcome, "{name}") shows it, outcome.standing.change its draws'
        )
    if name in terms("outcome") and terms("outcome")[name].dims != ("country",):
        raise ScenarioError(
            f'{name} is not of one country: detente.joint.table(outcome, "{name}") shows it'
        )
    more = list(STRATEGIC) if strategic else []
    also = f"; of the strategic balance: {', '.join(more)}" if more else ""
    raise ScenarioError(
        f"unknown outcome '{variable}'{nearest(name, [*have, *more])}; this outcome has: "
        f"{', '.join(have)}{also}"
    )


def pairs_change(
    trade: xr.Dataset, mask: np.ndarray, pairs: list[tuple[str, str]], what: str
) -> np.ndarray:
    """Return [draw] change of the sum of trade over pairs, both directions, as a fraction.

    Parameters
    ----------
    trade
        `exports`, `imports` over (draw, actor, country) and their `_base` over (actor, country).
    mask
        [draw] draws that solved.
    pairs
        Two codes each; one of them must be an actor.
    what
        Words for the error: "between USA and RUS".

    Raises
    ------
    ScenarioError
        If a pair was not recorded, or the base holds no trade.
    """
    actors = {str(code): n for n, code in enumerate(trade["actor"].values)}
    places = {str(code): n for n, code in enumerate(trade["country"].values)}
    gone = [pair for pair in pairs if not actors.keys() & set(pair)]
    # Either side of a pair serves: the one with fewer states is quicker to watch.
    lost = min((sorted({pair[side] for pair in gone}) for side in (0, 1)), key=len)
    if lost:
        raise ScenarioError(
            f"trade {what} was not recorded for {', '.join(lost[:5])}"
            f"{' and others' if len(lost) > 5 else ''}: run again with watch={lost[:5]!r} "
            f"({' '.join(f'--watch {code}' for code in lost[:5])})"
        )
    # The record of one of the two, the first that is an actor, serves for both directions.
    rows = [actors[i] if i in actors else actors[j] for i, j in pairs]
    columns = [places[j] if i in actors else places[i] for i, j in pairs]
    before, after = 0.0, np.zeros(int(mask.sum()))
    for name in ("exports", "imports"):
        before += float(trade[f"{name}_base"].values[rows, columns].sum())
        after += trade[name].values[mask][:, rows, columns].sum(axis=1)
    if before <= 0:
        raise ScenarioError(f"there is no goods trade {what} in the base: no change to state")
    return after / before - 1.0


def summary(values: np.ndarray, labels: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row per country: median, 5 and 95 per cent, and share of draws above zero.

    Parameters
    ----------
    values
        [draw, country] in the unit of the table; of a point estimate, one draw.
    labels
        The other columns, scalars or one value per country.

    Examples
    --------
    >>> import numpy as np
    >>> summary(np.array([[1.0], [3.0]]), {"iso3": ["USA"]})["median"].tolist()
    [2.0]
    """
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95), axis=0)
    share = (values > 0).mean(axis=0)
    numbers = {"median": middle, "p05": low, "p95": high, "share_positive": share}
    columns = {**labels, **numbers}
    return pd.DataFrame({name: columns[name] for name in COLUMNS if name in columns})


def side_by_side(first: pd.DataFrame, second: pd.DataFrame, key: str = "iso3") -> pd.DataFrame:
    """Return two summaries in one row per country, and the difference of their medians.

    Parameters
    ----------
    first, second
        As made by `summary`, one scenario each; countries that only one holds are left out.
    key
        The column that says what a row is of.

    Notes
    -----
    The difference of medians is not the median of differences: draws of two outcomes need not
    be the same. It carries no interval for that reason.
    """
    numbers = ["median", "p05", "p95", "share_positive", "failed_draws"]
    keys = [key, "name", "variable", "unit"]
    left = first[[*keys, "scenario", *numbers]]
    right = second[[key, "scenario", *numbers]]
    both = left.merge(right, on=key, suffixes=("_first", "_second"), validate="one_to_one")
    return both.assign(difference=both["median_second"] - both["median_first"])


def flow_rows(kept: xr.Dataset, labels: list[str]) -> pd.DataFrame:
    """Return scenario, origin, destination, sector, base, new and hat of kept flows.

    Parameters
    ----------
    kept
        `base` over (origin, destination, sector) and `new` over scenario and these (million USD).
    labels
        The scenarios wanted.
    """
    dims = ("origin", "destination", "sector")
    shape = tuple(kept.sizes[dim] for dim in dims)
    places = np.unravel_index(np.arange(int(np.prod(shape))), shape)
    names = {d: kept[d].values[place] for d, place in zip(dims, places, strict=True)}
    base = kept["base"].transpose(*dims).values.ravel()
    new = kept["new"].transpose("scenario", *dims)
    have = [str(label) for label in new["scenario"].values]
    frames = []
    for label in labels:
        level = new.values[have.index(label)].ravel()
        hat = np.divide(level, base, out=np.ones_like(base), where=base > 0)
        frames.append(
            pd.DataFrame({"scenario": label, **names, "base": base, "new": level, "hat": hat})
        )
    return pd.concat(frames, ignore_index=True)
