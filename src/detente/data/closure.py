"""Closing the accounts of one country: output, domestic sales and final use from trade and inputs.

With trade, input shares and final use given, output = (I - A)^-1 (final use + net exports - duties)
and value added equals GDP identically, because the columns of A add to one minus the value-added
share. What is left to repair are signs: a country cannot export more than it makes. The repair is
the unique least-squares change of final use, re-exports and (only if these do not suffice) trade.
"""

from dataclasses import dataclass

import numpy as np

from detente.data.balance import bounded_least_squares

FARM = 0
# Domestic sales are at least this share of what a country buys of a sector.
DOMESTIC_FLOOR = 0.03
# ... and at least this share of GDP.
SMALLEST = 1e-6
# Final use of a sector falls at most to this share of its reported share.
FINAL_KEPT = 0.2
# Deficit or surplus of a country, as a share of its GDP, when trade has to be cut.
DEFICIT_CAP = 0.25
# At most this share of imports or exports of a sector can be redirected or given away.
MOVABLE = 0.98
# Penalties on relative changes: re-exports are given up first, then the mix of final use bends,
# and trade is taken away only where nothing else helps.
WEIGHTS = {"farm": 2.0, "final": 1.0, "give": 1.0, "less_in": 30.0, "less_out": 30.0}


@dataclass(frozen=True)
class Books:
    """One country's trade and technology, in units of its GDP.

    Attributes
    ----------
    inputs : [supplying_sector, using_sector] input shares
    final_share : [sector] reported shares of final use
    exports, imports : [sector] cross-border trade
    farm_share : share of agriculture in GDP as reported, NaN where not known
    duty : [sector] mean tariff rate on imports
    movable_imports, movable_exports : [sector] parts that are not on locked pairs
    reexport_limit : [sector] largest redirection still possible
    """

    inputs: np.ndarray
    final_share: np.ndarray
    exports: np.ndarray
    imports: np.ndarray
    farm_share: float
    duty: np.ndarray
    movable_imports: np.ndarray
    movable_exports: np.ndarray
    reexport_limit: np.ndarray


@dataclass(frozen=True)
class Closed:
    """A country's closed accounts, in units of its GDP.

    Attributes
    ----------
    final : [sector] final use
    output : [sector] sales at home and abroad
    reexports, imports_cut, exports_cut : [sector] changes of trade that the closure asks for
    """

    final: np.ndarray
    output: np.ndarray
    reexports: np.ndarray
    imports_cut: np.ndarray
    exports_cut: np.ndarray

    @property
    def moves(self) -> float:
        """Trade that must still be moved before these accounts hold."""
        return float(self.reexports.sum() + self.imports_cut.sum() + self.exports_cut.sum())


def close(books: Books, moves: str = "none", slack: float = 0.0) -> Closed | None:
    """Return the accounts nearest to the reported final shares, or None when there are none.

    Parameters
    ----------
    books
        Trade and technology of the country.
    moves
        What may change beside final use: "none", "reexports" (given up), or "trade" (imports and
        exports given away as well).
    slack
        Share by which the floors of domestic sales and final use give way, so that accounts
        repaired to just these floors are not refused for a rounding error.

    Returns
    -------
    Closed or None
        None: no final use within bounds makes every domestic sale large enough.

    Examples
    --------
    >>> one = np.array([0.5, 0.5])
    >>> zero = np.zeros(2)
    >>> books = Books(np.zeros((2, 2)), one, zero, zero, np.nan, zero, zero, zero, zero)
    >>> close(books).output.round(9).tolist()
    [0.5, 0.5]
    """
    kinds = ("none", "reexports", "", "trade").index(moves)
    book = _unknowns(books, kinds)
    rows = _wishes(books, book, kinds)
    bounds = _limits(books, book, kinds, 1.0 - slack)
    z = bounded_least_squares(rows[:, :-1], -rows[:, -1], bounds[:, :-1], -bounds[:, -1])
    if z is None:
        return None
    point = np.append(z, 1.0)
    moved = [np.maximum(book[name] @ point, 0.0) for name in ("give", "less_in", "less_out")]
    return Closed(book["final"] @ point, book["output"] @ point, *moved)


