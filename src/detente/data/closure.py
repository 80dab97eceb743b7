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
WEIGHTS = {"farm": 2.0, "final": 1.0, "reexport": 1.0, "imports": 30.0, "exports": 30.0}


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


def close(books: Books, cut_trade: bool) -> Closed | None:
    """Return the accounts nearest to the reported final shares, or None when there are none.

    Parameters
    ----------
    books
        Trade and technology of the country.
    cut_trade
        Whether imports and exports may be given away to other countries.

    Returns
    -------
    Closed or None
        None: no final use within bounds makes every domestic sale large enough.

    Examples
    --------
    >>> one = np.array([0.5, 0.5])
    >>> zero = np.zeros(2)
    >>> books = Books(np.zeros((2, 2)), one, zero, zero, np.nan, zero, zero, zero, zero)
    >>> close(books, cut_trade=False).output.tolist()
    [0.5, 0.5]
    """
    count = len(books.exports)
    eye = np.eye(count)
    # Variables: final use (all sectors but the last, which takes the rest), re-exports given up
    # and, when allowed, imports and exports cut.
    parts = 4 if cut_trade else 2
    size = (count - 1) + (parts - 1) * count

    def block(index: int, matrix: np.ndarray) -> np.ndarray:
        wide = np.zeros((count, size))
        if index < parts - 1:
            start = count - 1 + index * count
            wide[:, start : start + count] = matrix
        return wide

    give, less_in, less_out = block(0, eye), block(1, eye), block(2, eye)
    imports = -give - less_in
    exports = -give - less_out
    net = exports - imports
    revenue = books.duty[:, None] * imports
    base_net = books.exports - books.imports
    base_revenue = books.duty * books.imports
    # Spending = GDP (1) + revenue + deficit.
    spend = revenue.sum(axis=0) - net.sum(axis=0)
    base_spend = 1.0 + base_revenue.sum() - base_net.sum()
    final = np.zeros((count, size))
    final[: count - 1, : count - 1] = np.eye(count - 1)
    final[-1] = spend
    final[-1, : count - 1] -= 1.0
    base_final = np.zeros(count)
    base_final[-1] = base_spend
    leontief = np.linalg.inv(eye - books.inputs)
    output = leontief @ (final + net - revenue)
    base_output = leontief @ (base_final + base_net - base_revenue)
    reported = np.maximum(books.final_share * base_spend, 1e-4 * base_spend)
    absorbed = output - net + revenue
    base_absorbed = base_output - base_net + base_revenue

    scale = 1.0 / (reported + 0.02 * base_spend)
    rows = [WEIGHTS["final"] * scale[:, None] * final]
    goals = [WEIGHTS["final"] * scale * (reported - base_final)]
    for index, (name, level) in enumerate(
        (
            ("reexport", np.minimum(books.movable_imports, books.movable_exports)),
            ("imports", books.movable_imports),
            ("exports", books.movable_exports),
        )[: parts - 1]
    ):
        weight = WEIGHTS[name] / (0.5 * level + 0.02)
        rows.append(weight[:, None] * block(index, eye))
        goals.append(np.zeros(count))
    if np.isfinite(books.farm_share):
        # Agriculture stands first; its value added is reported for nearly every country.
        share = 1.0 - books.inputs[:, FARM].sum()
        weight = WEIGHTS["farm"] / (books.farm_share + 0.02)
        rows.append(weight * share * output[FARM][None, :])
        goals.append(weight * (np.array([books.farm_share]) - share * base_output[FARM]))
    bounds = [
        output - exports - DOMESTIC_FLOOR * absorbed,
        output - exports,
        final,
        give,
        -give,
        imports,
        exports,
    ]
    lower = [
        books.exports - base_output + DOMESTIC_FLOOR * base_absorbed + 1e-9,
        books.exports - base_output + SMALLEST,
        FINAL_KEPT * reported - base_final,
        np.zeros(count),
        -books.reexport_limit,
        -MOVABLE * books.movable_imports,
        -MOVABLE * books.movable_exports,
    ]
    if cut_trade:
        # Cutting one side of trade must not open a deficit or surplus that no one would finance.
        balance, base_balance = -net.sum(axis=0)[None, :], -float(base_net.sum())
        bounds += [less_in, less_out, balance, -balance]
        lower += [np.zeros(count), np.zeros(count)]
        lower += [np.array([-DEFICIT_CAP - base_balance]), np.array([base_balance - DEFICIT_CAP])]
    z = bounded_least_squares(
        np.vstack(rows), np.concatenate(goals), np.vstack(bounds), np.concatenate(lower)
    )
    if z is None:
        return None
    found = [np.maximum(block(i, eye) @ z, 0.0) for i in range(3)]
    return Closed(final @ z + base_final, output @ z + base_output, *found)
