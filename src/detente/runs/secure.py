"""Compute the strategic balance: risk, deterrence, spending and arsenals, before and after."""

# Layers that the models of security read; a world without those of `NEEDED` has no such part.
NEEDED = ("gdp", "population", "distance_min", "land_border", "polyarchy", "defence_pact")
LAYERS = (
    *NEEDED,
    "alliance",
    "alliance_reliability",
    "eu_42_7",
    "ideal_point",
    "membership",
    "military_spending",
    "sanction_arms",
    "sanction_financial",
    "sanction_trade",
    "spending_commitment",
    "troops",
    "warheads",
    "alert_share",
    "missile_defence",
)
REGIONS = ("EASTERN_EUROPE", "MIDDLE_EAST", "EAST_ASIA", "USMCA")
POWERS = "MAJOR_POWERS"
YEARS = 10
# Directed pairs shown beside those of the claims: the riskiest, and those that move most.
SHOWN = 12
