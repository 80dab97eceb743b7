"""Priors of the spending response: our fits pooled, then given equal weight with the literature.

Several specifications are fitted to one panel, so they do not add up as evidence: their pool has
the mean weighted by precision, and the variance within plus between them. The prior is the equal
mixture of that pool and the anchor, by its first two moments; where an anchor is absent, the pool.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Anchor:
    """What published work or an earlier fit of another kind says of a parameter.

    Attributes
    ----------
    mean, sd : normal, in the unit of the parameter
    source : where it comes from
    """

    mean: float
    sd: float
    source: str


# The interval 0.10-0.24 a year is read as 5 to 95 per cent of a normal.
ANCHORS: dict[str, Anchor] = {
    "adjustment": Anchor(
        0.17, 0.07 / 1.645,
        "speed of adjustment 0.10-0.24 a year: lag 0.76 (two-way effects, biased down) to 0.91 "
        "(year effects) on another panel",
    ),
    "output": Anchor(
        1.0, 0.1, "elasticity 0.91-1.04 (Nordhaus, Oneal & Russett 2012 specification refitted)"
    ),
    "threat": Anchor(
        0.020, 0.010,
        "Nordhaus, Oneal & Russett 2012: 3 per cent a point; refitted: 1.9-2.1 static, 0.9-1.2 "
        "in the long run and not significant",
    ),
    "rivals": Anchor(0.0265, 0.020, "static elasticity 0.024-0.029 of the refitted specification"),
    "allies": Anchor(0.013, 0.020, "static elasticity 0.010-0.016 of the refitted specification"),
}  # fmt: skip
# Bounds that the meaning of a parameter sets: an adjustment between nothing and half a year's gap,
# and no fall of spending under a larger threat.
BOUNDS: dict[str, tuple[float, float]] = {
    "adjustment": (0.02, 0.5),
    "threat": (0.0, np.inf),
    "output": (0.0, np.inf),
}
UNITS = {
    "adjustment": "share of the gap a year",
    "output": "elasticity",
    "threat": "log points a percentage point",
    "rivals": "elasticity",
    "allies": "elasticity",
    "nato_allies": "elasticity",
}


def pool(means: Sequence[float], errors: Sequence[float]) -> tuple[float, float]:
    """Return mean and standard deviation of several fits to one panel.

    Examples
    --------
    >>> pool([0.0, 2.0], [1.0, 1.0])
    (1.0, 1.4142135623730951)
    """
    value, error = np.asarray(means, dtype=float), np.asarray(errors, dtype=float)
    weight = error**-2 / (error**-2).sum()
    middle = float(weight @ value)
    return middle, float(np.sqrt(weight @ (error**2 + (value - middle) ** 2)))


def mixed(own: tuple[float, float], anchor: Anchor | None) -> tuple[float, float]:
    """Return mean and standard deviation of the equal mixture of own fits and anchor.

    Examples
    --------
    >>> mixed((0.0, 1.0), Anchor(2.0, 1.0, ""))
    (1.0, 1.4142135623730951)
    """
    if anchor is None:
        return own
    middle = (own[0] + anchor.mean) / 2
    within = (own[1] ** 2 + anchor.sd**2) / 2
    between = ((own[0] - middle) ** 2 + (anchor.mean - middle) ** 2) / 2
    return middle, float(np.sqrt(within + between))


def priors(
    fits: Mapping[str, Mapping[str, Mapping[str, float]]], used: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, object]]:
    """Return the prior of each parameter.

    Parameters
    ----------
    fits
        Specification, then parameter, then `value` and `se`.
    used
        Specifications of each parameter, by its name.

    Returns
    -------
    dict
        By parameter: distribution, location, scale, lower, upper, unit, own, anchor.
    """
    found = {}
    for name, specs in used.items():
        own = pool(
            [fits[spec][name]["value"] for spec in specs],
            [fits[spec][name]["se"] for spec in specs],
        )
        anchor = ANCHORS.get(name)
        mean, sd = mixed(own, anchor)
        low, high = BOUNDS.get(name, (-np.inf, np.inf))
        bounded = np.isfinite([low, high]).any()
        found[name] = {
            "distribution": "truncated_normal" if bounded else "normal",
            "location": mean,
            "scale": sd,
            "lower": low if np.isfinite(low) else None,
            "upper": high if np.isfinite(high) else None,
            "unit": UNITS[name],
            "own": {"mean": own[0], "sd": own[1], "specifications": list(specs)},
            "anchor": None if anchor is None else vars(anchor),
        }
    return found
