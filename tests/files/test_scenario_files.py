import io
import json
import os
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import strategies
from detente.errors import ScenarioError
from detente.files import scenarios as files
from detente.files.scenarios import (
    check_scenario,
    load_alongside,
    load_scenario,
    presets,
    save_scenario,
    scenario_text,
)
from detente.scenario import Scenario

BAD = Path(__file__).parent.parent / "bad"
GOOD = "name: good\nwhy: A question.\nedits: [{layer: tariff_rate, add: 0.1}]\n"
JSON_FAULTS = {"duplicate_key.json": "duplicate_key.json: the key 'name' occurs twice"}


@pytest.fixture(scope="module")
def world():
    return strategies.named_world()


def expected(path):
    if path.name in JSON_FAULTS:
        return JSON_FAULTS[path.name]
    first = path.read_text(encoding="utf-8").split("\n")[0]
    return first.removeprefix("# expect: ")


@pytest.mark.parametrize(
    "path",
    sorted(path for path in BAD.iterdir() if path.is_file()),
    ids=lambda path: path.name,
)
def test_every_bad_file_is_refused_with_its_message(path, world, monkeypatch):
    monkeypatch.chdir(BAD)
    before = sorted(BAD.rglob("*"))
    with pytest.raises(ScenarioError) as error:
        check_scenario(load_scenario(path.name), world)
    assert expected(path) in str(error.value)
    assert error.value.exit_code == 2
    assert path.name in str(error.value), "the file is named"
    assert sorted(BAD.rglob("*")) == before, "nothing is written"


@pytest.mark.parametrize(
    ("name", "make", "message"),
    [
        ("a.yaml", lambda p: None, "no such file"),
        ("a.yaml", lambda p: p.mkdir(), "a folder, not a file"),
        ("a.yaml", lambda p: p.symlink_to(p), "a symbolic link that leads back to itself"),
        ("a.yaml", lambda p: p.symlink_to("nowhere"), "no such file (a symbolic link to nothing)"),
        ("a.yaml", lambda p: os.mkfifo(p), "not an ordinary file"),
        ("a.yaml", lambda p: p.write_bytes(b"name: \0"), "a binary file, not text"),
        ("a.yaml", lambda p: p.write_bytes(b"a: 1\nb: \xff"), "a.yaml:2: not UTF-8 text"),
        ("a.yaml", lambda p: p.write_text("a: 1", "utf-16"), "the file is UTF-16; save"),
        ("a.yaml", lambda p: p.write_bytes(b"name: \x07"), "not readable as YAML"),
        ("a.txt", lambda p: p.write_text(GOOD), "a scenario file ends in .yaml, .yml, .toml"),
        ("plain", lambda p: p.write_text(GOOD), "a scenario file ends in"),
        ("a.yaml", lambda p: os.truncate(os.open(p, os.O_CREAT | os.O_RDWR), 50_000_000),
         "50 MB is too large: at most 5 MB"),
    ],
)  # fmt: skip
def test_files_that_are_none(tmp_path, name, make, message):
    make(tmp_path / name)
    with pytest.raises(ScenarioError, match=re.escape(message)):
        load_scenario(tmp_path / name)


@pytest.mark.parametrize("name", ["us-russia-thw", "", "x" * 5000, "\0.yaml", "a/b"])
def test_names_that_are_none(name):
    with pytest.raises(ScenarioError):
        load_scenario(name)


