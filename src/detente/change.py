"""Applying one edit to a layer: which cells, which operation, and are the results allowed."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from detente.edit import Edit
from detente.errors import DetenteError, WorldError, nearest
from detente.faults import Fault, LocatedError, located
from detente.labels import labels, positions, unknown_label
from detente.table import Table
from detente.vocabulary import Term, term
from detente.world import IMPLIED, World, accounts_of

PAIR = ("origin", "destination")
MOST_ROWS = 5
# Their implied value says that there is none: no number to go on from.
NONE_AT_FIRST = ("quota", "quota_value")


@dataclass(frozen=True)
class Change:
    """What one edit does to one layer.

    Attributes
    ----------
    layer : name of the layer
    before, after : the layer's values, in the vocabulary's order of dims
    mask : True in the cells that the edit selects
    """

    layer: str
    before: np.ndarray
    after: np.ndarray
    mask: np.ndarray

    @property
    def cells(self) -> int:
        """How many cells are selected."""
        return int(self.mask.sum())

    @property
    def changed(self) -> int:
        """How many of them have a new value."""
        return int((self.mask & (self.before != self.after)).sum())


def change(world: World, edit: Edit, before: np.ndarray | None = None) -> Change:
    """Compute what an edit makes of its layer.

    Parameters
    ----------
    world
        The world edited; it is left as it is.
    edit
        The edit.
    before
        The layer's values after earlier edits; the world's own when None.

    Returns
    -------
    Change
        Values in the layer's unit.

    Raises
    ------
    LocatedError
        If a label is unknown, no cell is selected, or a result breaks the layer's bounds.

    Examples
    --------
    >>> import detente as dt
    >>> world = dt.load_world("campos2019")  # doctest: +SKIP
    >>> change(world, Edit(layer="export_ban", where={"origin": "RUS"}, set="ban")).cells
    ... # doctest: +SKIP
    150
    """
    rule = term(edit.layer, "layer")
    if before is None:
        before = layer_values(world, edit.layer)
    chosen = selection(world, edit, rule)
    if edit.table is None:
        mask = _grid(before.shape, chosen)
        value = edit.set if edit.set is not None else edit.add
        amount: float | np.ndarray = _code(value if value is not None else edit.multiply, rule)
    else:
        mask, amount = _from_table(world, edit, rule, before, chosen)
    if set(PAIR) <= set(rule.dims):
        mask, amount = _pair_rules(world, edit, rule, mask, amount)
    if not mask.any():
        raise located((), _nothing(edit, rule))
    free = mask & (before == IMPLIED.get(edit.layer, np.nan))
    if edit.layer in NONE_AT_FIRST and edit.operation_name != "set" and free.any():
        text = f"there is no {edit.layer} yet at {_cell(world, rule, free)}; use set"
        raise located((edit.operation_name if edit.table is None else "table",), text)
    after = _operate(edit.operation_name, before, amount, mask)
    _allowed(world, edit, rule, after, mask, before)
    if edit.layer == "deficit":
        after = _spread(world, before, after, mask)
    if before.dtype.kind in "iub":
        after = after.astype(before.dtype)
    return Change(edit.layer, before, after, mask)


def layer_values(world: World, layer: str) -> np.ndarray:
    """Return a layer's values, or say which layers this world has.

    Raises
    ------
    LocatedError
        If the world does not carry the layer.
    """
    try:
        return world.values(layer)
    except WorldError as error:
        raise located(("layer",), str(error)) from None


def selection(world: World, edit: Edit, rule: Term) -> list[np.ndarray]:
    """Return the positions that `where` (or the layer's scope) selects on each axis.

    Raises
    ------
    LocatedError
        Naming each unknown label.
    """
    faults: list[Fault] = []
    chosen = []
    in_table = edit.table.dims if isinstance(edit.table, Table) else []
    for dim in rule.dims:
        wanted = edit.where.get(dim)
        scope = rule.scope.removeprefix("@")
        if wanted is None and dim == "sector" and dim not in in_table:
            wanted = (rule.scope,) if scope and scope in world.sector_groups else None
        if wanted is None:
            chosen.append(np.arange(len(labels(world, dim))))
            continue
        try:
            chosen.append(np.array(positions(world, dim, wanted), dtype=int))
        except LocatedError as error:
            faults += [fault.under("where", dim) for fault in error.faults]
    if faults:
        raise LocatedError(faults)
    return chosen


def _grid(shape: tuple[int, ...], chosen: list[np.ndarray]) -> np.ndarray:
    mask = np.zeros(shape, dtype=bool)
    mask[np.ix_(*chosen)] = True
    return mask


def _code(value: float | str | None, rule: Term) -> float:
    assert value is not None
    return float(rule.values[value]) if isinstance(value, str) else value


def _pair_rules(
    world: World, edit: Edit, rule: Term, mask: np.ndarray, amount: float | np.ndarray
) -> tuple[np.ndarray, float | np.ndarray]:
    """Skip the diagonal; edit symmetric layers in both directions."""
    diagonal = np.arange(mask.shape[0])
    mask = mask.copy()
    mask[diagonal, diagonal] = False
    if not rule.symmetric:
        return mask, amount
    other = np.swapaxes(mask, 0, 1)
    if isinstance(amount, np.ndarray):
        mirrored = np.swapaxes(amount, 0, 1)
        clash = mask & other & (amount != mirrored)
        if clash.any():
            raise located(
                ("table",),
                f"{rule.name} is symmetric, but the table gives "
                "two values for the two directions of "
                f"{_cell(world, rule, clash)}",
            )
        amount = np.where(mask, amount, mirrored)
    return mask | other, amount


def _operate(
    operation: str, before: np.ndarray, amount: float | np.ndarray, mask: np.ndarray
) -> np.ndarray:
    # Edits touch few cells of large tables: only these are computed.
    after = np.array(before, dtype=float)
    old = after[mask]
    more = amount[mask] if isinstance(amount, np.ndarray) else amount
    with np.errstate(over="ignore", invalid="ignore"):
        if operation == "set":  # a missing value may be set
            after[mask] = more
        else:
            after[mask] = old + more if operation == "add" else old * more
    return after


def _allowed(
    world: World, edit: Edit, rule: Term, after: np.ndarray, mask: np.ndarray, before: np.ndarray
) -> None:
    """Raise if a selected cell breaks the bounds of the vocabulary."""
    key = "table" if edit.table is not None else edit.operation_name
    old, new = before[mask].astype(float), after[mask]

    def cell(odd: np.ndarray) -> str:
        whole = np.zeros_like(mask)
        whole[mask] = odd
        return _cell(world, rule, whole)

    unknown = np.isnan(old) & np.isnan(new)
    if unknown.any():
        raise located((key,), f"{rule.name} is not known at {cell(unknown)}; use set")
    low = new <= rule.lower if rule.lower_open else new < rule.lower
    bad = ~np.isfinite(new) | low | (new > rule.upper)
    if bad.any():
        value = float(new[bad][0])
        text = rule.outside(value) or ""
        hint = "; 0.25 is 25 %" if rule.unit == "rate" and value > rule.upper else ""
        raise located((key,), f"{text} at {cell(bad)}{hint}")
    if rule.values:
        odd = ~np.isin(new, list(rule.values.values()))
        if odd.any():
            words = ", ".join(f"{word} ({code})" for word, code in rule.values.items())
            raise located(
                (key,),
                f"{rule.name} would become {new[odd][0]:g} at {cell(odd)}; it takes {words}",
            )


def _cell(world: World, rule: Term, bad: np.ndarray) -> str:
    first = np.argwhere(bad)[0]
    names = [f"{dim} {labels(world, dim)[i]}" for dim, i in zip(rule.dims, first, strict=True)]
    more = int(bad.sum()) - 1
    return ", ".join(names) + (f" and {more} more cells" if more else "")


def _nothing(edit: Edit, rule: Term) -> str:
    text = "the edit selects no cell"
    if edit.where.get("origin") and edit.where.get("origin") == edit.where.get("destination"):
        return f"{text}: origin and destination are the same, and {rule.name} has no diagonal"
    return (
        f"{text}: no combination of the labels in where{' and table' if edit.table else ''} is left"
    )


def _spread(world: World, before: np.ndarray, after: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Spread the change of deficits over the other countries by value added: the sum stays zero."""
    gap = float((after - before)[mask].sum())
    others = ~mask
    if not others.any():
        if abs(gap) > 1e-9 * max(float(np.abs(before).sum()), 1.0):
            raise located(
                ("where",),
                "the deficits of all countries add to zero: leave "
                "out at least one country to take the difference",
            )
        return after
    weight = accounts_of(world).value_added
    return after - np.where(others, gap * weight / weight[others].sum(), 0.0)


def _from_table(
    world: World, edit: Edit, rule: Term, before: np.ndarray, chosen: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the cells a table selects and their amounts (NaN elsewhere)."""
    table = edit.table
    if not isinstance(table, Table):
        raise located(
            ("table",),
            f"the table '{table}' has not been read: load the "
            "scenario from its file, or give a DataFrame",
        )
    _columns(edit, table, rule)
    given = [dim for dim in rule.dims if dim in table.dims]
    index = np.stack([_find(world, dim, table) for dim in given])
    amounts = _amounts(table, rule)
    shape = tuple(before.shape[rule.dims.index(dim)] for dim in given)
    flat = np.asarray(np.ravel_multi_index(tuple(index), shape))
    _once(world, table, given, flat)
    small = np.full(int(np.prod(shape)), np.nan)
    small[flat] = amounts
    wide = [before.shape[i] if dim in given else 1 for i, dim in enumerate(rule.dims)]
    amount = np.broadcast_to(small.reshape(wide), before.shape)
    mask = _grid(before.shape, chosen) & ~np.isnan(amount)
    if set(PAIR) <= set(given):
        _diagonal(edit, table, index, given, before, amount)
    return mask, amount


def _columns(edit: Edit, table: Table, rule: Term) -> None:
    where = f"{table.origin}: " if table.origin else ""
    for dim in table.dims:
        if dim not in rule.dims:
            raise located(
                ("table",),
                f"{where}unknown column '{dim}'"
                f"{nearest(dim, rule.dims)}; {rule.name} has: "
                f"{', '.join(rule.dims)}",
            )
    if not table.dims:
        raise located(
            ("table",),
            f"{where}the table has no column of labels; {rule.name} has: {', '.join(rule.dims)}",
        )
    missing = [d for d in rule.dims if d not in table.dims and d not in edit.where and d in PAIR]
    if missing:
        raise located(
            ("table",),
            f"{where}the column '{missing[0]}' is missing; add "
            f"it, or say where: {{{missing[0]}: ...}}",
        )
    if table.operation and edit.operation and table.operation != edit.operation:
        raise located(
            ("operation",),
            f"the column of the table is '{table.operation}', the operation '{edit.operation}'",
        )


def _find(world: World, dim: str, table: Table) -> np.ndarray:
    column = table.frame[dim]
    found = pd.Index(labels(world, dim)).get_indexer(pd.Index(column))
    faults = []
    for row in np.flatnonzero(found < 0)[:MOST_ROWS]:
        text = unknown_label(world, dim, str(column.iloc[row]))
        faults.append(Fault(("table",), f"{table.row(int(row))}: {text}"))
    more = int((found < 0).sum()) - len(faults)
    if more > 0:
        faults.append(Fault(("table",), f"and {more} more rows with an unknown {dim}"))
    if faults:
        raise LocatedError(faults)
    return found


def _amounts(table: Table, rule: Term) -> np.ndarray:
    column = table.frame[table.value_column]
    numeric = pd.api.types.is_numeric_dtype(column)
    result = column.to_numpy(float) if numeric else np.empty(len(column))
    for row, value in enumerate(() if numeric else column):
        word = value.strip() if isinstance(value, str) else value
        try:
            result[row] = rule.values[word] if word in rule.values else float(word)
        except (TypeError, ValueError):
            words = f" or one of {', '.join(rule.values)}" if rule.values else ""
            raise located(
                ("table",), f"{table.row(row)}: {word!r} is not a number{words}"
            ) from None
    bad = np.flatnonzero(~np.isfinite(result))
    if bad.size:
        raise located(
            ("table",),
            f"{table.row(int(bad[0]))}: the value must be a finite number, not {result[bad[0]]}",
        )
    return result


def _once(world: World, table: Table, given: list[str], flat: np.ndarray) -> None:
    order = np.argsort(flat, kind="stable")
    twice = np.flatnonzero(np.diff(flat[order]) == 0)
    if twice.size:
        first, second = (int(order[twice[0] + k]) for k in (0, 1))
        cell = ", ".join(f"{dim} {table.frame[dim].iloc[first]}" for dim in given)
        raise located(
            ("table",),
            f"{table.row(first)} and row {second + table.first_row} give the same cell ({cell})",
        )


def _diagonal(
    edit: Edit,
    table: Table,
    index: np.ndarray,
    given: list[str],
    before: np.ndarray,
    amount: np.ndarray,
) -> None:
    """Refuse a row on the diagonal, unless it leaves the value as it is."""
    same = np.flatnonzero(index[given.index("origin")] == index[given.index("destination")])
    if not same.size:
        return
    here = np.arange(before.shape[0])
    mask = np.zeros(before.shape, dtype=bool)
    mask[here, here] = True
    mask &= ~np.isnan(amount)
    if (_operate(edit.operation_name, before, amount, mask) != before.astype(float)).any():
        code = table.frame["origin"].iloc[int(same[0])]
        raise located(
            ("table",),
            f"{table.row(int(same[0]))}: origin and destination "
            f"are both {code}; ties of a country with itself "
            "cannot be edited",
        )


def gathered(error: DetenteError, *prefix: str | int) -> list[Fault]:
    """Return the faults of an error, seen from further up."""
    faults = error.faults if isinstance(error, LocatedError) else [Fault((), str(error))]
    return [fault.under(*prefix) for fault in faults]
