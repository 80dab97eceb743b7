"""Power indices as published, and the forecasts that a model of positions has to beat."""

from collections.abc import Iterator
from pathlib import Path

from detente.alignment.influence_power import voting_power
from detente.data.estimate.alignment_response_panel import positions_only
from detente.data.estimate.alignment_response_scores import forecast_errors
from detente.data.paths import raw_folder
from detente.data.recipes.tables import read_table
from detente.validate import Line

GROUP = "alignment"
EEC = "Felsenthal & Machover (1998) The Measurement of Voting Power"
COUNCIL = "Shapley & Shubik (1954) APSR 48:787, extended to 15 seats: 421/2145 and 4/2145"
COLLEGE = "program ipgenf (Leech, Warwick), electoral college of 2000"
WALK = "frozen baseline: random walk, sessions 45-74, release of April 2020"
# Electors by number of states, apportionment of 1990: 51 players, 538 votes.
ELECTORS = (
    {54: 1, 33: 1, 32: 1, 25: 1, 23: 1, 22: 1, 21: 1, 18: 1, 15: 1, 14: 1, 13: 2, 12: 2, 11: 4}
    | {10: 2, 9: 2, 8: 6, 7: 3, 6: 2, 5: 4, 4: 6, 3: 8}
)  # fmt: skip
# RMSE by sessions ahead.
RANDOM_WALK = {1: 0.199, 3: 0.280, 5: 0.321, 10: 0.396}


def lines(raw: Path | None = None) -> Iterator[Line]:
    """Yield indices of three published games, then the errors of the random walk.

    Parameters
    ----------
    raw
        Folder of raw tables, or None for the default; the games need none.
    """
    eec = voting_power([4, 4, 4, 2, 2, 1], 12)
    yield Line(GROUP, "EEC 1958, Shapley of a large state", EEC, "", eec.shapley[0], 0.233, 5e-4)
    yield Line(GROUP, "EEC 1958, Banzhaf of a large state", EEC, "", eec.banzhaf[0], 0.238, 5e-4)
    yield Line(GROUP, "EEC 1958, Luxembourg", EEC, "", eec.shapley[5], 0.0, 1e-12)
    council = voting_power([7] * 5 + [1] * 10, 39)
    for place, name, value in ((0, "permanent", 421 / 2145), (9, "elected", 4 / 2145)):
        what = f"Security Council, Shapley, {name}"
        yield Line(GROUP, what, COUNCIL, "", council.shapley[place], value, 1e-12)
    votes = [size for size, states in ELECTORS.items() for _ in range(states)]
    college = voting_power(votes, 270)
    first = {"swing": 0.466454, "banzhaf": 0.111428, "coleman_prevent": 0.470034}
    for name, value in first.items():
        what = f"US electors 2000, California, {name}"
        yield Line(GROUP, what, COLLEGE, "", getattr(college, name)[0], value, 5e-7)
    folder = raw_folder(raw)
    read_table(folder, "unga_ideal/idealpoints_by_issue_apr2020.parquet", ["session"])
    panel = positions_only(folder, "votes_2020")
    for horizon, value in RANDOM_WALK.items():
        ours = forecast_errors(panel, (), horizon, 1990, 2019).rmse
        what = f"random walk of positions, {horizon} ahead"
        yield Line(GROUP, what, WALK, "index", ours, value, 5e-4)
