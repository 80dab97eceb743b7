"""What the risk of a dispute between two states depends on: the terms of the transparent model.

    logit p(onset of i and j in a year) = constant + b' terms_ij
        + c_state (log r_i + log r_j) + c_pair log r_ij

where r are shrunken relative risks of a state and of a pair (`detente.data.estimate.
disputes_history`), one where there is no history. The same arithmetic serves the estimate and the
world. Arrays of any shape that broadcast are taken: rows of a panel, or [country, country].
"""

from collections.abc import Mapping

import numpy as np

# Knots of the distance spline: log(1 + km / 100) at 400, 1,500 and 5,000 km.
KNOTS_KM = (400.0, 1500.0, 5000.0)
UNIT_KM = 100.0
SMALLEST_SHARE = 1e-8
# A designation by one state, and no organisation of those who hold it.
NOT_ORGANISATIONS = ("US_MNNA",)
TERMS = (
    "border",
    "distance",
    "distance_400",
    "distance_1500",
    "distance_5000",
    "stronger",
    "weaker",
    "freer",
    "less_free",
    "defence_pact",
    "position_gap",
    "joint_organisations",
    "sanction",
    "one_nuclear",
    "both_nuclear",
)
STATE, PAIR = "state_history", "pair_history"


def dispute_terms(
    border: np.ndarray,
    distance_km: np.ndarray,
    output: tuple[np.ndarray, np.ndarray],
    polyarchy: tuple[np.ndarray, np.ndarray],
    pact: np.ndarray,
    position_gap: np.ndarray,
    joint: np.ndarray,
    sanction: np.ndarray,
    nuclear: tuple[np.ndarray, np.ndarray],
) -> Mapping[str, np.ndarray]:
    """Return the terms by name, in the order of TERMS.

    Parameters
    ----------
    border
        1 where the two share a land border.
    distance_km
        Smallest distance between the two territories.
    output
        Share of the world's GDP of either side. GDP times GDP per head and CINC predict 1980-1989
        no better, and depend more on whether prices are those of the market or of purchasing power.
    polyarchy
        Electoral democracy of either side, 0-1.
    pact
        1 where either is bound to defend the other.
    position_gap
        Distance of positions in General Assembly votes.
    joint
        Number of organisations in which both are full members.
    sanction
        1 where either restricts trade or finance of the other.
    nuclear
        1 where a side holds nuclear warheads.

    Examples
    --------
    >>> one, two = np.array([0.1]), np.array([0.001])
    >>> found = dispute_terms(one * 0, one * 0 + 400, (one, two), (one, two), one * 0, one, two * 0,
    ...                       one * 0, (one * 0 + 1, two * 0))
    >>> found["one_nuclear"].tolist(), found["both_nuclear"].tolist(), tuple(found) == TERMS
    ([1.0], [0.0], True)
    """
    far = np.log1p(np.asarray(distance_km) / UNIT_KM)
    power = [np.log(np.maximum(side, SMALLEST_SHARE)) for side in output]
    found = {"border": border, "distance": far}
    for knot in KNOTS_KM:
        found[f"distance_{knot:.0f}"] = np.maximum(far - np.log1p(knot / UNIT_KM), 0.0)
    return found | {
        "stronger": np.maximum(*power),
        "weaker": np.minimum(*power),
        "freer": np.maximum(*polyarchy),
        "less_free": np.minimum(*polyarchy),
        "defence_pact": pact,
        "position_gap": position_gap,
        "joint_organisations": np.log1p(joint),
        "sanction": sanction,
        "one_nuclear": np.maximum(*nuclear),
        "both_nuclear": np.minimum(*nuclear),
    }


def fill_states(values: np.ndarray, member: np.ndarray) -> np.ndarray:
    """Return values of states with the median of the known ones where none is known.

    Parameters
    ----------
    values
        [country], NaN where no source says.
    member
        Which countries are states; the median is theirs.

    Examples
    --------
    >>> fill_states(np.array([0.2, np.nan, 0.6, 0.9]), np.array([True, True, True, False])).tolist()
    [0.2, 0.4, 0.6, 0.9]
    """
    known = np.isfinite(values)
    middle = float(np.median(values[known & member])) if (known & member).any() else 0.0
    return np.where(known, values, middle)


def position_gaps(position: np.ndarray, member: np.ndarray) -> np.ndarray:
    """Return |difference| of positions [country, country]; the median gap where one is unknown.

    Examples
    --------
    >>> position_gaps(np.array([0.0, 1.0, np.nan]), np.ones(3, dtype=bool)).tolist()
    [[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]]
    """
    gap = np.abs(position[:, None] - position[None, :])
    known = np.isfinite(gap)
    pairs = known & member[:, None] & member[None, :] & ~np.eye(len(gap), dtype=bool)
    middle = float(np.median(gap[pairs])) if pairs.any() else 0.0
    filled = np.where(known, gap, middle)
    np.fill_diagonal(filled, 0.0)
    return filled
