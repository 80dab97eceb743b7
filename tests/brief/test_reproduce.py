"""The command and the code of a brief name what was run, as it was called."""

import dataclasses
import shlex

import detente as dt
from detente.brief import reproduce
from detente.files.outcomes import scenario_page
from detente.runs.assemble import _decides
from fabricate import NAME, RETALIATION, fabricate

EDITS = "why: b\nedits: [{layer: tariff_rate, where: {origin: CHN, destination: USA}, add: 0.1}]\n"


def made(read_from=None, **facts):
    outcome = fabricate(3)
    manifest = {key: value for key, value in outcome.manifest.items() if key != "command"} | facts
    if read_from is not None:
        page = manifest["scenarios"][NAME] | {"read_from": read_from}
        manifest["scenarios"] = manifest["scenarios"] | {NAME: page}
    return reproduce.build(dataclasses.replace(outcome, manifest=manifest))


def test_a_file_is_called_as_it_was_given_without_its_folder(tmp_path):
    path = tmp_path / "My copy.yaml"
    path.write_text(f"name: us-russia-thaw\n{EDITS}")
    scenario = dt.load_scenario(path)
    assert scenario.read_from == "My copy.yaml" and scenario.only("edit-1").read_from
    page = scenario_page(scenario, dt.load_world("world2023"))
    assert page["read_from"] == "My copy.yaml" and str(tmp_path) not in repr(page)
    # The name of the file decides no number: a run under another name is taken up.
    assert "read_from" not in _decides(page)
    again = made("My copy.yaml")
    assert shlex.split(again["command"])[2] == "My copy.yaml"
    assert 'dt.load_scenario("My copy.yaml")' in again["python"]


def test_presets_are_called_by_name_and_standard_input_by_a_dash():
    assert dt.load_scenario("us-russia-thaw").read_from == ""
    assert made()["command"] == f"detente run {NAME} --world world2023 --draws 3 --seed 1"
    assert made("-")["command"].startswith("detente run - --world")


def test_options_and_every_scenario_asked_for_are_said():
    again = made(asked=[NAME, RETALIATION], alongside=False, horizon="short", deficits="zero",
                 respond=True)  # fmt: skip
    assert again["command"] == (
        f"detente run {NAME} {RETALIATION} --world world2023 --draws 3 --seed 1 "
        "--deficits zero --horizon short --no-alongside --respond"
    )
    assert (
        f'scenario = [dt.load_scenario("{NAME}"), dt.load_scenario("{RETALIATION}")]'
        in (again["python"])
    )
    assert 'deficits="zero", horizon="short", alongside=False, respond=True)' in again["python"]


def world_of(**facts):
    return {"name": "mine", "year": 0, "digest": "f" * 64, **facts}


def test_a_world_is_called_by_what_loads_it(tmp_path):
    embedded = dt.load_world("campos2019")
    path = dt.save_world(embedded, tmp_path / "my copy.dworld")
    read = dt.load_world(path)
    assert (embedded.read_from, read.read_from) == ("campos2019", "my copy.dworld")
    # What is edited stands in no file, and none of it tells worlds apart.
    assert read.replace(flow=read.values("flow")).read_from == ""
    assert read.digest == embedded.digest and path.read_bytes().count(b"read_from") == 0
    again = made(world=world_of(read_from="my copy.dworld"))
    assert "--world 'my copy.dworld'" in again["command"]
    assert 'dt.load_world("my copy.dworld")' in again["python"]
    (note,) = again["notes"]
    assert "without their folders (my copy.dworld)" in note
    assert made(world=world_of(name="campos2019", read_from="campos2019"))["notes"] == []


def test_what_was_made_in_python_has_to_be_written_first():
    again = made(world=world_of(read_from=""), asked=["own"])
    assert shlex.split(again["command"])[2:5] == ["own.yaml", "--world", "mine.dworld"]
    (note,) = again["notes"]
    assert "own.yaml, mine.dworld" in note and "save_world" in note and "save_scenario" in note
    assert "standard input" in made("-")["notes"][0]


def test_a_run_records_what_loads_its_world_and_a_copy_is_the_same_job(tmp_path):
    path = dt.save_world(dt.load_world("campos2019"), tmp_path / "copy.dworld")
    pages = [dt.run(name, "russia-autarky", draws=0).manifest for name in ("campos2019", str(path))]
    assert [page["world"]["read_from"] for page in pages] == ["campos2019", "copy.dworld"]
    assert pages[0]["job"] == pages[1]["job"]


def test_notes_stand_beside_the_command():
    outcome = fabricate(3)
    outcome = dataclasses.replace(
        outcome, manifest=outcome.manifest | {"world": world_of(read_from="own.dworld")}
    )
    brief = dt.write_brief(outcome)
    for text in (brief.to_markdown(), brief.to_html()):
        assert "Files are named without their folders (own.dworld)" in text
