"""One set of rules for every inter-country input-output table: inventories, taxes, empty cells.

Published tables hold what the model has no room for: inventories that fall, subsidies above value
added, cells without any sale. The rules below are the same for every layout, and each says how
much it moved.
"""

from dataclasses import dataclass

import numpy as np

from detente.errors import WorldError
from detente.importers.imported import Imported

VALUE_ADDED_FLOOR = 1e-3
# Published totals differ from their cells by rounding; beyond this the file is another one.
TOTALS = 0.01
ROUNDING = 1e-9


@dataclass(frozen=True)
class Blocks:
    """The blocks of an inter-country table, added up to what the model uses.

    Attributes
    ----------
    source, year, countries, sectors : as in `Imported`
    intermediate : [origin, destination, sector] sales for production
    input_use : [country, supplying_sector, using_sector] purchases for production
    final : [origin, destination, sector] sales for final use, inventories apart
    stocks : [origin, destination, sector] changes in inventories, of any sign
    value_added : [country, sector] value added at basic prices
    taxes : [country, sector] other rows between inputs and output: taxes less subsidies on
        products, margins, adjustments; zero where the layout has none
    output : [country, sector] gross output as stated; None where the layout has none
    final_taxes : value in the rows of taxes under final use, which the model leaves out
    notes : what the reader has to say
    """

    source: str
    year: int
    countries: list[str]
    sectors: list[str]
    intermediate: np.ndarray
    input_use: np.ndarray
    final: np.ndarray
    stocks: np.ndarray
    value_added: np.ndarray
    taxes: np.ndarray
    output: np.ndarray | None = None
    final_taxes: float = 0.0
    notes: tuple[str, ...] = ()


def settle(blocks: Blocks) -> Imported:
    """Apply the rules and return tables that `importers.make` can balance.

    Rules, in this order:

    1. Countries that neither buy nor sell, and sectors without any sale, are left out.
    2. Changes in inventories count as final use, and so do negative entries of other final uses.
       A fall that would make a flow negative is cut to that flow; falls beyond the final
       purchases of a market are scaled down to them.
    3. Output is what it costs: inputs, value added, and the rows of taxes less subsidies on
       products. These taxes stay in the value added of the producer. Taxes on final purchases
       are left out.
    4. Where inputs leave less than 0.1 per cent of output as value added, they are scaled down.
    5. What a market buys is what its suppliers sell there once each sells what it makes; final
       use is that less inputs. Inputs above purchases are scaled down to them. The totals of rows
       and columns so found have a solution: RAS meets them at once, whatever the zeros.

    Parameters
    ----------
    blocks
        The table.

    Raises
    ------
    WorldError
        A cost is negative, or totals differ from their cells.
    """
    notes = list(blocks.notes)
    blocks = _without_empty(blocks, notes)
    size = float((blocks.intermediate + blocks.final).sum())
    if not size > 0:
        raise WorldError(f"{blocks.source}: the table holds no sales")
    flow, final, moved_stocks = _stocks(blocks, notes, size)
    cost = blocks.input_use.sum(axis=1) + blocks.value_added + blocks.taxes
    _check_totals(blocks, cost, notes)
    use, moved_use = _floor_value_added(blocks, cost, notes)
    flow = _sold_at_home(blocks, flow, cost, notes)
    use, final, moved_final = _close_markets(blocks, flow, cost, use, final, notes)
    if blocks.final_taxes:
        notes.append(
            f"taxes less subsidies on final purchases are left out: {blocks.final_taxes:,.6g}"
        )
    before = blocks.intermediate + blocks.final + blocks.stocks
    return Imported(
        source=blocks.source, year=blocks.year, countries=blocks.countries,
        sectors=blocks.sectors, flow=flow, input_use=use, value_added=cost - use.sum(axis=1),
        final_use=final, notes=tuple(notes),
        moved=(moved_stocks + moved_use + moved_final) / size,
        changed=np.abs(flow - before) > 1e-9 * np.maximum(np.abs(before), size * 1e-12),
    )  # fmt: skip


def _without_empty(blocks: Blocks, notes: list[str]) -> Blocks:
    traded = np.abs(blocks.intermediate) + np.abs(blocks.final) + np.abs(blocks.stocks)
    there = (traded.sum(axis=(1, 2)) > 0) | (traded.sum(axis=(0, 2)) > 0)
    sold = traded.sum(axis=(0, 1)) > 0
    for kind, labels, kept in (
        ("countries", blocks.countries, there), ("sectors", blocks.sectors, sold),
    ):  # fmt: skip
        gone = [label for label, stays in zip(labels, kept, strict=True) if not stays]
        if gone:
            notes.append(f"{kind} without any sale are left out: {', '.join(gone)}")
    if there.all() and sold.all():
        return blocks
    trade, state = np.ix_(there, there, sold), np.ix_(there, sold)
    pick = {name: getattr(blocks, name)[trade] for name in ("intermediate", "final", "stocks")}
    pick |= {name: getattr(blocks, name)[state] for name in ("value_added", "taxes")}
    return Blocks(
        blocks.source, blocks.year,
        [one for one, stays in zip(blocks.countries, there, strict=True) if stays],
        [one for one, stays in zip(blocks.sectors, sold, strict=True) if stays],
        input_use=blocks.input_use[np.ix_(there, sold, sold)],
        output=None if blocks.output is None else blocks.output[state],
        final_taxes=blocks.final_taxes, notes=blocks.notes, **pick,
    )  # fmt: skip


