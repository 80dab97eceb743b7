"""The verb optimal-tariff as a user drives it, on a world of three countries."""

import json
import sys

import pytest

import detente as dt
from detente.cli.app import main
from economies import three

MIRROR = """
name: on-a
why: What if B and C levied 20 per cent on A?
edits:
  - {layer: tariff_rate, where: {origin: A, destination: [B, C]}, set: 0.2}
"""


@pytest.fixture
def detente(tmp_path, monkeypatch, capsys):
    """Return a function that runs the command line in a folder with a world and a scenario."""
    dt.save_world(three(), tmp_path / "abc.dworld")
    (tmp_path / "on-a.yaml").write_text(MIRROR)
    monkeypatch.chdir(tmp_path)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["detente", "optimal-tariff", *words])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code or 0
        out = capsys.readouterr()
        return int(code), out.out, out.err

    return run


def test_one_country_gets_its_best_rate_its_gain_and_a_certificate(detente):
    code, out, err = detente("abc.dworld", "--country", "A")
    assert code == 0, err
    assert "@WORLD" in out and "no gain by other rates was found" in out
    code, out, _ = detente("abc.dworld", "--country", "A", "--by-partner", "--json")
    page = json.loads(out)
    assert code == 0 and [row["partner"] for row in page["rates"]] == ["B", "C"]
    assert page["certificate"]["converged"] and page["outcomes"]["A"]["gain_points"] > 0


def test_a_scenario_is_answered_by_a_best_reply(detente):
    code, out, err = detente("on-a.yaml", "--world", "abc.dworld", "--country", "A", "--json")
    assert code == 0, err
    page = json.loads(out)
    assert page["answers"] == "after on-a" and page["outcomes"]["A"]["before_pct"] < 0


def test_several_countries_play_until_nobody_gains(detente):
    code, out, err = detente("abc.dworld", "--country", "A", "--country", "B", "--json")
    assert code == 0, err
    page = json.loads(out)
    assert [row["player"] for row in page["rates"]] == ["A", "B"]
    assert page["certificate"]["largest_gain_of_other_rates_points"] <= 1e-5
    code, out, _ = detente(
        "abc.dworld", "--country", "A", "--country", "B", "--rounds", "1", "--json"
    )
    assert code == 3 and "had not settled" in json.loads(out)["certificate"]["reason"]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("abd", "--country", "A"), "names no world and no scenario"),
        (("abc.dworld", "--country", "D"), "unknown country 'D'"),
        (("abc.dworld", "--world", "abc.dworld", "--country", "A"), "name one"),
        (("abc.dworld", "--country", "A", "--country", "A"), "2 to 8 players, not 1"),
        (("abc.dworld", "--country", "A", "--country", "B", "--partner", "C"), "leave it out"),
        (("abc.dworld", "--country", "A", "--lowest", "-2"), "two rates in order"),
        (("abc.dworld", "--country", "A", "--variable", "real_incme"), "did you mean real_income"),
    ],
)
def test_what_is_asked_wrongly_is_named(detente, words, text):
    code, out, err = detente(*words)
    assert code == 2 and out == "" and text in " ".join(err.split())
