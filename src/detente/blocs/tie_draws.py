"""The weights of the tie rule as parameters: draws, quantiles, and a rule at given weights.

Each weight of the rule has a 90 per cent range and is lognormal within it. A drawn rule is a rule
like any other, with its weights fixed; so the same draw can serve two worlds, be kept, and be asked
what a result owes to each weight.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import ndtri

from detente.blocs.rule import Z90, tie_rule
from detente.errors import ScenarioError, nearest


def draw_rule(rng: np.random.Generator, rule: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return a rule with one draw of every weight, fixed at it.

    Parameters
    ----------
    rng
        One standard normal number is taken for each row, in order.
    rule
        As from `tie_rule`; that one without it.

    Examples
    --------
    >>> drawn = draw_rule(np.random.default_rng(1))
    >>> bool((drawn["low"] == drawn["weight"]).all())
    True
    """
    table = tie_rule() if rule is None else rule
    spread = np.log(table["high"].astype(float) / table["low"].astype(float)) / (2 * Z90)
    weight = table["weight"].astype(float) * np.exp(spread * rng.standard_normal(len(table)))
    return _fixed(table, weight)


def rule_at(weights: Mapping[str, float], rule: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return a rule with every weight fixed: at the value given, else at its centre.

    Parameters
    ----------
    weights
        By layer.
    rule
        As from `tie_rule`; that one without it.

    Raises
    ------
    ScenarioError
        If the rule has no such layer.

    Examples
    --------
    >>> at = rule_at({"troops": 2.0})
    >>> at.loc[at["layer"] == "troops", "weight"].tolist()
    [2.0]
    """
    table = tie_rule() if rule is None else rule
    layers = table["layer"].astype(str)
    for name in weights:
        _row(table, name)
    return _fixed(table, layers.map(weights).fillna(table["weight"]).astype(float))


def weight_quantile(layer: str, probability: float, rule: pd.DataFrame | None = None) -> float:
    """Return a quantile of the weight of one row of the rule.

    Parameters
    ----------
    layer
        Names the row.
    probability
        Between 0 and 1.
    rule
        As from `tie_rule`; that one without it.

    Raises
    ------
    ScenarioError
        If the rule has no such layer.

    Examples
    --------
    >>> weight_quantile("defence_pact", 0.5), round(weight_quantile("defence_pact", 0.95), 6)
    (1.0, 2.0)
    """
    table = tie_rule() if rule is None else rule
    row = _row(table, layer)
    spread = np.log(float(row["high"]) / float(row["low"])) / (2 * Z90)
    return float(row["weight"] * np.exp(spread * ndtri(probability)))


def _row(table: pd.DataFrame, name: str) -> pd.Series:
    layers = table["layer"].astype(str)
    if name not in set(layers):
        raise ScenarioError(
            f"the tie rule has no row '{name}'{nearest(name, list(layers))}; rows: "
            f"{', '.join(layers)}"
        )
    return table[layers == name].iloc[0]


def _fixed(table: pd.DataFrame, weight: pd.Series) -> pd.DataFrame:
    return table.assign(weight=weight, low=weight, high=weight)
