"""Votes of the General Assembly by the published data rules; the full run is in `validate`."""

import numpy as np
import pandas as pd
import pytest

from detente.alignment import fit_ideal_points, un_bridge, un_votes
from detente.errors import DataError


def test_the_data_rules(raw):
    votes = un_votes(raw)
    assert set(votes["vote"]) == {1, 2, 3} and not votes.isna().any(axis=None)
    assert not votes.duplicated(["voter", "period", "item"]).any()
    assert 19 not in set(votes["period"]) and "ZAN" not in set(votes["voter"])
    assert votes.loc[votes["voter"] == "CHN", "period"].min() == 26
    assert votes.loc[votes["voter"] == "TWN", "period"].max() == 26  # its last votes
    assert not ((votes["voter"] == "ZAF") & (votes["period"] == 48)).any()
    # Emergency special sessions of 2025, on Ukraine among others, are not lost.
    late = un_votes(raw, first=79)
    assert {79, 80} == set(late["period"]) and late["item"].nunique() == 192
    years = set(un_votes(raw, first=79, period="year")["period"])
    assert years == {2025}
    with pytest.raises(DataError, match=r"sessions 90 to 91"):
        un_votes(raw, first=90, last=91)


def test_a_few_sessions_agree_with_the_published_positions(raw):
    votes = un_votes(raw, first=68, last=69)
    found = fit_ideal_points(votes, un_bridge(raw), draws=80, thin=1, warmup=120)
    assert found.facts["method"] == "published" and found.facts["bridged"] > 15
    published = pd.read_parquet(raw / "unga_ideal" / "idealpoints_by_issue_apr2020.parquet")
    both = found.table().merge(published, left_on=["voter", "period"], right_on=["iso3", "session"])
    assert len(both) > 380
    within = both.groupby("period")[["mean", "ip_all"]].apply(
        lambda part: np.corrcoef(part["mean"], part["ip_all"])[0, 1]
    )
    assert within.median() > 0.97