def _unknowns(books: Books, kinds: int) -> dict[str, np.ndarray]:
    """Write every quantity as a matrix on the unknowns, the constant in its last column.

    Unknowns: final use of all sectors but the last, which takes the rest of spending; re-exports
    given up; imports cut; exports cut (the first `kinds` of these; the others are zero). GDP is 1.
    """
    count = len(books.exports)
    size = count - 1 + kinds * count

    def part(index: int) -> np.ndarray:
        wide = np.zeros((count, size + 1))
        start = count - 1 + index * count
        if start < size:
            wide[:, start : start + count] = np.eye(count)
        return wide

    def constant(values: np.ndarray) -> np.ndarray:
        wide = np.zeros((count, size + 1))
        wide[:, -1] = values
        return wide

    book = {"give": part(0), "less_in": part(1), "less_out": part(2)}
    book["imports"] = constant(books.imports) - book["give"] - book["less_in"]
    book["exports"] = constant(books.exports) - book["give"] - book["less_out"]
    net = book["exports"] - book["imports"]
    revenue = books.duty[:, None] * book["imports"]
    book["balance"] = -net.sum(axis=0)
    final = np.zeros((count, size + 1))
    final[: count - 1, : count - 1] = np.eye(count - 1)
    # Spending is GDP, duties and the deficit; the last sector takes what the others leave.
    final[-1] = revenue.sum(axis=0) + book["balance"]
    final[-1, -1] += 1.0
    book["spending"] = final[-1].copy()
    final[-1, : count - 1] -= 1.0
    book["final"] = final
    book["output"] = np.linalg.inv(np.eye(count) - books.inputs) @ (final + net - revenue)
    book["absorbed"] = book["output"] - net + revenue
    return book


def _reported(books: Books, book: dict[str, np.ndarray]) -> np.ndarray:
    spending = float(book["spending"][-1])
    return np.maximum(books.final_share, 1e-4) * spending


def _wishes(books: Books, book: dict[str, np.ndarray], kinds: int) -> np.ndarray:
    """Return rows whose squares are to be small: what bends, relative to its size."""
    reported = _reported(books, book)
    final = book["final"].copy()
    final[:, -1] -= reported
    rows = [(WEIGHTS["final"] / (reported + 0.02 * book["spending"][-1]))[:, None] * final]
    levels = (
        ("give", np.minimum(books.movable_imports, books.movable_exports)),
        ("less_in", books.movable_imports),
        ("less_out", books.movable_exports),
    )
    for name, level in levels[:kinds]:
        rows.append((WEIGHTS[name] / (0.5 * level + 0.02))[:, None] * book[name])
    if np.isfinite(books.farm_share):
        farm = (1.0 - books.inputs[:, FARM].sum()) * book["output"][FARM]
        farm[-1] -= books.farm_share
        rows.append(WEIGHTS["farm"] / (books.farm_share + 0.02) * farm[None, :])
    return np.vstack(rows)


def _limits(books: Books, book: dict[str, np.ndarray], kinds: int, firm: float) -> np.ndarray:
    """Return rows that must not be negative."""

    def above(matrix: np.ndarray, lowest: np.ndarray | float) -> np.ndarray:
        row = np.atleast_2d(matrix).copy()
        row[:, -1] -= lowest
        return row

    domestic = book["output"] - book["exports"]
    rows = [
        above(domestic - firm * DOMESTIC_FLOOR * book["absorbed"], 1e-9),
        above(domestic, firm * SMALLEST),
        above(book["final"], firm * FINAL_KEPT * _reported(books, book)),
    ]
    if kinds >= 1:
        rows += [
            book["give"],
            above(-book["give"], -books.reexport_limit),
            above(book["imports"], books.imports - MOVABLE * books.movable_imports),
            above(book["exports"], books.exports - MOVABLE * books.movable_exports),
        ]
    if kinds == 3:
        # Cutting one side of trade must not open a deficit or surplus that no one would finance.
        rows += [book["less_in"], book["less_out"]]
        rows += [above(book["balance"], -DEFICIT_CAP), above(-book["balance"], -DEFICIT_CAP)]
    return np.vstack(rows)
