"""What states may spend on their forces after a scenario, over what they would spend without it.

`spending_path` takes two Worlds and the threat to each state before and after, and returns the log
of spending over the base path by draw, year and country. Equation: `spending_dynamics`; parameters:
`spending_record`; who watches whom: `spending_ties`; what can be read: `spending_result`.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from detente.counts import whole
from detente.security.spending_dynamics import System
from detente.security.spending_inputs import (
    commitments,
    imposed_levels,
    known_levels,
    same_countries,
    threat_change,
)
from detente.security.spending_record import draw_numbers, draw_spending, flag
from detente.security.spending_result import Inputs, SpendingPath
from detente.security.spending_ties import spending_ties
from detente.world import World

YEARS = 10


def spending_path(
    before: World,
    after: World,
    threat_before: np.ndarray,
    threat_after: np.ndarray,
    years: int = YEARS,
    draws: int | Iterable[int] = 200,
    seed: int = 1,
    point: bool = False,
    reached_in: int = YEARS,
    hazard: np.ndarray | None = None,
    output_change: np.ndarray | None = None,
    held: Mapping[str, float] | None = None,
) -> SpendingPath:
    """Return military spending after a scenario, over the path without it.

    Parameters
    ----------
    before, after
        Worlds without and with the scenario, same countries.
    threat_before, threat_after
        100 x probability of at least one fatal dispute in a year, [draw, country] or [country].
    years
        Years ahead.
    draws
        A count, or the numbers of the draws; as many as rows of the threats.
    seed
        Seed of the parameters.
    point
        Medians of the parameters in every draw.
    reached_in
        Year in which commitments are reached; they are approached in equal steps of the share.
    hazard
        Annual probability of a fatal dispute by pair without the scenario [country, country]; adds
        rivals in both worlds, see `spending_ties`.
    output_change
        Lasting log change of output by country, [draw, country] or [country]; none if absent.
    held
        Parameters that stand at a value of their own in all draws.

    Returns
    -------
    SpendingPath
        Differences between two paths that differ by the scenario alone.

    Raises
    ------
    ScenarioError
        If worlds, threats or draws disagree, a commitment is no share from 0 to 1 or is set for a
        country whose spending is not known, or an edit leaves no spending.
    WorldError
        If a layer is missing.

    Notes
    -----
    Who is a rival by hazard stays as without the scenario: a risk that crosses a bound would
    otherwise add or take a rival at one stroke, on top of the threat that it moves already.

    What a scenario may change: the threats; sanctions and pacts (who counts as rival or ally);
    military_spending (held at the edited level in every year); spending_commitment (a floor, so a
    state above it is not cut). `alliance_reliability` acts through the threats alone: the estimate
    knows spending of allies and not how far they are trusted. Levels of the base year stand for
    those of the base path.

    Examples
    --------
    >>> import detente as dt
    >>> world = dt.load_world("world2023")
    >>> threat = np.full((3, len(world.countries)), 10.0)
    >>> found = spending_path(world, world, threat, threat, draws=3)
    >>> float(abs(found.change).max())
    0.0
    """
    same_countries(before, after)
    numbers = draw_numbers(draws)
    years, reached_in = whole(years, "years", 1), whole(reached_in, "reached_in", 1)
    count = len(before.countries)
    level, output = known_levels(before)
    parameters = draw_spending(numbers, seed, point, held)
    shape = (len(numbers), count)
    grown = threat_change(output_change, "output_change", shape, bounded=False)
    ties = spending_ties(before, hazard)
    system = System(np.nan_to_num(level), ties, spending_ties(after, hazard), parameters)
    rise = threat_change(threat_after, "threat_after", shape) - threat_change(
        threat_before, "threat_before", shape
    )
    push = parameters["threat"][:, None] * rise + parameters["output"][:, None] * grown
    base = Inputs(
        System(system.level, ties, ties, parameters), np.zeros(shape),
        _floor(before, level, output, years, reached_in, np.zeros(shape)),
        np.full(count, np.nan),
    )  # fmt: skip
    new = Inputs(
        system, push, _floor(after, level, output, years, reached_in, grown),
        imposed_levels(before, after),
    )  # fmt: skip
    return SpendingPath(
        countries=tuple(before.countries),
        numbers=numbers,
        change=new.path() - base.path(),
        level=level,
        output=output,
        grown=grown,
        threat_change=rise,
        parameters=pd.DataFrame({"draw": numbers} | parameters),
        inputs=(new, base),
        flag=flag(),
    )


def _floor(
    world: World,
    level: np.ndarray,
    output: np.ndarray,
    years: int,
    reached_in: int,
    grown: np.ndarray,
) -> np.ndarray:
    """Return the floors of commitments [draw, year, country]: shares of output as it is then."""
    return commitments(world, level, output, years, reached_in)[None] + grown[:, None]
