"""Chapter 2 of the Advanced Guide as its authors computed it: an iteration stopped at 0.01.

Their program (RTAsEffects.do, in the files that come with the guide) alternates between fitting
flows to new sizes and new factory-gate prices, and stops when prices move by less than 0.01 between
two rounds: after three. Written out here with NumPy, since a fit with exporter and importer effects
and costs held fixed is a scaling of rows and columns. It shares no code with the trade model.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

STOP = 0.01
FITTED = 1e-13


@dataclass(frozen=True)
class Round:
    """What one round says.

    Attributes
    ----------
    exports, real_gdp : [country] growth through the agreement: base over counterfactual, less one
    """

    exports: np.ndarray
    real_gdp: np.ndarray


def _scaled(
    table: np.ndarray, sold: np.ndarray, bought: np.ndarray, reference: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return row and column factors that fit a table to sums; the reference buys with factor 1."""
    column = np.ones(len(bought))
    moved = np.inf
    while moved > FITTED:
        row = sold / (table @ column)
        new = bought / (table.T @ row)
        moved = float(np.abs(np.log(new / column)).max())
        column = new
    return sold / (table @ column) * column[reference], column / column[reference]


def rounds(
    flow: np.ndarray, change: np.ndarray, sigma: float, reference: int
) -> Iterator[tuple[Round, bool]]:
    """Yield what each round says, and whether the guide's rule stops there.

    Parameters
    ----------
    flow
        [origin, destination] fitted trade of the base, domestic sales included.
    change
        [origin, destination] factor on flows at given sizes, in the counterfactual.
    sigma
        Elasticity of substitution.
    reference
        The country whose import prices are the numeraire.

    Notes
    -----
    Yotov et al. (2016), chapter 2, application 2, step III; the equations stand in its boxes. Names
    follow the program: pi and chi are exporter and importer effects, relative to the base.
    """
    table = flow * change
    abroad = ~np.eye(len(flow), dtype=bool)
    output, spending = flow.sum(axis=1), flow.sum(axis=0)
    phi, power = spending / output, 1 / (1 - sigma)
    sold, bought = output, spending
    pi, chi = _scaled(table, sold, bought, reference)
    price, before = pi**power, np.zeros(len(flow))
    outward, inward = sold * bought[reference] / pi, bought / (chi * bought[reference])
    moved_outward = moved_inward = np.ones(len(flow))
    fitted = pi[:, None] * table * chi[None, :]
    while True:
        asked = fitted * np.outer(price / moved_outward, price / moved_inward)
        new_pi, chi = _scaled(table, asked.sum(axis=1), asked.sum(axis=0), reference)
        fitted = new_pi[:, None] * table * chi[None, :]
        sold = fitted.sum(axis=1)
        was, bought = bought[reference], phi * sold
        here = bought[reference]
        stop = price - before
        before, price = price, (new_pi / pi / (here / was)) ** power
        pi = new_pi
        new_outward, new_inward = sold * here / pi, bought / (chi * here)
        moved_outward, moved_inward = new_outward / outward, new_inward / inward
        outward, inward = new_outward, new_inward
        whole = (pi / (here / spending[reference])) ** power
        end = whole * output
        # Flows at the end are what sizes, costs and resistances of the last round imply.
        trade = np.outer(pi / here, phi * end / inward) * table
        first = spending / spending[reference]
        real = (output * first**-power) / (end * inward**-power)
        yield (
            Round((flow * abroad).sum(axis=1) / (trade * abroad).sum(axis=1) - 1, real - 1),
            bool(np.std(np.repeat(stop, len(stop)), ddof=1) <= STOP and abs(stop.max()) <= STOP),
        )


def as_published(flow: np.ndarray, change: np.ndarray, sigma: float, reference: int) -> Round:
    """Return the round at which the guide stops."""
    return next(found for found, stops in rounds(flow, change, sigma, reference) if stops)
