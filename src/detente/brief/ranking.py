"""Which countries stand in the list of the largest changes."""

from typing import Any

import numpy as np

from detente.brief import numbers
from detente.outcome import Outcome

MAPPED = "real_income"  # the variable of the map and of this list
LEAST_INCOME = 0.001  # of the world's, for an economy to stand here
EACH_END = 12


def ranking(outcome: Outcome, shown: list[str], acting: list[str]) -> dict[str, Any]:
    """Return the largest gains and losses among economies that are not tiny.

    Parameters
    ----------
    outcome, shown
        Scenarios that solved, the first of which gives the order.
    acting
        Countries that stand here whatever their size and change.
    """
    if not shown:
        return {"rule": "", "variable": MAPPED, "countries": []}
    income = outcome.base["income"].values
    large = [c for n, c in enumerate(outcome.countries) if income[n] >= LEAST_INCOME * income.sum()]
    codes = sorted({*large, *acting})
    moving = _moving(outcome, codes, shown)
    codes = [code for code in codes if code in moving or code in acting]
    middle = np.median(outcome.values(MAPPED, codes, shown[0]), axis=0)
    order = [codes[n] for n in np.argsort(middle)]
    if len(order) > 2 * EACH_END:
        ends = {*order[:EACH_END], *order[-EACH_END:], *acting}
        order = [code for code in order if code in ends]
    still = "" if moving else f"; none of them moves by 0.001{numbers.THIN}%"
    return {
        "rule": (
            f"Economies of at least {100 * LEAST_INCOME:g} % of world income, and the countries "
            f"that act: the {EACH_END} lowest and highest medians of the first scenario{still}."
        ),
        "variable": MAPPED,
        "countries": order[::-1],
    }


def _moving(outcome: Outcome, codes: list[str], shown: list[str]) -> set[str]:
    """Return the countries whose change is not written as zero in every scenario."""
    ends = [
        np.abs(np.quantile(100 * outcome.values(MAPPED, codes, label), (0.05, 0.5, 0.95), axis=0))
        for label in shown
    ]
    moves = (np.max(ends, axis=(0, 1)) >= numbers.STILL).tolist()
    return {code for code, moved in zip(codes, moves, strict=True) if moved}
