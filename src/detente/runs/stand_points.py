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
from detente.outcome import Outcome
from detente.runs import stand, stand_camps
from detente.runs.plan import Variant
from detente.runs.stand_draws import apart, weights_of
from detente.standing import Standing
from detente.world import World

INCOME = "real_income"


class StandingPoints:
    """Positions and camps at given weights of ties or positions; equal questions are solved once.

    Parameters
    ----------
    world
        The base.
    rows
        Of the scenario axis.
    held
        What the run computed.
    """

    def __init__(self, world: World, rows: Sequence[Variant], held: Standing):
        self._world, self._held = world, held
        self._rows = {row.label: row for row in rows}
        self._found: dict[tuple, Standing] = {}
        self._places: dict[int, stand_camps.Place] = {}
        self._central: Partition | None = None
        self._lock = threading.Lock()

    def __call__(self, label: str, given: Mapping[str, float]) -> Standing:
        """Return the point estimate of one scenario; labels with one world share it.

        Parameters
        ----------
        label
            On the scenario axis.
        given
            Values of `position[CODE]` or `tie_weight[LAYER]`; all others are at their centre.
        """
        number = self._held.worlds[label]
        key = (number, *sorted(given.items()))
        if key not in self._found:
            edited = self._rows[label].world(self._world) if number else self._world
            with self._lock:
                for place, one in ((0, self._world), (number, edited)):
                    if place not in self._places:
                        self._places[place] = stand_camps.place_of(one)
                laid = self._places[0], self._places[number]
                self._central = self._central or stand_camps.central(laid[0])
            start = self._central
            self._found[key] = standing_at(
                self._world, edited, self._held, label, given, start, laid
            )
        return replace(self._found[key], worlds={label: 1 if number else 0})


def middle_of(outcome: Outcome, label: str) -> Outcome:
    """Return the outcome of one scenario with one draw: the median incomes of those of a run.

    Nothing else of trade is read beside positions and camps.

    Parameters
    ----------
    outcome
        What the run computed.
    label
        A scenario of which some draw was solved.
    """
    place, dims = outcome.scenarios.index(label), ("scenario", "draw", "country")
    solved = outcome.data[INCOME].values[place, outcome.ok.values[place]]
    coords = {"scenario": [label], "draw": [0]}
    middle = {INCOME: (dims, np.median(solved, axis=0)[None, None])}
    data = xr.Dataset(middle, coords | {"country": outcome.countries})
    ok = xr.DataArray([[True]], coords, dims[:2])
    return replace(outcome, data=data, ok=ok)


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
