"""Small worlds for the spending of states: made up, with every tie stated here."""

import numpy as np

from detente.world import World, make_world

CODES = ["CAN", "CHN", "DEU", "GBR", "IND", "RUS", "USA"]
SPENDING = [28.0, 270.0, 70.0, 78.0, 80.0, 100.0, 860.0]
OUTPUT = [2100.0, 17800.0, 4500.0, 3300.0, 3600.0, 2000.0, 27000.0]
NATO = ("CAN", "DEU", "GBR", "USA")
RIVALS = (("RUS", "USA"), ("CHN", "USA"), ("CHN", "IND"), ("GBR", "RUS"))


def tiny(order: list[str] | None = None, **changed: dict[str, float]) -> World:
    """Return a world of seven states; `changed` sets cells of country layers by code."""
    codes = order or CODES
    at = {code: place for place, code in enumerate(codes)}
    count = len(codes)
    layers = {
        "military_spending": np.array([SPENDING[CODES.index(c)] for c in codes]) * 1000,
        "gdp": np.array([OUTPUT[CODES.index(c)] for c in codes]) * 1000,
        "spending_commitment": np.zeros(count),
    }
    for name, cells in changed.items():
        for code, value in cells.items():
            layers[name][at[code]] = value
    pact, arms = np.zeros((count, count)), np.zeros((count, count))
    for a in NATO:
        for b in NATO:
            pact[at[a], at[b]] = a != b
    for a, b in RIVALS:
        arms[at[a], at[b]] = 1
    pairs = {"defence_pact": pact, "sanction_arms": arms, "sanction_trade": np.zeros_like(arms)}
    groups = {"NATO": tuple(c for c in codes if c in NATO)}
    return make_world("tiny", 2023, layers | pairs, codes, ["all"], groups=groups)


def threats(draws: int, codes: list[str] | None = None, **points: float) -> np.ndarray:
    """Return a threat of 10 points to all, [draw, country], and what is stated by code."""
    order = codes or CODES
    grid = np.full((draws, len(order)), 10.0)
    for code, value in points.items():
        grid[:, order.index(code)] = value
    return grid
