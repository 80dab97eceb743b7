"""Contests, stable networks and dispute outcomes against what was published."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from detente.data.estimate.dispute_outcomes import panel, shares_loss
from detente.data.paths import raw_folder
from detente.security.contest import contest, tie_effect
from detente.security.outcomes import read_record as outcomes
from detente.security.vulnerability import networks, war_stable
from detente.validate import Line

GROUP = "security"
NETWORKS = "Jackson & Nei (2015) PNAS 112:15277, theorems 1 and 2, by enumeration"
CONTEST = "König, Rohner, Thoenig & Zilibotti (2017) Econometrica 85:1093, closed form"
OUTCOMES = "Carroll & Kenkel (2019) American J. Political Science 63:577: 0.20 to 0.23"
TIGHT = 1e-9


def lines(raw: Path | None = None) -> Iterator[Line]:
    """Yield networks that last, equilibria of contests, and the score of dispute outcomes.

    Parameters
    ----------
    raw
        Folder of raw tables, or None for the default; only the sample of outcomes needs them.
    """
    yield from _networks()
    yield from _contests()
    record = outcomes()
    score = record["reduction"]
    # The shipped score; the range is published for another version of the tables.
    name = "dispute outcomes, reduction in loss (shipped)"
    yield Line(GROUP, name, OUTCOMES, "", score["components_and_year"], 0.215, 0.015)
    name = "capability ratio alone (shipped)"
    yield Line(GROUP, name, OUTCOMES.replace("0.20 to 0.23", "0.01 to 0.018"), "",
               score["capability_ratio"], 0.015, 0.02)  # fmt: skip
    table = panel(raw_folder(raw))
    outcome = table["outcome"].to_numpy()
    yield Line(GROUP, "dispute outcomes, disputes", "shipped record", "", len(table),
               record["n"], 0)  # fmt: skip
    name = "dispute outcomes, loss of the shares"
    yield Line(GROUP, name, "shipped record", "", shares_loss(outcome, outcome),
               record["log_loss_shares"], 1e-5)  # fmt: skip


def _networks() -> Iterator[Line]:
    for count in (3, 4, 5):
        stable = sum(
            bool(ties.any()) and war_stable(ties, np.ones(count), 1.5) for ties in networks(count)
        )
        name = f"war-stable with a tie, no trade, {count} states"
        yield Line(GROUP, name, NETWORKS, "networks", stable, 0, 0)
    for count in (3, 4, 5):
        every = ~np.eye(count, dtype=bool)
        lasts = war_stable(every, np.ones(count), 1.5, float, prize=0.5)
        name = f"complete network lasts with trade, {count} states"
        yield Line(GROUP, name, NETWORKS, "", float(lasts), 1, 0)


def _contests() -> Iterator[Line]:
    none = np.zeros((3, 3))
    pair = none.copy()
    pair[0, 1] = pair[1, 0] = 1
    total = contest(none, none).total
    yield Line(GROUP, "contest of three without ties, total effort", CONTEST, "prize", total,
               2 / 3, TIGHT)  # fmt: skip
    found = contest(pair, none, beta=0.5)
    # By hand: G = (2/3, 2/3, 1), L = 4/7, phi = 12/49 G, and x = 8/49 / (1 + 1/2) for the allies.
    yield Line(GROUP, "contest, two allies of three: an ally", CONTEST, "prize", found.effort[0],
               16 / 147, TIGHT)  # fmt: skip
    yield Line(GROUP, "contest, two allies of three: the other", CONTEST, "prize",
               found.effort[2], 12 / 49, TIGHT)  # fmt: skip
    yield Line(GROUP, "contest, gap of the first-order conditions", CONTEST, "prize", found.gap,
               0, TIGHT)  # fmt: skip
    for words, ties, sign in (("alliance", (pair, none), 1), ("enmity", (none, pair), -1)):
        change = tie_effect(*ties, pair=(0, 1))
        name = f"sign of total effort, an {words} removed"
        yield Line(GROUP, name, CONTEST, "", float(np.sign(change)), sign, 0)
