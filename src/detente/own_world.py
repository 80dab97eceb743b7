"""A World from a user's own tables: `world_from_tables`."""

import dataclasses
import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from detente.accounts import accounts
from detente.balancing import balance_by_model, balance_by_ras
from detente.errors import WorldError, nearest
from detente.own_tables import ONE_SECTOR, imbalances, spread, tidy_table, unique
from detente.world import World, make_world

log = logging.getLogger("detente")
TOLERANCE = 1e-5
BALANCES = ("ras", "model")
# Characters that one file system or another keeps out of names, and the length that all allow.
NO_FILE_HAS = frozenset('/\\:*?"<>|')
LONGEST = 64


@dataclass(frozen=True)
class Tables:
    """A user's tables as arrays; None where a table was not given.

    Attributes
    ----------
    flow, tariff : [origin, destination, sector]
    input_use : [country, supplying sector, using sector]
    value_added, final_use : [country, sector]
    deficits : [country]
    """

    countries: list[str]
    sectors: list[str]
    flow: np.ndarray
    tariff: np.ndarray
    input_use: np.ndarray | None
    value_added: np.ndarray | None
    final_use: np.ndarray | None
    deficits: np.ndarray | None

    @property
    def output(self) -> np.ndarray:
        """Sales by country and sector."""
        return self.flow.sum(axis=1)

    @property
    def expenditure(self) -> np.ndarray:
        """Purchases by country and sector, tariffs included."""
        return (self.flow * (1 + self.tariff)).sum(axis=0)

    def costs(self) -> np.ndarray:
        """Output as inputs plus value added where both are known, else as sales."""
        if self.input_use is None or self.value_added is None:
            return self.output
        return self.input_use.sum(axis=1) + self.value_added

    def input_share(self) -> np.ndarray:
        """Cost shares of inputs in output."""
        count = len(self.sectors)
        if self.input_use is None:
            return np.zeros((len(self.countries), count, count))
        cost = self.costs()[:, None, :]
        return np.divide(self.input_use, cost, out=np.zeros_like(self.input_use), where=cost > 0)


