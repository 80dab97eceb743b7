"""What `spending_path` reads from two Worlds, checked."""

import numpy as np

from detente.errors import ScenarioError
from detente.world import World


def same_countries(before: World, after: World) -> None:
    """Raise if two worlds do not hold the same countries in the same order.

    Raises
    ------
    ScenarioError
        If they do not.
    """
    if before.countries != after.countries:
        raise ScenarioError("the two worlds must hold the same countries in the same order")


def known_levels(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Return military spending and output, million USD [country]; NaN where not known.

    A state without spending has no logarithm and counts as not known.

    Raises
    ------
    WorldError
        If the world lacks military_spending or gdp.
    """
    level = np.asarray(world.values("military_spending"), dtype=float)
    output = np.asarray(world.values("gdp"), dtype=float)
    return np.where(level > 0, level, np.nan), output


def threat_change(
    values: np.ndarray | None, name: str, shape: tuple[int, int], bounded: bool = True
) -> np.ndarray:
    """Return numbers by draw and country, spread over the draws where given once.

    Parameters
    ----------
    values
        [draw, country] or [country]; 0 if None.
    name
        For messages.
    shape
        Draws and countries.
    bounded
        Whether they are points from 0 to 100.

    Raises
    ------
    ScenarioError
        If the shape differs, or a number is not finite or outside its bounds.

    Examples
    --------
    >>> threat_change(np.array([1.0, 2.0]), "threat", (2, 2)).tolist()
    [[1.0, 2.0], [1.0, 2.0]]
    """
    if values is None:
        return np.zeros(shape)
    grid = np.asarray(values, dtype=float)
    if grid.shape not in (shape, shape[1:]):
        raise ScenarioError(
            f"{name} has shape {grid.shape}; it must be {shape} (draws, countries) or {shape[1:]}"
        )
    if not np.isfinite(grid).all():
        raise ScenarioError(f"{name} must be finite; give a state without a figure its base value")
    if bounded and (grid.min() < 0 or grid.max() > 100):
        raise ScenarioError(
            f"{name} must be in points from 0 to 100 (100 x a probability); it holds "
            f"{grid.min():g} to {grid.max():g}"
        )
    return np.broadcast_to(grid, shape)


def commitments(
    world: World, level: np.ndarray, output: np.ndarray, years: int, reached_in: int
) -> np.ndarray:
    """Return the floor that commitments set to the log of spending over the base path.

    Parameters
    ----------
    world
        Carries spending_commitment (share of output as a fraction; 0 or NaN: none), or not.
    level, output
        Spending and output of the base, million USD [country].
    years
        Years ahead.
    reached_in
        Year in which the share is reached; the steps before it are equal.

    Returns
    -------
    numpy.ndarray
        [year, country], one row more than `years`, the last for the long run; -inf for none.

    Raises
    ------
    ScenarioError
        If a share is negative or above 1, or the country's spending is not known.
    """
    floor = np.full((years + 1, len(level)), -np.inf)
    if not world.has("spending_commitment"):
        return floor
    share = np.nan_to_num(np.asarray(world.values("spending_commitment"), dtype=float))
    codes = np.array(world.countries)
    bad = (share < 0) | (share > 1)
    if bad.any():
        raise ScenarioError(
            f"spending_commitment is a share of output from 0 to 1 (0.035 is 3.5 per cent), not "
            f"{share[bad][0]:g} for {codes[bad][0]}"
        )
    there = share > 0
    unknown = there & ~(np.isfinite(level) & (output > 0))
    if unknown.any():
        raise ScenarioError(
            f"a commitment is set for {', '.join(codes[unknown])}, whose military spending is not "
            "known; set military_spending in the base world first, or leave it out"
        )
    start = level[there] / output[there]
    step = np.minimum(np.arange(1, years + 2) / reached_in, 1.0)
    step[-1] = 1.0
    gap = np.maximum(share[there] - start, 0.0)
    floor[:, there] = np.log1p(np.outer(step, gap / start))
    # Above its commitment a state is free down to it, and no further.
    over = share[there] < start
    floor[:, np.flatnonzero(there)[over]] = np.log(share[there][over] / start[over])
    return floor


def imposed_levels(before: World, after: World) -> np.ndarray:
    """Return the log of edited over base spending, [country]; NaN where it was not edited.

    Raises
    ------
    ScenarioError
        If an edit leaves no spending, or names a country whose spending was not known.
    """
    old, _ = known_levels(before)
    new = np.asarray(after.values("military_spending"), dtype=float)
    raw = np.asarray(before.values("military_spending"), dtype=float)
    edited = ~((new == raw) | (np.isnan(new) & np.isnan(raw)))
    codes = np.array(before.countries)
    for bad, why in (
        (edited & ~np.isfinite(old), "was not known: put it into the base world instead"),
        (edited & ~(new > 0), "would be nothing: the equation is in logs, take a small amount"),
    ):
        if bad.any():
            raise ScenarioError(f"military_spending of {codes[bad][0]} {why}")
    return np.where(edited, np.log(np.where(edited, new, 1.0) / np.where(edited, old, 1.0)), np.nan)
