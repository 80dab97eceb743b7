"""Point estimates of positions and camps at given weights of ties and positions of states.

They answer which value of what is drawn would turn a verdict: everything else stands at its centre.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from detente.blocs import Partition, rule_at
from detente.collective import Collective
from detente.errors import ConvergenceError
from detente.outcome import Outcome
from detente.runs import stand, stand_camps
from detente.runs.plan import Variant
from detente.runs.stand_draws import apart, weights_of
from detente.standing import Standing
from detente.world import World


class StandingPoints:
    """Outcomes at given weights of ties or positions of states; equal questions are solved once.

    Parameters
    ----------
    world
        The base.
    rows
        Of the scenario axis.
    outcome
        What the run computed: incomes are the medians of its draws.
    """

    def __init__(self, world: World, rows: Sequence[Variant], outcome: Outcome):
        self._world, self._outcome = world, outcome
        self._rows = {row.label: row for row in rows}
        self._known: dict[tuple, Outcome] = {}
        self._found: dict[tuple, Standing] = {}
        self._middle: dict[str, Outcome] = {}
        self._places: dict[int, stand_camps.Place] = {}
        self._central: Partition | None = None
        self._lock = threading.Lock()

    def __call__(self, label: str, given: Mapping[str, float]) -> Outcome:
        """Return the point estimate of one scenario.

        Parameters
        ----------
        label
            On the scenario axis.
        given
            Values of `position[CODE]` or `tie_weight[LAYER]`; all others are at their centre.

        Raises
        ------
        ConvergenceError
            If the run holds no positions and camps, or no draw of the scenario was solved.
        """
        held = self._outcome.standing
        if held is None:
            raise ConvergenceError("no positions and camps to solve anew")
        key = (label, *sorted(given.items()))
        if key not in self._known:
            self._known[key] = self._one_draw(label, self._at(label, held, given))
        return self._known[key]

    def _at(self, label: str, held: Standing, given: Mapping[str, float]) -> Standing:
        """Return positions and camps; labels with one world share them."""
        number = held.worlds[label]
        key = (number, *sorted(given.items()))
        if key not in self._found:
            edited = self._rows[label].world(self._world) if number else self._world
            with self._lock:
                for place, one in ((0, self._world), (number, edited)):
                    if place not in self._places:
                        self._places[place] = stand_camps.place_of(one)
                base, after = self._places[0], self._places[number]
                self._central = self._central or stand_camps.central(base)
            start = self._central
            laid = base, after
            self._found[key] = standing_at(self._world, edited, held, label, given, start, laid)
        return replace(self._found[key], worlds={label: 1 if number else 0})

    def _one_draw(self, label: str, found: Standing) -> Outcome:
        if label not in self._middle:
            self._middle[label] = self._median(label)
        return replace(self._middle[label], standing=found)

    def _median(self, label: str) -> Outcome:
        """Return the outcome of one scenario with one draw: the median of those of the run."""
        solved = self._outcome.ok_draws(label)
        if not len(solved):
            raise ConvergenceError(f"no draw of '{label}' reached an equilibrium")
        place, dims = self._outcome.scenarios.index(label), ("scenario", "draw", "country")
        mask = self._outcome.ok.values[place]
        middle = {
            name: (dims, np.median(one.values[place, mask], axis=0)[None, None])
            for name, one in self._outcome.data.variables.items()
            if name not in self._outcome.data.coords
        }
        coords = {"scenario": [label], "draw": [0]}
        data = xr.Dataset(middle, coords | {"country": self._outcome.countries})
        ok = xr.DataArray([[True]], coords, dims[:2])
        return replace(self._outcome, data=data, ok=ok)


def standing_at(
    world: World,
    edited: World,
    held: Standing,
    label: str,
    given: Mapping[str, float],
    start: Partition | None = None,
    laid: tuple[stand_camps.Place, stand_camps.Place] | None = None,
) -> Standing:
    """Return positions and camps of the base and of one scenario, with nothing drawn.

    Parameters
    ----------
    world, edited
        The base, and the world of the scenario.
    held
        What the run computed: names anchors and groups, and holds how third states respond.
    label
        Of the scenario on the axis.
    given
        Values of `position[CODE]` or `tie_weight[LAYER]`; camps are found anew for the latter.
    start
        See `stand_camps.camps_of`.
    laid
        The two worlds as laid out by `stand_camps.place_of`; done anew without it.
    """
    positions, weights = apart(given)
    number = held.worlds[label]
    shift = np.zeros(len(world.countries))
    for code, value in positions.items():
        place = world.countries.index(code)
        shift[place] = value - float(world.values("ideal_point")[place])
    centre = np.stack([one.values("ideal_point").astype(float) for one in (world, edited)])
    if held.responded is not None:
        centre[1] += np.median(held.position[number] - held.position[0], axis=0) - (
            centre[1] - centre[0]
        )
    position = (centre + shift)[:, None, :]
    drawn = weights_of([rule_at(weights)])
    same = number == 0
    found = replace(
        held,
        worlds={label: 0 if same else 1},
        draws=np.zeros(1, dtype=int),
        camp_draws=np.zeros(1, dtype=int),
        position=position,
        polarization=stand.polarization(position, held.output),
        camps={},
        weights=drawn,
    )
    if not weights:
        return found
    base, after = laid or (stand_camps.place_of(world), stand_camps.place_of(edited))
    places = {0: base} if same else {0: base, 1: after}
    ties = stand_camps.Drawn(drawn.to_numpy(dtype=float), position, position[:, 0], None)
    camps = stand_camps.camps_of(places, held.anchors, ties, workers=1, start=start)
    return replace(found, camps=camps or {}, collective=_members_of(held, number))


def _members_of(held: Standing, number: int) -> Collective | None:
    """Return what influence is computed from, for the base and one world."""
    known = held.collective
    if known is None:
        return None
    members = {name: listed[[0, number]] for name, listed in known.members.items()}
    return replace(known, members=members)