def world_from_tables(
    flows: pd.DataFrame,
    input_use: pd.DataFrame | None = None,
    value_added: pd.DataFrame | None = None,
    final_use: pd.DataFrame | None = None,
    tariff_rate: pd.DataFrame | None = None,
    deficits: pd.DataFrame | None = None,
    trade_elasticity: float | pd.DataFrame = 4.0,
    name: str = "mine",
    balance: str | bool | None = None,
) -> World:
    """Build a World from tidy tables with labels of your own.

    Parameters
    ----------
    flows
        origin, destination, sector, value: sales net of tariffs, domestic sales included, in any
        one unit. Without a column sector there is one sector, "total".
    input_use
        country, supplying_sector, using_sector, value: purchases for production, tariffs
        included. Without it nothing is produced from inputs (Armington). Negative cells (scrap,
        by-products) are allowed while value added stays positive.
    value_added
        country, sector, value. Without it: sales less input use.
    final_use
        country, sector, value, tariffs included. Without it: purchases less input use; where
        that is negative it is set to zero and the base is solved for as with balance="model",
        which is logged and stated in `meta["balance"]`.
    tariff_rate
        origin, destination, sector, value: 0.25 is 25 per cent; 0 where no row stands.
    deficits
        country, value: spending less income and tariff revenue. They follow from the other
        tables, so this is a check (and a target when balance="ras").
    trade_elasticity
        One number for all sectors, or sector, value; positive.
    name
        Name of the world: printable, and such that a file can bear it.
    balance
        None: tables that do not add up are refused, the largest imbalances named.
        "ras": flows are scaled by rows and columns (RAS) to the output and demand that the
        other tables state; input shares stay. "model": shares are kept as they are, negative
        final uses are set to zero, and the model's own equilibrium nearest to the tables
        becomes the base (as Caliendo and Parro 2015 do).

    Returns
    -------
    World
        `meta["balance"]` states what balancing changed.

    Raises
    ------
    WorldError
        If a table is wrong or the tables do not add up; the message names rows or cells. If the
        name is none.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame(
    ...     [("A", "A", 80.0), ("A", "B", 20.0), ("B", "A", 20.0), ("B", "B", 180.0)],
    ...     columns=["origin", "destination", "value"],
    ... )
    >>> world_from_tables(flows, trade_elasticity=5.0).countries
    ['A', 'B']
    """
    balance = "ras" if balance is True else balance
    if balance is not None and balance not in BALANCES:
        raise WorldError(
            f"unknown balance '{balance}'{nearest(str(balance), BALANCES)}; "
            f"None, {', '.join(BALANCES)}"
        )
    name = _name(name)
    given = _read(flows, input_use, value_added, final_use, tariff_rate, deficits)
    theta = elasticities(trade_elasticity, given.sectors)
    report: dict[str, Any] = {"method": balance or "none"}
    wrong = faults(given)
    if wrong and balance is None:
        raise WorldError(
            "the tables do not add up: "
            + ". ".join(wrong)
            + ". Mend them, or pass balance='ras' or balance='model'"
        )
    if balance is None and given.final_use is None and _negative(given).any():
        balance = "model"
        log.warning(
            "%s: input use exceeds purchases in %d cells; their final use is set to zero and the "
            "base is the model's equilibrium (Caliendo and Parro 2015)",
            name,
            int(_negative(given).sum()),
        )
    if balance == "ras":
        flow, share, report = balance_by_ras(given)
    elif balance == "model":
        flow, share, report = balance_by_model(given, theta)
    else:
        flow, share = given.flow, given.input_share()
    layers = {
        "flow": flow,
        "tariff_rate": given.tariff,
        "input_share": share,
        "trade_elasticity": theta,
    }
    status = np.where(given.flow > 0, 1 if balance is None else 3, 0).astype(np.uint8)
    world = make_world(
        name, 0, layers, given.countries, given.sectors,
        meta={"balance": report, "elasticities": "own"},
    )  # fmt: skip
    dims = world.layers["flow"].dims
    return dataclasses.replace(world, layers=world.layers.assign(flow_status=(dims, status)))


def _name(name: object) -> str:
    """Return the name of a world, refusing what could not be shown or name a file."""
    fits = (
        isinstance(name, str)
        and 0 < len(name) <= LONGEST
        and name.isprintable()
        and name == name.strip()
        and not set(name) & NO_FILE_HAS
        and not name.startswith(".")
    )
    if not fits:
        raise WorldError(
            f"name={name!r} is no name of a world: it takes 1 to {LONGEST} printable characters, "
            f"none of {' '.join(sorted(NO_FILE_HAS))}, no dot at its start and no space at its ends"
        )
    return str(name)


def _read(flows, input_use, value_added, final_use, tariff_rate, deficits) -> Tables:
    one = isinstance(flows, pd.DataFrame) and "sector" not in flows.columns
    if one:
        flows = flows.assign(sector=ONE_SECTOR)
        if isinstance(tariff_rate, pd.DataFrame) and "sector" not in tariff_rate.columns:
            tariff_rate = tariff_rate.assign(sector=ONE_SECTOR)
    table = tidy_table(flows, "flows", ("origin", "destination", "sector"))
    countries = unique(table["origin"], table["destination"])
    sectors = unique(table["sector"])
    if len(countries) < 2:
        raise WorldError(
            f"flows holds one country only, {countries[0]}: a world needs at least two that can "
            "trade with each other"
        )
    trade = {"origin": countries, "destination": countries, "sector": sectors}
    state = {"country": countries, "sector": sectors}
    use = {"country": countries, "supplying_sector": sectors, "using_sector": sectors}
    if not (table["origin"] == table["destination"]).any():
        raise WorldError(
            "flows holds no domestic sales (rows with origin = destination): the "
            "model needs what each country buys from itself"
        )

    def array(given, name, axes, negative=False):
        if given is None:
            return None
        return spread(tidy_table(given, name, tuple(axes)), name, axes, negative)

    tariff = array(tariff_rate, "tariff_rate", trade, negative=True)
    return Tables(
        countries=countries,
        sectors=sectors,
        flow=spread(table, "flows", trade),
        tariff=np.zeros((len(countries), len(countries), len(sectors)))
        if tariff is None else _tariff(tariff, countries, sectors),
        input_use=array(input_use, "input_use", use, negative=True),
        value_added=array(value_added, "value_added", state),
        final_use=array(final_use, "final_use", state),
        deficits=array(deficits, "deficits", {"country": countries}, negative=True),
    )  # fmt: skip