def test_a_file_named_without_its_suffix_is_pointed_to(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mine.v2.toml").write_text("")
    Path("sub").mkdir()
    Path("sub/mine.yaml").write_text("name: a\nwhy: b\nincludes: [part]\n")
    Path("sub/part.yaml").write_text("")
    for name, whole in (("sub/mine", "sub/mine.yaml"), ("mine.v2", "mine.v2.toml")):
        with pytest.raises(ScenarioError, match=f"'{name}', but {whole} is a file: write {whole}"):
            load_scenario(name)
    with pytest.raises(ScenarioError, match=r"mine.yaml:3: .*'part', but part.yaml is a file"):
        load_scenario("sub/mine.yaml")


@pytest.mark.parametrize("text", ["1e-3", "+1E-3", ".1e-2", "1.e-3"])
def test_an_exponent_makes_a_number_with_a_point_or_without(tmp_path, text):
    path = tmp_path / "a.yaml"
    path.write_text(f"name: a\nwhy: b\nedits: [{{layer: tariff_rate, add: {text}}}]\n")
    assert load_scenario(path).edits[0].add == 0.001
    path.write_text("name: '1e5'\nwhy: '2e3'\nedits: [{layer: tariff_rate, add: 1}]\n")
    found = load_scenario(path)
    assert load_scenario(save_scenario(found, tmp_path / "b.yaml")) == found


def test_a_wrong_name_gets_the_nearest_preset():
    with pytest.raises(ScenarioError, match=r"did you mean us-russia-thaw\?"):
        load_scenario("us-russia-thw")


def test_a_large_file_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "a.yaml"
    path.touch()
    os.truncate(path, 50_000_000)
    monkeypatch.setattr(files, "read_yaml", lambda *_: pytest.fail("it was read"))
    with pytest.raises(ScenarioError, match="too large"):
        load_scenario(path)


def test_a_large_table_is_refused_before_it_is_read(tmp_path):
    (tmp_path / "a.csv").touch()
    os.truncate(tmp_path / "a.csv", 201_000_000)
    path = tmp_path / "a.yaml"
    path.write_text("name: a\nwhy: b\nedits: [{layer: tariff_rate, table: a.csv}]\n")
    with pytest.raises(ScenarioError, match=r"a.yaml:3: edits\[0\].table: a.csv: 201 MB is too"):
        load_scenario(path)


def test_standard_input_is_yaml(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(GOOD.encode())))
    assert load_scenario("-").name == "good"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"name: NO\nwhy: x\n")))
    with pytest.raises(ScenarioError, match="standard input:1: name: 'NO' was read as false"):
        load_scenario("-")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"#" * 6_000_000)))
    with pytest.raises(ScenarioError, match="too large"):
        load_scenario("-")


def test_yaml_toml_and_json_say_the_same(tmp_path):
    (tmp_path / "a.yaml").write_text(
        "name: a\nwhy: b\nedits:\n  - layer: tariff_rate\n    where: {origin: CHN}\n    add: 0.25\n"
        "    from: 2025-04-02\n"
    )
    (tmp_path / "a.toml").write_text(
        'name = "a"\nwhy = "b"\n[[edits]]\nlayer = "tariff_rate"\nwhere = {origin = "CHN"}\n'
        "add = 0.25\nfrom = 2025-04-02\n"
    )
    page = {
        "name": "a",
        "why": "b",
        "edits": [
            {"layer": "tariff_rate", "where": {"origin": "CHN"}, "add": 0.25, "from": "2025-04-02"}
        ],
    }
    (tmp_path / "a.json").write_text("\ufeff" + json.dumps(page))
    made = [load_scenario(tmp_path / f"a.{kind}") for kind in ("yaml", "toml", "json")]
    assert made[0] == made[1] == made[2]
    assert len({one.digest for one in made}) == 1


