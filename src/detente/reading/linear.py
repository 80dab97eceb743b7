"""First-order exposures of every country to every other, and instant previews of scenarios."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from detente.ensemble import ensemble_for
from detente.errors import ConvergenceError, ScenarioError, nearest
from detente.models import trade_world
from detente.models.arrays import jax
from detente.models.trade_linear import Frame
from detente.reading import stored
from detente.reading.asked import (
    countries_of,
    scenario_of,
    sectors_of,
    settings_of,
    variable_of,
    world_of,
)
from detente.runs import assemble, lift, readings
from detente.runs.edited import senders
from detente.runs.engine import Engine
from detente.runs.lift import double_precision
from detente.runs.plan import Asked
from detente.runs.programs import alike
from detente.runs.run import plan
from detente.runs.solved import Solved
from detente.scenario import Scenario
from detente.vocabulary import terms
from detente.world import World

# Of each shock: the slope it is read from, the sums over partners it adds up, and its sign.
SHOCKS = {
    "productivity": ("cost", ("whole",), -1.0),
    "trade_cost": ("cost", ("sold", "bought"), 1.0),
    "export_cost": ("cost", ("sold",), 1.0),
    "import_cost": ("cost", ("bought",), 1.0),
    "tariff": ("tariff", ("bought",), 1.0),
    "tariff_faced": ("tariff", ("sold",), 1.0),
}
ON_GOODS = ("tariff", "tariff_faced")
# Rows solved side by side: they share every table, so that more at once read it less often.
ROWS = 24


@dataclass(frozen=True, repr=False)
class Linearisation:
    """The first-order answer of one outcome of every country to whatever changes.

    Attributes
    ----------
    world, variable, rule, horizon
        What was linearised: at the base, at the medians of the parameters.
    rows
        [country, state] adjoint rows: see `models.trade_linear`.
    slopes
        `cost` and `tariff`: by sum over partners, [affected country, sector, shocked country];
        change of the outcome (fraction of base) per unit of log.
    residual
        Largest residual of the adjoint equations.
    frame, engine
        What previews are computed with.
    """

    world: World
    variable: str
    rule: str
    horizon: str
    rows: np.ndarray
    slopes: dict[str, dict[str, np.ndarray]]
    residual: float
    frame: Frame
    engine: Engine

    def __repr__(self) -> str:
        return (
            f"Linearisation of {self.variable} in {self.world.name} (deficits {self.rule}, "
            f"{self.horizon} horizon): {len(self.world.countries)} countries, residual "
            f"{self.residual:.0e}"
        )

    def exposure(
        self, shock: str = "productivity", sectors: str | Iterable[str] | None = None
    ) -> pd.DataFrame:
        """Return the exposure of every country to a shock in every country; see `exposure`."""
        if shock not in SHOCKS:
            raise ScenarioError(
                f"unknown shock '{shock}'{nearest(shock, SHOCKS)}; one of {', '.join(SHOCKS)}"
            )
        kind, sums, sign = SHOCKS[shock]
        if sectors is None and shock in ON_GOODS and "goods" in self.world.sector_groups:
            sectors = "@goods"
        chosen = [self.world.sectors.index(code) for code in sectors_of(self.world, sectors)]
        table = sign * sum(self.slopes[kind][name][:, chosen].sum(axis=1) for name in sums)
        return pd.DataFrame(
            table,
            index=pd.Index(self.world.countries, name="iso3"),
            columns=pd.Index(self.world.countries, name="shocked"),
        )

    def preview(
        self,
        scenario: Asked,
        countries: str | Iterable[str] | None = None,
        exact: bool = False,
    ) -> pd.DataFrame:
        """Return the first-order answer to a scenario; see `preview`."""
        asked = scenario_of(self.world, scenario)
        edited = asked.apply(self.world)
        policy = trade_world.policy(self.world, edited)
        _refuse(policy)
        # Senders whose sanctions change have effects of their own, in a run as here.
        sending = senders(self.world, [edited])
        row = ensemble_for(self.world, sending, self.horizon).medians()
        with double_precision():
            policy = alike(self.frame.base, [policy])[0]
            given = self.engine.parameters(row)
            step, own = readings.begin(self.frame, policy, given, self.rule, self.engine.short)
            first = np.asarray(own[self.variable]) + self.rows @ np.asarray(step)
        table = pd.DataFrame(
            {
                "iso3": self.world.countries,
                "variable": self.variable,
                "unit": terms("outcome")[self.variable].unit,
                "scenario": asked.name,
                "first_order": 100.0 * first,
            }
        )
        if exact:
            table["exact"] = 100.0 * self._exact(asked)
            table["gap"] = table["first_order"] - table["exact"]
        if countries is None:
            return table
        chosen = countries_of(self.world, countries)
        return table[table["iso3"].isin(chosen)].reset_index(drop=True)

    def refuse_other(self, variable: str | None, deficits: str | None, horizon: str | None) -> None:
        """Refuse to answer for other settings than those of this linearisation.

        Raises
        ------
        ScenarioError
            If one of them is given and is another.
        """
        mine = {"variable": self.variable, "deficits": self.rule, "horizon": self.horizon}
        asked = {"variable": variable, "deficits": deficits, "horizon": horizon}
        for name, word in asked.items():
            if word is not None and word != mine[name]:
                raise ScenarioError(
                    f"this linearisation is of {name} '{mine[name]}', not '{word}': linearise the "
                    f"world with {name}='{word}', or give its name instead"
                )

    def _exact(self, scenario: Scenario) -> np.ndarray:
        """Return [country] the exact change at the medians of the parameters."""
        job = plan(self.world, scenario, self.rule, self.horizon)
        row = job.ensemble.medians()
        found = job.task.engine.solve(job.task.numbers[0], row, job.task.engine.settle(row))
        if found.country is None:
            raise ConvergenceError(f"no exact answer beside the preview: {found.reason}")
        return found.country[self.variable]


def _refuse(policy: trade_world.TradePolicy) -> None:
    border = policy.border
    if border is not None and (border.slot is not None or border.pool is not None):
        word = "quotas have" if border.slot is not None else "a pool of compensation has"
        raise ScenarioError(
            f"a preview is of first order in the size of a scenario, and {word} no size that "
            "starts at nothing; use detente.run"
        )


def linearise(
    world: World | str,
    variable: str = "real_income",
    deficits: str = "fixed",
    horizon: str = "long",
    keep: Path | str | None = None,
) -> Linearisation:
    """Linearise one outcome of every country at the base: once for all exposures and previews.

    Parameters
    ----------
    world
        A World, or the name of an embedded one.
    variable
        An outcome of one country.
    deficits, horizon
        As in `run`.
    keep
        A folder: what is solved is written there (30 MB for world2023), and read the next time.

    Raises
    ------
    ScenarioError
        If a name is unknown.
    DataError
        If a kept file is damaged or the folder cannot be written.
    ConvergenceError
        If the base without deficits, or the adjoint equations, cannot be solved.

    Examples
    --------
    >>> import detente as dt
    >>> line = dt.reading.linearise("campos2019", "real_wage")  # doctest: +SKIP
    >>> line.preview("russia-autarky", "RUS")  # doctest: +SKIP
    """
    place, name = world_of(world), variable_of(variable)
    rule, run_of = settings_of(None, deficits, horizon)
    engine = Engine(place, [place], ensemble_for(place, (), run_of), rule, run_of)
    row = engine.ensemble.medians()
    base = engine.settle(row)
    if isinstance(base, Solved):
        raise ConvergenceError(base.reason)
    with double_precision():
        theta = engine.parameters(row).theta
        frame = Frame(base, lift.search_aids(base), theta, trade_world.goods_sectors(place))
        frame = jax.device_put(frame)
    file = None if keep is None else stored.place(keep, place, row, name, rule, run_of)
    found = None if file is None else stored.read(file)
    if found is None:
        found = _adjoint(frame, name, rule, engine.short)
        if file is not None:
            stored.write(file, *found)
    return Linearisation(place, name, rule, run_of, *found, frame, engine)


def _adjoint(
    frame: Frame, name: str, rule: str, short: bool
) -> tuple[np.ndarray, dict[str, dict[str, np.ndarray]], float]:
    """Return rows, slopes and residual of the adjoint equations of one outcome."""
    count = len(frame.base.value_added)
    rows, slopes, worst = [], [], 0.0
    lanes = min(ROWS, count)
    with double_precision():
        for first in range(0, count, lanes):
            # Always as many lanes, so that one program serves.
            picks = np.eye(count)[np.minimum(np.arange(first, first + lanes), count - 1)]
            every = {one: picks if one == name else 0 * picks for one in assemble.variables()}
            some, found, tables = jax.device_get(readings.adjoint(frame, every, rule, short))
            if not found.converged.all():
                raise ConvergenceError(
                    f"the linear equations of {name} were not solved (residual "
                    f"{found.residual.max():.1e}, {int(found.steps.max())} steps)"
                )
            worst = max(worst, float(found.residual.max()))
            rows.append(some)
            slopes.append(tables)
    kinds = {
        kind: {
            sums: np.concatenate([one[place_of][sums] for one in slopes])[:count]
            for sums in ("whole", "sold", "bought")
        }
        for place_of, kind in enumerate(("cost", "tariff"))
    }
    return np.concatenate(rows)[:count], kinds, worst


def exposure(
    world: World | str | Linearisation,
    shock: str = "productivity",
    variable: str = "real_income",
    sectors: str | Iterable[str] | None = None,
    deficits: str = "fixed",
    horizon: str = "long",
) -> pd.DataFrame:
    """Return the first-order exposure of every country to a shock in every country.

    Parameters
    ----------
    world
        A World, the name of an embedded one, or a `Linearisation` (of its own variable).
    shock
        What changes by one per cent in the shocked country: `productivity` (of its sectors),
        `tariff` (the factor one plus the rate that it levies on all others), `tariff_faced` (that
        all others levy on it), `trade_cost` (iceberg costs of its imports and exports),
        `import_cost` or `export_cost`.
    variable
        An outcome of one country.
    sectors
        Where the shock acts; all when None, and goods for tariffs.
    deficits, horizon
        As in `run`.

    Returns
    -------
    DataFrame
        iso3 (affected) by shocked country: per cent of the outcome per per cent of the shock. It
        is the derivative of the exact solution at the base, at the medians of the parameters.

    Notes
    -----
    Kleinman, Liu and Redding (2024), whose matrices W and U are `wage` and `real_income` under a
    productivity shock with one sector, no inputs, no tariffs and no deficits.

    Raises
    ------
    ScenarioError
        If a name is unknown.
    """
    return _line(world, variable, deficits, horizon).exposure(shock, sectors)


def preview(
    world: World | str | Linearisation,
    scenario: Asked,
    variable: str | None = None,
    countries: str | Iterable[str] | None = None,
    exact: bool = False,
    deficits: str | None = None,
    horizon: str | None = None,
) -> pd.DataFrame:
    """Return the first-order answer to a scenario, and the exact one beside it on request.

    Parameters
    ----------
    world
        A World, the name of an embedded one, or a `Linearisation`: with one nothing is solved.
    scenario
        A Scenario, a preset's name or a path.
    variable
        An outcome of one country; real_income when None.
    countries
        A code, a "@GROUP" or a list; all when None.
    exact
        Whether the scenario is also solved.
    deficits, horizon
        As in `run`. A `Linearisation` has a variable, a rule and a horizon of its own, and answers
        for no other.

    Returns
    -------
    DataFrame
        iso3, variable, unit, scenario, first_order (per cent; with `exact` also exact and gap).

    Notes
    -----
    First order in the logs of costs and tariff factors and in the levels of deficits; a ban
    counts as the loss of its whole base flow at given prices. The gap grows with the square of
    the change: see docs/explanation/reading-results.md for its size.

    Raises
    ------
    ScenarioError
        If a name is unknown, the scenario has quotas or a pool of compensation, or a linearisation
        is asked for what it is not of.
    ConvergenceError
        If the exact answer is asked for and there is none.
    """
    if isinstance(world, Linearisation):
        world.refuse_other(variable, deficits, horizon)
        return world.preview(scenario, countries, exact)
    place = world_of(world)
    rule, run_of = settings_of(scenario_of(place, scenario), deficits, horizon)
    of = variable or "real_income"
    return linearise(place, of, rule, run_of).preview(scenario, countries, exact)


def _line(world: World | str | Linearisation, *asked: str) -> Linearisation:
    return world if isinstance(world, Linearisation) else linearise(world, *asked)
