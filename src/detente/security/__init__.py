"""What states may do to one another: disputes, deterrence, coalitions, spending, arsenals.

Names load on first use, so that importing the room costs nothing.
"""

from detente.lazy import load_on_use

_HOMES = {
    "Challenge": "challenge",
    "Choices": "nuclear_pair",
    "Equilibrium": "contest",
    "Hazards": "disputes",
    "NEW_START": "treaties",
    "Pacts": "pacts",
    "SpendingPath": "spending_result",
    "SpendingTies": "spending_ties",
    "Stability": "nuclear",
    "bonds_of": "pacts",
    "capability": "capability",
    "challenge_risk": "deterrence",
    "coalition": "capability",
    "common_reliability": "reliability",
    "contest": "contest",
    "crisis": "crisis",
    "dispute_hazards": "disputes",
    "draw_spending": "spending_record",
    "drawdown": "nuclear_drawdown",
    "drivers": "deterrence_prior",
    "exchange_draws": "exchange_priors",
    "extended_deterrence": "extended",
    "fight": "coalition",
    "forces": "arsenals",
    "pair_terms": "disputes",
    "pacts_of": "pacts",
    "read_nmc": "capability_nmc",
    "readings": "nuclear_readings",
    "reductions": "nuclear_verdict",
    "reliability": "reliability",
    "second_strike": "nuclear",
    "spending_path": "spending",
    "spending_priors": "spending_record",
    "spending_ties": "spending_ties",
    "state_network": "contest_world",
    "unprotected": "deterrence",
    "vulnerable": "vulnerability",
    "war_stable": "vulnerability",
    "win_probability": "coalition",
}

__getattr__, __dir__, __all__ = load_on_use(__name__, _HOMES)  # pyright: ignore[reportUnsupportedDunderAll]
