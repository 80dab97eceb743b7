"""By which equation each outcome of one country is computed, and from which layers."""

from dataclasses import dataclass

PAGE = "docs/explanation/trade-model.md"
CP2015 = "Caliendo & Parro 2015"
# What every outcome of the trade model is solved from.
LAYERS = ("flow", "tariff_rate", "input_share", "trade_elasticity", "deficit")
# More layers that are read where a world has them, or an edit changes them.
MORE = (
    "supply_elasticity",
    "scale_elasticity",
    "local_labour_share",
    "tariff_selection",
    "tax_relief",
    "sanction_trade",
    "trade_agreement",
)


@dataclass(frozen=True)
class Equation:
    """How an outcome follows from an equilibrium.

    Attributes
    ----------
    text : the equation; a hat is new over old, a prime is new
    source : paper and number, or what it is
    anchor : where the letters are explained
    """

    text: str
    source: str
    anchor: str = f"{PAGE}#measures"


EQUATIONS = {
    "real_income": Equation("((Y' + R') / (Y + R)) / P_hat - 1", f"{CP2015}, eq. 3, without D"),
    "real_wage": Equation("w_hat / P_hat - 1", f"{CP2015}, eq. 14 and 3"),
    "real_spending": Equation("((Y' + R' + D') / (Y + R + D)) / P_hat - 1", f"{CP2015}, eq. 3"),
    "terms_of_trade": Equation(
        "sum_s (sum_d F_cds (c_hat_cs - 1) - sum_o F_ocs (c_hat_os - 1)) / I", f"{CP2015}, eq. 16"
    ),
    "volume_of_trade": Equation(
        "sum_os (tau_ocs - 1) (F'_ocs - F_ocs - F_ocs (c_hat_os - 1 + d_hat_ocs - 1)) / I",
        f"{CP2015}, eq. 16",
    ),
    "technical": Equation("-sum_os F_ocs (d_hat_ocs - 1) / I", f"{CP2015}, eq. 16, costs added"),
    "first_order": Equation("terms_of_trade + volume_of_trade + technical", f"{CP2015}, eq. 16"),
    "price_index": Equation("prod_s P_hat_cs^alpha_cs - 1", f"{CP2015}, eq. 3"),
    "wage": Equation("w_hat - 1, world value added fixed", f"{CP2015}, eq. 14"),
    "exports": Equation("sum_ds F'_cds / sum_ds F_cds - 1, d other than c", "definition"),
    "imports": Equation("sum_os F'_ocs / sum_os F_ocs - 1, o other than c", "definition"),
    "trade": Equation("(exports' + imports') / (exports + imports) - 1", "definition"),
    "goods_trade": Equation("as trade, over sectors that are goods", "definition"),
    "openness": Equation(
        "(1 - pi'_home) / (1 - pi_home) - 1, pi_home the share of spending at home", "definition"
    ),
    "tariff_revenue": Equation("(R' - R) / (Y + R)", "definition"),
    "transfer": Equation(
        "T / (Y + R), T the transfers that give all members one change",
        "pooled compensation",
        f"{PAGE}#policies-as-prices",
    ),
    "compensated_income": Equation(
        "((Y' + R' + T) / (Y + R)) / P_hat - 1",
        "pooled compensation",
        f"{PAGE}#policies-as-prices",
    ),
}

DETERRENCE = "docs/explanation/deterrence.md"
BEGUN = "sum_ab r'_ab, logit r'_ab = logit r_ab + beta w_ab"
EITHER = "sum_ab 1 - (1 - r'_ab) (1 - r'_ba)"
# Read-outs of the strategic balance.
READOUTS = {
    "dispute_risk": Equation(EITHER, "deterrence, assumed", f"{DETERRENCE}#what-a-pact-does"),
    "fatal_dispute_risk": Equation(
        "sum_ab P(fatal)_ab d_ab / p_ab, d_ab the risk of a dispute with pacts, p_ab without",
        "nested logits; pacts act alike on all kinds, assumed",
        "docs/explanation/dispute-risk.md#what-is-forecast",
    ),
    "war_risk": Equation(
        "sum_ab P(war)_ab d_ab / p_ab, d_ab the risk of a dispute with pacts, p_ab without",
        "nested logits; pacts act alike on all kinds, assumed",
        "docs/explanation/dispute-risk.md#what-is-forecast",
    ),
    "challenge_risk": Equation(BEGUN, "deterrence, assumed", f"{DETERRENCE}#what-a-pact-does"),
    "challenge_risk_by_treaty": Equation(
        f"{BEGUN}, without couplings between promises",
        "deterrence, assumed",
        f"{DETERRENCE}#who-is-protected-by-what",
    ),
    "military_outlays": Equation(
        "sum_i M_i exp(m'_i,10 - m_i,10), m of the partial adjustment",
        "estimate and prior: Nordhaus, Oneal & Russett 2012",
        "docs/explanation/military-spending.md#from-a-scenario-to-a-path",
    ),
    "second_strike": Equation(
        "min over the two sides of P(R >= 10)",
        "exchange model",
        "docs/explanation/nuclear-stability.md#equations",
    ),
    "second_strike_100": Equation(
        "min over the two sides of P(R >= 100)",
        "exchange model",
        "docs/explanation/nuclear-stability.md#equations",
    ),
}