def _tariff(tariff: np.ndarray, countries: list[str], sectors: list[str]) -> np.ndarray:
    diagonal = np.einsum("ccs->cs", tariff)
    if (diagonal != 0).any():
        c, s = np.argwhere(diagonal != 0)[0]
        raise WorldError(
            f"tariff_rate: {countries[c]} {sectors[s]} has a tariff on its own sales; "
            "leave the diagonal at zero"
        )
    if (tariff <= -1).any():
        o, d, s = np.argwhere(tariff <= -1)[0]
        raise WorldError(
            f"tariff_rate: {countries[o]}, {countries[d]}, {sectors[s]} is {tariff[o, d, s]:g}; a "
            "rate must be greater than -1 (0.25 is 25 per cent)"
        )
    return tariff


def elasticities(given: float | pd.DataFrame, sectors: list[str]) -> np.ndarray:
    """Return [sector] trade elasticities.

    Parameters
    ----------
    given
        One number for all sectors, or sector, value.
    sectors
        Ordered labels.

    Raises
    ------
    WorldError
        If one is not positive, a sector has none, or a label is unknown.
    """
    if isinstance(given, pd.DataFrame):
        table = tidy_table(given, "trade_elasticity", ("sector",))
        theta = spread(table, "trade_elasticity", {"sector": sectors}, negative=True)
        missing = [sector for sector in sectors if sector not in set(table["sector"])]
        if missing:
            raise WorldError(f"trade_elasticity has no row for sector {', '.join(missing[:5])}")
    elif isinstance(given, bool) or not isinstance(given, int | float | np.number):
        raise WorldError(
            "trade_elasticity must be a number or a DataFrame of sector, value, not "
            f"{type(given).__name__}"
        )
    else:
        theta = np.full(len(sectors), float(given))
    bad = ~(np.isfinite(theta) & (theta > 0))
    if bad.any():
        where = sectors[int(np.argmax(bad))]
        raise WorldError(
            f"trade_elasticity of {where} is {theta[np.argmax(bad)]:g}; it must be "
            "positive (the fall in log trade per rise in log cost)"
        )
    return theta


def _negative(given: Tables) -> np.ndarray:
    """Say where input use exceeds purchases."""
    use = np.einsum("crs,cs->cr", given.input_share(), given.output)
    return given.expenditure - use < -TOLERANCE * np.maximum(given.expenditure, 1e-12)


def faults(given: Tables) -> list[str]:
    """Return what does not add up, each with its largest cells."""
    axes = (given.countries, given.sectors)
    found = []
    if given.value_added is not None and given.input_use is None:
        found.append(
            imbalances(
                "without input_use all sales are value added, but value_added differs from sales",
                given.value_added,
                given.output,
                axes,
                TOLERANCE,
            )
        )
    elif given.value_added is not None:
        found.append(
            imbalances(
                "sales differ from input_use plus value_added",
                given.output,
                given.costs(),
                axes,
                TOLERANCE,
            )
        )
    use = 0 if given.input_use is None else given.input_use.sum(axis=2)
    if given.final_use is not None:
        found.append(
            imbalances(
                "purchases differ from input_use plus final_use",
                given.expenditure,
                use + given.final_use,
                axes,
                TOLERANCE,
            )
        )
    if not any(found) and given.deficits is not None:
        sums = accounts(given.flow, given.tariff, given.input_share())
        size = np.abs(sums.value_added)
        found.append(
            imbalances(
                "deficits differ from spending less income and tariff revenue",
                size + given.deficits,
                size + sums.deficit,
                (given.countries,),
                TOLERANCE,
            )
        )
    return [text for text in found if text]