def _stocks(blocks: Blocks, notes: list[str], size: float):
    """Return flows, final use [country, sector], and the value of inventories that was cut."""
    firm = np.maximum(blocks.final, 0.0)
    bought = np.maximum(blocks.intermediate, 0.0)
    change = blocks.stocks + np.minimum(blocks.final, 0.0) + np.minimum(blocks.intermediate, 0.0)
    kept = np.maximum(change, -(bought + firm))
    fall = -np.minimum(kept, 0.0).sum(axis=0)
    room = firm.sum(axis=0) + np.maximum(kept, 0.0).sum(axis=0)
    scale = np.where(fall > room, room / np.where(fall > 0, fall, 1.0), 1.0)
    kept = np.where(kept < 0, kept * scale[None], kept)
    cut = float((kept - change).sum())
    negative = int((change < 0).sum())
    if negative:
        notes.append(
            f"inventories and other final uses fall in {negative} cells; {cut:,.6g} of it, "
            f"{cut / size:.3%} of sales, was cut so that no flow and no final use is negative"
        )
    return bought + firm + kept, (firm + kept).sum(axis=0), cut


def _check_totals(blocks: Blocks, cost: np.ndarray, notes: list[str]) -> None:
    """Compare what output costs with what is stated and sold."""
    names = [(c, s) for c in blocks.countries for s in blocks.sectors]
    tiny = 1e-9 * max(float(cost.sum()), 1e-300)
    if (cost < -tiny).any():
        c, s = names[int(cost.argmin())]
        raise WorldError(f"{blocks.source}: inputs and value added of {c} {s} are {cost.min():.6g}")
    sold = (blocks.intermediate + blocks.final + blocks.stocks).sum(axis=1)
    sides = [("sales", sold)]
    if blocks.output is not None:
        sides.append(("stated output", blocks.output))
    for what, side in sides:
        gap = np.abs(side - cost)
        c, s = names[int(gap.argmax())]
        worst = (
            f"{c} {s}: {side.ravel()[gap.argmax()]:.6g} against {cost.ravel()[gap.argmax()]:.6g}"
        )
        share = float(gap.sum() / cost.sum())
        if share > TOTALS:
            raise WorldError(
                f"{blocks.source}: {what} and costs (inputs, value added, taxes) differ by "
                f"{share:.1%} of output, most in {worst}. Is a row or column missing?"
            )
        if share > ROUNDING:
            notes.append(f"{what} and costs differ by {share:.2e} of output, most in {worst}")


def _floor_value_added(blocks: Blocks, cost: np.ndarray, notes: list[str]):
    spent = blocks.input_use.sum(axis=1)
    most = (1 - VALUE_ADDED_FLOOR) * np.maximum(cost, 0.0)
    scale = np.where(spent > most, most / np.where(spent > 0, spent, 1.0), 1.0)
    use = blocks.input_use * scale[:, None, :]
    cut = float((spent - use.sum(axis=1)).sum())
    if (scale < 1).any():
        c, s = np.unravel_index(int((spent - most).argmax()), spent.shape)
        notes.append(
            f"inputs leave less than {VALUE_ADDED_FLOOR:.1%} of output as value added in "
            f"{int((scale < 1).sum())} cells and were scaled down by {cut:,.6g} in all, most in "
            f"{blocks.countries[c]} {blocks.sectors[s]}"
        )
    return use, cut


def _sold_at_home(blocks: Blocks, flow: np.ndarray, cost: np.ndarray, notes: list[str]):
    """Let output that the table sells nowhere be sold at home."""
    unsold = (cost > 0) & (flow.sum(axis=1) <= 0)
    if not unsold.any():
        return flow
    c, s = np.nonzero(unsold)
    flow = flow.copy()
    flow[c, c, s] = cost[c, s]
    notes.append(
        f"output that the table sells nowhere counts as sold at home in {len(c)} cells, "
        f"{cost[unsold].sum():,.6g} in all"
    )
    return flow


def _close_markets(blocks: Blocks, flow, cost, use, stated, notes: list[str]):
    """Return input use, final use, and the value by which they were moved."""
    sold = flow.sum(axis=1)
    scale = np.divide(cost, sold, out=np.zeros_like(cost), where=sold > 0)
    bought = (flow * scale[:, None, :]).sum(axis=0)
    used = use.sum(axis=2)
    over = used > bought * (1 + ROUNDING)
    trim = np.where(used > bought, bought / np.where(used > 0, used, 1.0), 1.0)
    final = np.maximum(bought - used, 0.0)
    gap = np.abs(final - np.maximum(stated, 0.0))
    moved = float(gap.sum() + (used * (1 - trim)).sum())
    if over.any():
        c, s = np.unravel_index(int((used - bought).argmax()), used.shape)
        notes.append(
            f"inputs exceed purchases in {int(over.sum())} markets and were scaled down, most in "
            f"{blocks.countries[c]} {blocks.sectors[s]}: {used[c, s]:,.6g} to {bought[c, s]:,.6g}"
        )
    if gap.sum() > ROUNDING * bought.sum():
        c, s = np.unravel_index(int(gap.argmax()), gap.shape)
        notes.append(
            f"final use is purchases less inputs; it differs from the table by {gap.sum():,.6g}, "
            f"most in {blocks.countries[c]} {blocks.sectors[s]}: {stated[c, s]:,.6g} became "
            f"{final[c, s]:,.6g}"
        )
    return use * trim[:, :, None], final, moved if moved > ROUNDING * bought.sum() else 0.0
