"""Edits of pacts and reliability that no world can hold are refused where they are made."""

import numpy as np
import pytest

import detente as dt
from detente.errors import ScenarioError


@pytest.fixture(scope="module")
def world():
    return dt.load_world("world2023")


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (
            {"layer": "defence_pact", "where": {"origin": "USA", "destination": "USA"}, "set": 1},
            "origin and destination are the same, and defence_pact has no diagonal",
        ),
        (
            {"layer": "defence_pact", "where": {"origin": "USA", "destination": "EST"}, "set": 0.5},
            r"defence_pact would become 0.5 at origin USA, destination EST; it takes none \(0\)",
        ),
        (
            {"layer": "alliance_reliability", "where": {"origin": "USA", "destination": "EST"},
             "multiply": 1.5},
            "alliance_reliability must be .*, not 1.5 at origin USA, destination EST",
        ),
        (
            {"layer": "alliance_reliability", "where": {"origin": "USA", "destination": "TWN"},
             "multiply": 0.5},
            "alliance_reliability is not known at origin USA, destination TWN; use set",
        ),
        (
            {"layer": "defence_pact", "where": {"origin": "USA", "destination": "LIE"}, "set": 1},
            "LIE",
        ),
        (
            {"layer": "troops", "where": {"origin": "USA", "destination": "EST"}, "set": -1},
            "troops must be at least 0",
        ),
    ],
)  # fmt: skip
def test_impossible_edits_are_refused(world, edit, words):
    with pytest.raises(ScenarioError, match=words):
        dt.Scenario(name="bad", why="To be refused.", edits=[edit]).apply(world)


def test_everyone_with_everyone_leaves_the_diagonal_alone(world):
    edit = {"layer": "defence_pact", "where": {"origin": "@EU", "destination": "@EU"}, "set": 1}
    edited = dt.Scenario(name="pact", why="All bound.", edits=[edit]).apply(world)
    assert not np.diagonal(edited.values("defence_pact")).any()
