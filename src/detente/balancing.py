"""Two ways to make a user's tables add up: RAS, and the model's own equilibrium."""

from typing import TYPE_CHECKING, Any

import numpy as np

from detente.accounts import accounts
from detente.data.balance import ras
from detente.errors import WorldError

if TYPE_CHECKING:
    from detente.own_world import Tables

PASSES = 200
TOLERANCE = 1e-9
NOISE = 1e-8


def balance_by_ras(given: "Tables") -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Scale the flows of each sector to the supply and demand that the other tables state.

    Supply is input use plus value added. Demand is input use plus final use; with `deficits`
    final spending is scaled to income plus tariff revenue plus the deficit. Where the world's
    demand for a sector differs from its supply, demand is scaled to supply.

    Parameters
    ----------
    given
        The user's arrays.

    Returns
    -------
    Flows, input shares, and a report of the largest changes.

    Raises
    ------
    WorldError
        If zeros of the flows make the totals impossible, or input use exceeds purchases.
    """
    share = given.input_share()
    supply = given.costs()
    use = np.einsum("crs,cs->cr", share, supply)
    wanted = given.final_use
    if wanted is None:
        wanted = np.maximum(given.expenditure - use, 0.0)
    flow = given.flow.copy()
    for count in range(1, PASSES + 1):
        before = flow
        demand = use + _final(given, share, supply, flow, wanted)
        flow = _fit(given, flow, supply, demand)
        moved = np.abs(flow - before).max() / max(before.max(), 1e-300)
        if moved <= TOLERANCE:
            report = _report("ras", given, flow) | {"passes": count}
            share = _trim(given, flow, share)
            accounts(flow, given.tariff, share).check(given.countries, given.sectors)
            return flow, share, report
    raise WorldError(f"RAS did not settle within {PASSES} passes; use balance='model'")


def _trim(given: "Tables", flow: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Scale input shares where the last digits of RAS leave final use a hair below zero."""
    bought = (flow * (1 + given.tariff)).sum(axis=0)
    used = np.einsum("crs,cs->cr", share, flow.sum(axis=1))
    # RAS ends at a miss that is small against the mean cell, which may be large against a tiny one.
    hair = np.minimum(NOISE * bought.mean(axis=0)[None, :], used)
    over = (used > bought) & (used - bought <= hair)
    return share * np.where(over, bought / np.where(over, used, 1.0), 1.0)[:, :, None]


def _final(given, share, supply, flow, wanted):
    """Return final use; scaled to a stated deficit when there is one."""
    if given.deficits is None:
        return wanted
    income = ((1 - share.sum(axis=1)) * supply).sum(axis=1)
    revenue = (flow * given.tariff).sum(axis=(0, 2))
    spending = income + revenue + given.deficits - given.deficits.mean()
    if (spending <= 0).any():
        c = int(np.argmin(spending))
        raise WorldError(
            f"deficits: {given.countries[c]} would spend {spending[c]:g}; its surplus "
            "exceeds its income"
        )
    return wanted * (spending / wanted.sum(axis=1))[:, None]


def _fit(given, flow, supply, demand):
    fitted = np.zeros_like(flow)
    for s, sector in enumerate(given.sectors):
        paid = (flow[:, :, s] * (1 + given.tariff[:, :, s])).sum(axis=0)
        net = flow[:, :, s].sum(axis=0)
        # Demand is stated with tariffs, flows run without: take the present mean tariff out.
        column = demand[:, s] * np.divide(net, paid, out=np.ones_like(net), where=paid > 0)
        if column.sum() <= 0 or supply[:, s].sum() <= 0:
            continue
        column = column * supply[:, s].sum() / column.sum()
        try:
            fitted[:, :, s] = ras(
                flow[:, :, s], supply[:, s], column, labels=(given.countries, given.countries)
            ).flow
        except WorldError as error:
            raise WorldError(f"sector {sector}: {error}") from error
    return fitted


def balance_by_model(
    given: "Tables", theta: np.ndarray
) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Take shares from the tables and solve for the equilibrium they imply.

    Parameters
    ----------
    given
        The user's arrays.
    theta
        [sector] elasticities.

    Returns
    -------
    Flows of the equilibrium, input shares, and a report of the largest changes.

    Raises
    ------
    WorldError
        If no equilibrium is found.
    """
    from detente.runs.lift import settle_tables

    share = given.input_share()
    value_added_share = 1 - share.sum(axis=1)
    use = np.einsum("crs,cs->cr", share, given.output)
    final = given.expenditure - use if given.final_use is None else given.final_use
    clipped = np.maximum(final, 0.0)
    if (clipped.sum(axis=1) <= 0).any():
        c = int(np.argmin(clipped.sum(axis=1)))
        raise WorldError(f"{given.countries[c]} has no positive final use in any sector")
    value_added = (value_added_share * given.output).sum(axis=1)
    deficit = given.deficits
    if deficit is None:
        deficit = given.flow.sum(axis=(0, 2)) - given.flow.sum(axis=(1, 2))
    flow = settle_tables(
        given.flow, given.tariff, share, clipped, value_added, deficit - deficit.mean(), theta
    )
    report = _report("model", given, flow)
    return flow, share, report | {"negative_final_uses_set_to_zero": int((final < 0).sum())}


def _report(method: str, given: "Tables", flow: np.ndarray) -> dict[str, Any]:
    """Say by how much balancing changed the flows, and where most."""
    gap = flow - given.flow
    order = np.argsort(-np.abs(gap), axis=None)[:5]
    cells = [np.unravel_index(i, gap.shape) for i in order]
    return {
        "method": method,
        "value_moved_share": float(np.abs(gap).sum() / 2 / given.flow.sum()),
        "largest": [
            {"origin": given.countries[o], "destination": given.countries[d],
             "sector": given.sectors[s], "before": float(given.flow[o, d, s]),
             "after": float(flow[o, d, s])}
            for o, d, s in cells
        ],
    }  # fmt: skip
