"""Claims to weigh on the fabricated outcome, with a variant beside the scenario."""

import dataclasses

import pandas as pd

from detente.claims import weigh_all
from detente.scenario import Claim
from fabricate import LIFT, RETALIATION, RIFT, outcome_of, quantile

CLAIMS = [
    Claim(id="1a", text="Lifting sanctions raises trade of the two.", side="for",
          variable="pair_trade", where={"origin": "USA", "destination": "RUS"},
          direction="rises", edits=[LIFT]),
    Claim(id="1b", text="Lifting sanctions raises Russian real income.", side="for",
          variable="real_income", where={"country": "RUS"}, direction="rises", edits=[LIFT]),
    Claim(id="2", text="It opens room for arms reductions.", side="for", computed_by="security"),
    Claim(id="11a", text="It cuts trade among the three.", side="against", variable="pair_trade",
          where={"country": "@USMCA"}, direction="falls", edits=[RIFT], members=True),
    Claim(id="11c", text="It lowers real income in the United States.", side="against",
          variable="real_income", where={"country": "USA"}, direction="falls"),
    Claim(id="12", text="It puts treaties at risk.", side="against", computed_by="ties"),
]  # fmt: skip
PRIORS = [
    {"name": "trade_elasticity[vehicles]", "distribution": "lognormal", "median": 4.0, "p05": 2.5,
     "p95": 6.4, "unit": "elasticity", "source": "eight published sources", "note": ""},
]  # fmt: skip


def weighed(outcome):
    def solve(questions):
        tables = (pd.DataFrame(one.given, index=[0]) for one in questions)
        found = (outcome_of([one.label], t, 0) for one, t in zip(questions, tables, strict=True))
        return [(one, 0) for one in found]

    whole = [c.model_copy(update={"edits": ()}) for c in CLAIMS if c.id in ("11a", "11c")]
    asked = [(None, one) for one in CLAIMS] + [(RETALIATION, one) for one in whole]
    claims = weigh_all(outcome, asked, solve, quantile)
    manifest = outcome.manifest | {"priors": [dict(row) for row in PRIORS]}
    return dataclasses.replace(outcome, claims=claims, manifest=manifest)
