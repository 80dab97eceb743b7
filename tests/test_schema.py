import json
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
import yaml

from detente.files.scenarios import load_scenario, preset_folder, presets, scenario_text
from detente.schema import scenario_page, scenario_schema, schema_text

BAD = Path(__file__).parent / "bad"
DOCS = Path(__file__).parent.parent / "docs"
HINT = "stale: run `python -m detente.schema`"


def test_the_shipped_schema_is_fresh():
    shipped = resources.files("detente") / "scenarios" / "schema.json"
    assert shipped.read_text(encoding="utf-8") == schema_text(), HINT


def test_the_reference_page_is_fresh():
    page = DOCS / "reference" / "scenario-file.md"
    assert page.read_text(encoding="utf-8") == scenario_page(), HINT


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(scenario_schema())


@pytest.mark.parametrize("name", presets())
def test_presets_fit_the_schema(name):
    check = jsonschema.Draft202012Validator(scenario_schema()).validate
    check(yaml.safe_load((preset_folder() / f"{name}.yaml").read_text(encoding="utf-8")))
    check(json.loads(scenario_text(load_scenario(name), "json")))


@pytest.mark.parametrize(
    "name",
    ["unknown_layer", "unknown_operation", "two_operations", "wrong_dimension", "tariff_minus_one",
     "unknown_word", "word_for_number", "not_editable", "unknown_key", "no_why", "path_as_name",
     "claim_side", "claim_unknown_outcome", "empty_list", "no_edits"],
)  # fmt: skip
def test_the_schema_refuses_what_it_can_know(name):
    page = yaml.safe_load((BAD / f"{name}.yaml").read_text(encoding="utf-8"))
    assert not jsonschema.Draft202012Validator(scenario_schema()).is_valid(page)