def test_aliases_may_be_used(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(
        "name: a\nwhy: b\nedits:\n  - {layer: tariff_rate, where: &w {origin: CHN}, add: 0.1}\n"
        "  - {layer: trade_cost, where: *w, set: 2}\n"
    )
    assert load_scenario(path).edits[1].where == {"origin": ("CHN",)}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_tables_beside_the_file(tmp_path, kind, world):
    frame = pd.DataFrame({"origin": ["CHN", "DEU"], "add": [0.1, 0.2], "note": ["x", "y"]})
    if kind == "csv":
        frame.to_csv(tmp_path / "rates.csv", index=False)
    else:
        frame.to_parquet(tmp_path / "rates.parquet")
    path = tmp_path / "a.yaml"
    path.write_text(
        f"name: a\nwhy: b\nedits: [{{layer: tariff_rate, table: rates.{kind}, "
        "where: {destination: USA}}]\n"
    )
    made = load_scenario(path)
    assert check_scenario(made, world) == [
        "Tariff of USA on goods from CHN and DEU (2 rows of a table): add 10 to 20 points; "
        "5 % becomes 20 % on average (2 cells)."
    ]
    save_scenario(made, tmp_path / "b.yaml")
    assert load_scenario(tmp_path / "b.yaml").digest == made.digest


def test_namibia_is_no_missing_value(tmp_path):
    (tmp_path / "rates.csv").write_text("origin,destination,set\nNA,null,0.1\n")
    path = tmp_path / "a.yaml"
    path.write_text("name: a\nwhy: b\nedits: [{layer: tariff_rate, table: rates.csv}]\n")
    frame = load_scenario(path).edits[0].table.frame
    assert frame["origin"].tolist() == ["NA"] and frame["destination"].tolist() == ["null"]


def test_a_damaged_parquet_file(tmp_path):
    (tmp_path / "rates.parquet").write_bytes(b"PAR1 but not really")
    path = tmp_path / "a.yaml"
    path.write_text("name: a\nwhy: b\nedits: [{layer: tariff_rate, table: rates.parquet}]\n")
    with pytest.raises(ScenarioError, match=r"rates.parquet: not readable as a table"):
        load_scenario(path)


def test_includes_come_first_and_claims_are_merged(tmp_path):
    (tmp_path / "part.yaml").write_text(
        "name: part\nwhy: b\nedits: [{layer: trade_cost, set: 2}]\n"
        "claims:\n  - {id: 10, text: ten, side: for, computed_by: ties}\n"
        "  - {id: 2, text: two, side: for, computed_by: ties}\n"
    )
    path = tmp_path / "a.yaml"
    path.write_text(
        "name: a\nwhy: b\nincludes: [part.yaml]\nedits: [{layer: tariff_rate, add: 0.1}]\n"
        "claims: [{id: 2, text: other, side: against, computed_by: ties, edits: [part]}]\n"
    )
    made = load_scenario(path)
    assert [edit.layer for edit in made.edits] == ["trade_cost", "tariff_rate"]
    assert made.labels == ["part", "edit-2"]
    assert [(claim.id, claim.text) for claim in made.claims] == [("2", "other"), ("10", "ten")]
    assert made.includes == ()


def test_faults_in_merged_files_name_the_file_they_are_in(tmp_path, world):
    (tmp_path / "part.yaml").write_text(
        "name: part\nwhy: b\nedits:\n  - {layer: trade_cost, where: {origin: UK}, set: 2}\n"
    )
    path = tmp_path / "a.yaml"
    path.write_text(
        "name: a\nwhy: b\nincludes: [part.yaml]\nedits:\n"
        "  - {layer: tariff_rate, add: 0.1}\n"
        "  - {layer: tariff_rate, where: {origin: DE}, add: 0.1}\n"
    )
    with pytest.raises(ScenarioError) as error:
        load_scenario(path).apply(world)
    first, second = str(error.value).split("\n")
    assert first.startswith("part.yaml:4: edits[0].where.origin: unknown country 'UK'")
    assert second.startswith(f"{path}:6: edits[2].where.origin: unknown country 'DE'")


def test_a_longer_cycle_of_includes(tmp_path):
    for one, other in (("a", "b"), ("b", "c"), ("c", "a")):
        (tmp_path / f"{one}.yaml").write_text(f"name: {one}\nwhy: x\nincludes: [{other}.yaml]\n")
    with pytest.raises(ScenarioError, match=r"a.yaml -> b.yaml -> c.yaml -> a.yaml"):
        load_scenario(tmp_path / "a.yaml")


def test_alongside_is_read_beside_the_file(tmp_path, world):
    (tmp_path / "b.yaml").write_text(GOOD)
    (tmp_path / "a.yaml").write_text(GOOD.replace("good", "a") + "alongside: [b.yaml]\n")
    made = load_scenario(tmp_path / "a.yaml")
    assert [one.name for one in load_alongside(made)] == ["good"]
    (tmp_path / "b.yaml").write_text(GOOD.replace("good", "a"))
    with pytest.raises(ScenarioError, match="the name 'a' is taken"):
        check_scenario(made, world)


@settings(max_examples=60, deadline=None)
@given(strategies.scenarios(), st.sampled_from(["yaml", "json"]))
def test_round_trip(tmp_path_factory, page, kind):
    edits = [{k: v for k, v in edit.items() if k != "label"} for edit in page["edits"]]
    made = Scenario(**page | {"edits": edits})
    path = tmp_path_factory.getbasetemp() / f"round.{kind}"
    save_scenario(made, path)
    again = load_scenario(path)
    assert again == made
    assert again.digest == made.digest
    assert scenario_text(again, kind) == scenario_text(made, kind)


BYTES = st.binary(max_size=200) | st.text(max_size=200).map(str.encode)


def refused_or_read(path):
    try:
        load_scenario(path).describe(strategies.tiny_world())
    except ScenarioError as error:
        assert str(error)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["yaml", "toml", "json"]), BYTES)
