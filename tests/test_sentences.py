"""Edits in words: every layer with its unit, tables, and what follows from another edit."""

import csv
import re
from importlib import resources

import pytest

import detente as dt
from detente.edit import editable
from detente.idle import NO_FLOW, NO_RENT, NO_TRADE, notes
from detente.scenario import Scenario


@pytest.fixture(scope="module")
def world():
    return dt.load_world("world2023")


def edit(layer, value, operation="set", **where):
    return {"layer": layer, "where": where, operation: value}


def made(*edits, **more):
    return Scenario(name="x", why="?", edits=list(edits), **more)


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (edit("membership", 0, country="USA", organisation="NATO"),
         "Membership of USA in NATO: set to none; member becomes none (1 cell)."),
        (edit("sanction_trade", 1, origin="USA", destination="RUS"),
         "Trade sanction of USA on RUS: set to partial; broad becomes partial (1 cell)."),
        (edit("trade_agreement", "none", origin="USA", destination="CAN"),
         "Trade agreement of USA with CAN: set to none; in force becomes none (2 cells)."),
        (edit("warheads", 1, country="PRK"),
         "Warheads of PRK: set to 1 warhead; 50 warheads become 1 warhead (1 cell)."),
        (edit("spending_commitment", 0.01, "add", country="DEU"),
         "Spending commitment of DEU: add 1 point; none becomes 1 % of output (1 cell)."),
        (edit("alert_share", 0.5, country="USA"),
         "Alert share of USA: set to 50 %; 100 % becomes 50 % (1 cell)."),
        (edit("quota", 0.8, origin="CHN", destination="USA"),
         "Quota on units of goods from CHN to USA: set to 0.8 times the base; none becomes 0.8 "
         "times the base (10 cells)."),
        (edit("embargo", 0.5, origin="RUS", destination="DEU"),
         "Embargo on all sectors from RUS to DEU: set to 50 % of the flow; none becomes 50 % of "
         "the flow (12 cells)."),
        (edit("price_cap", 0.2, origin="RUS", destination="DEU"),
         "Price cap of DEU on goods from RUS: set to 20 % below the price at the border; none "
         "becomes 20 % below the price at the border (10 cells)."),
        (edit("embargo", 0.999999, origin="RUS", destination="DEU"),
         "Embargo on all sectors from RUS to DEU: set to 99.9999 % of the flow; none becomes "
         "99.9999 % of the flow (12 cells)."),
        (edit("embargo", 1, origin="RUS", destination="DEU"),
         "Embargo on all sectors from RUS to DEU: set to 100 % of the flow; none becomes 100 % of "
         "the flow (12 cells)."),
        (edit("tariff_rate", 10, origin="RUS", destination="DEU", sector="chemicals"),
         "Tariff of DEU on chemicals from RUS: set to 1,000 %; 0.62 % becomes 1,000 % (1 cell)."),
    ],
)  # fmt: skip
def test_numbers_come_with_units_and_codes_as_words(world, one, said):
    assert made(one, pacts="as_edited").describe(world) == [said]


def test_no_unit_of_the_vocabulary_stands_in_a_sentence_as_it_is(world):
    """Units such as "0 or 1", "level" and "share of output" describe a column, not a number."""
    for layer, rule in editable().items():
        named = {"origin": "USA", "destination": "RUS", "country": "USA", "organisation": "NATO"}
        where = {dim: named[dim] for dim in rule.dims if dim in named}
        value = max(rule.values.values()) if rule.values else 0.5
        (said,) = made(edit(layer, value, **where), pacts="as_edited").describe(world)[:1]
        assert not re.search(r"\d (0 or 1|level|code|index|rate|share|probability)\b", said), said


def test_a_table_names_few_labels_counts_many_and_gives_its_range(world):
    rows = [{"origin": code, "destination": "USA", "add": value} for code, value in
            (("CAN", 0.1), ("MEX", 0.25), ("CHN", -0.01))]  # fmt: skip
    (said,) = made({"layer": "tariff_rate", "table": rows}).describe(world)
    assert said.startswith(
        "Tariff of USA on goods from CAN, MEX and CHN (3 rows of a table): add -1 to 25 points; "
    )
    words = [{"origin": "USA", "destination": code, "value": value} for code, value in
             (("RUS", "in_force"), ("CHN", 1))]  # fmt: skip
    (said,) = made({"layer": "trade_agreement", "table": words}).describe(world)
    assert ": set to in force; none becomes in force (4 cells)." in said
    same = [{"origin": "CHN", "destination": code, "add": value} for code, value in
            (("USA", 0.25), ("CAN", 0.2500000001))]  # fmt: skip
    (said,) = made({"layer": "tariff_rate", "table": same}).describe(world)
    assert ": add 25 points; " in said
    factors = [{"country": code, "multiply": 0.5} for code in ("USA", "RUS", "CHN", "FRA")]
    (said,) = made({"layer": "warheads", "table": factors}).describe(world)
    assert said.startswith("Warheads of 4 countries (4 rows of a table): multiply by 0.5; ")


def test_what_follows_from_another_edit_says_so(world):
    said = made(edit("membership", "none", country="USA", organisation="NATO")).describe(world)
    assert said[1] == (
        "Defence pact of 31 countries for 31 countries (60 rows of a table): set to none; in force "
        "becomes none (60 cells). Follows from leaving NATO; `pacts: as_edited` leaves pacts as "
        "they are."
    )


def found(world, *edits):
    scenario = made(*edits)
    return notes(world, scenario.edits, scenario.changes(world))


def test_edits_that_move_no_trade_are_named_with_the_reason(world):
    keep = edit("rent_keeper", "seller", origin="CHN", destination="USA")
    quota = edit("quota", 0.8, origin="CHN", destination="USA", sector="@goods")
    assert found(world, keep) == [NO_RENT]
    # The order of the edits does not matter: what stands in the end makes the rent.
    assert found(world, keep, quota) == ["", ""]
    assert found(world, quota | {"where": {"origin": "BTN", "destination": "PRK"}}) == [NO_FLOW]
    assert found(world, edit("trade_agreement", 1, origin="ARM", destination="AZE")) == [NO_TRADE]
    assert found(world, edit("tariff_rate", 0.1, origin="CHN", destination="USA")) == [""]
    # What changes nothing at all says so in its own sentence.
    assert found(world, keep | {"set": "buyer"}) == [""]


def test_a_rate_that_falls_below_zero_is_named_as_a_subsidy(world):
    off = {"layer": "tariff_rate", "where": {"origin": "CHN", "destination": "USA"}, "add": -0.5}
    (note,) = found(world, off | {"where": off["where"] | {"sector": "vehicles"}})
    assert note == "the rate is below zero: a subsidy on imports, which the destination pays"
    assert re.match(r"\d+ of \d+ rates are below zero: a subsidy on imports", found(world, off)[0])
    tax = found(world, off | {"layer": "export_tax"})[0]
    assert tax.endswith("rates are below zero: a subsidy on exports, which the origin pays")
    # A rate taken back to nothing is none, and neither is one that is lowered and stays above.
    assert found(world, off | {"add": None, "set": 0}) == [""]
    assert found(world, off | {"add": None, "multiply": 0.5}) == [""]


def test_every_name_of_the_vocabulary_stands_once():
    text = (resources.files("detente") / "vocabulary.csv").read_text(encoding="utf-8")
    names = [row["name"] for row in csv.DictReader(text.splitlines())]
    assert len(names) == len(set(names))
