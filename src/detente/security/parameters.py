"""What is drawn in the models of security: one row a parameter, with its prior, unit and source.

The names are those of the columns that a run keeps: the part, a point, and the parameter of it.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from scipy.special import betaincinv, ndtr, ndtri

from detente.security import deterrence_prior as deterrence
from detente.security import exchange_priors, spending_record
from detente.security.initiators import initiator_slope
from detente.security.reliability import COMMON, INTERVAL, SHAPE
from detente.strategic import of_states

LOW, MIDDLE, HIGH = 0.05, 0.5, 0.95
ASSUMED = "assumption"
# Units of the uncertain numbers of an exchange, by what stands before the bracket.
OF_EXCHANGE = {
    "found": "probability",
    "reliability": "probability",
    "cep": "m",
    "hardness": "psi",
    "hidden": "odds factor",
    "command": "probability",
    "command_gain": "share",
    "common": "share",
    "kill_found": "probability",
    "hunting": "odds factor",
    "interception": "quantile",
}


def security_parameters(states: Iterable[str]) -> list[dict[str, Any]]:
    """Return what is drawn: name, distribution, median, p05, p95, unit, source, note.

    Parameters
    ----------
    states
        Codes of the states whose arsenals are looked at; other arsenals are left out.

    Examples
    --------
    >>> rows = {row["name"]: row for row in security_parameters(["USA", "RUS"])}
    >>> rows["deterrence.pact_effect"]["median"], rows["deterrence.reach"]["unit"]
    (-0.2, 'km')
    >>> "exchange.cep[USA silo]" in rows, "exchange.cep[CHN silo]" in rows
    (True, False)
    """
    return [*_deterrence(), *_disputes(), *_spending(), *_exchange(set(states))]


def _row(
    name: str, distribution: str, values: Iterable[float], unit: str, source: str, note: str = ""
) -> dict[str, Any]:
    low, middle, high = (float(value) for value in values)
    return {
        "name": name,
        "distribution": distribution,
        "median": middle,
        "p05": low,
        "p95": high,
        "unit": unit,
        "source": source,
        "note": note,
    }


def _deterrence() -> list[dict[str, Any]]:
    quantiles = np.array([LOW, MIDDLE, HIGH])
    effect = np.minimum(deterrence.EFFECT_MEAN + deterrence.EFFECT_SD * ndtri(quantiles), 0.0)
    # One half at nothing, the other half even from nothing to all.
    coupling = np.clip((quantiles - deterrence.EXISTS) / (1 - deterrence.EXISTS), 0.0, 1.0)
    mean, error = initiator_slope()
    presence_effect = deterrence.PRESENCE_SD * ndtri(quantiles)
    # The common part alone varies: a narrower range than that of one promise.
    common = betaincinv(SHAPE, SHAPE, ndtr(np.sqrt(COMMON) * ndtri(quantiles)))
    said: tuple[tuple[str, str, Any, str, str, str], ...] = (
        ("pact_effect", "normal, cut at 0", effect, "log odds of a challenge",
         "Leeds 2003; Benson 2011; disputed by Kenwick, Vasquez & Powers 2015", ""),
        ("substitution", "uniform", quantiles, "share", ASSUMED, ""),
        ("capability_exponent", "uniform", quantiles, "exponent",
         "0 is output, 1 is Beckley 2018", ""),
        ("reputation_spillover", "half 0, half uniform", coupling, "share",
         "none: Mercer 1996, Press 2005; some: Crescenzi 2007, Gibler 2008, Weisiger & "
         "Yarhi-Milo 2015", ""),
        ("alliance_contagion", "half 0, half uniform", coupling, "share", ASSUMED, "no study"),
        ("informal_weight", "uniform", quantiles, "share of a pact", ASSUMED, ""),
        ("initiator_slope", "normal", mean + error * ndtri(quantiles),
         "log odds per log of the ratio of outputs", "estimate, data/initiators.json", ""),
        ("reach", "log-uniform",
         deterrence.REACH * deterrence.REACH_FACTOR ** (2 * quantiles - 1), "km", ASSUMED,
         "distance at which strength falls to 37 per cent"),
        ("troops_effect", "normal", presence_effect, "log odds of a challenge",
         ASSUMED, "prior-driven: no sign is known; of a deployment of 35,000 that begins"),
        ("arms_effect", "normal", presence_effect, "log odds of a challenge",
         ASSUMED, "prior-driven: no sign is known; of a supply of arms that begins"),
        ("reliability", "beta", common, "probability",
         "Berkemeier & Fuhrmann 2018; Leeds, Long & Mitchell 2000",
         f"the part that all promises share; of one promise 90 per cent lie in {INTERVAL[0]:g} to "
         f"{INTERVAL[1]:g}. That it scales the effect of a pact is an assumption"),
    )  # fmt: skip
    return [
        _row(f"deterrence.{name}", kind, values, unit, source, note)
        for name, kind, values, unit, source, note in said
    ]


def _disputes() -> list[dict[str, Any]]:
    return [
        _row(
            "disputes.effect_share", "uniform", (LOW, MIDDLE, HIGH), "share", ASSUMED,
            "share of the association between a trait of two states and disputes that an edit of "
            "the trait brings about",
        )
    ]  # fmt: skip


def _spending() -> list[dict[str, Any]]:
    flag, record = spending_record.flag(), spending_record.read_record()
    rows = []
    for name, prior in spending_record.spending_priors().items():
        anchor = record["priors"][name]["anchor"]
        besides = f"; {anchor['source']}" if anchor else ""
        rows.append(
            _row(
                f"spending.{name}",
                prior.distribution.replace("_", " "),
                (float(prior.quantile(q)) for q in (LOW, MIDDLE, HIGH)),
                prior.unit,
                f"estimate, data/military_spending.json{besides}",
                flag if name in ("threat", "rivals", "allies", "nato_allies") else "",
            )
        )
    return rows


def _exchange(states: set[str]) -> list[dict[str, Any]]:
    rows = []
    for name, prior in exchange_priors.ranges().items():
        if not of_states(name, states):
            continue
        stem = name.partition("[")[0]
        note = f"moves with others by the common cause '{prior.factor}'" if prior.factor else ""
        rows.append(
            _row(
                f"exchange.{name}", prior.distribution,
                (float(prior.quantile(q)) for q in (LOW, MIDDLE, HIGH)),
                OF_EXCHANGE[stem], prior.source, note,
            )
        )  # fmt: skip
    return rows