@example("yaml", b"? [a]\n: b")
@example("yaml", b"{[a]: b, {c: d}: e}")
@example("yaml", b"a: !!binary x")
@example("yaml", b"a: !!int x\nb: !!float y\nc: !!bool z\nd: !!null q\ne: !!timestamp t")
@example("yaml", b"edits: " + b"9" * 5000)
@example("json", b"[" * 100_000)
@example("yaml", b"[" * 100_000)
@example("yaml", b"\xef\xbb\xbf[{" * 1000)
@example("json", b'{"name": "\\ud800", "why": "\\ud800", "edits": [{}]}')
@example("toml", b"a = " + b"[" * 5000)
@example("toml", b"a = " + b"9" * 5000)
@example("json", b'{"a": ' + b"9" * 5000 + b"}")
@example("yaml", b"*a")
@example("yaml", b"%YAML 9.9\n---\na")
def test_garbage_raises_nothing_else(tmp_path_factory, kind, payload):
    path = tmp_path_factory.getbasetemp() / f"garbage.{kind}"
    path.write_bytes(payload)
    refused_or_read(path)


LEAF = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["tariff_rate", "sanction_trade", "USA", "@WORLD", "none", "real_income"])
)  # fmt: skip
KEYS = st.sampled_from(
    ["name", "why", "edits", "claims", "layer", "where", "origin", "set", "add", "table", "label",
     "id", "text", "side", "includes", "base", "dates", "from", "value", "multiply", "sources"]
)  # fmt: skip
TREE = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(KEYS, TREE, max_size=6), st.lists(st.dictionaries(KEYS, TREE), max_size=3))
def test_structured_garbage_raises_nothing_else(tmp_path_factory, page, edits):
    path = tmp_path_factory.getbasetemp() / "tree.json"
    page = {"name": "a", "why": "b"} | page | ({"edits": edits} if edits else {})
    path.write_text(json.dumps(page), encoding="utf-8")
    refused_or_read(path)


@pytest.mark.parametrize("name", presets())
def test_presets(name):
    made = load_scenario(name)
    assert made.name == name
    assert made.title and len(made.why) > 40 and made.sources
    assert (
        made.claims and {claim.side for claim in made.claims} == {"for", "against"}
    ) or name in ("north-american-rift", "us-russia-thaw")
    assert all(edit.label for edit in made.edits), "every edit of a preset is named"
    for other in load_alongside(made):
        assert other.name in presets()


def test_the_founding_question_has_its_claims():
    made = load_scenario("us-russia-realignment")
    computed = {claim.id for claim in made.claims if claim.variable}
    assert {"1a", "1b", "1c", "5", "11a", "11b", "11c"} <= computed
    assert {"6a", "6b", "6c", "9a", "9b", "9c", "10a", "10b", "10c", "13a", "13b"} <= computed
    later = {claim.id: claim.computed_by for claim in made.claims if claim.computed_by}
    assert {"2a", "2b", "2c", "3", "4a", "4b", "4c", "7", "8a", "8b", "8c"} <= computed
    assert set(later) == {"12", "14"}
    assert made.labels == [
        "lift-sanctions",
        "cut-warheads",
        "tariffs-eu",
        "nato-commitment",
        "tariffs-canada-mexico",
    ]
    assert made.alongside == ("us-russia-realignment-retaliation",)
    retaliation = load_scenario("us-russia-realignment-retaliation")
    assert retaliation.edits[:-1] == made.edits
    assert retaliation.labels == [*made.labels, "retaliation"]


def test_presets_fit_the_embedded_world():
    from detente.files.worlds import embedded_worlds, load_world

    if "world2023" not in embedded_worlds():
        pytest.skip("the embedded world has not been built")
    world = load_world("world2023")
    for name in presets():
        said = check_scenario(load_scenario(name), world)
        idle = [text for text in said if "changes nothing" in text]
        assert all(text.startswith("Reliability") for text in idle), (name, idle)
