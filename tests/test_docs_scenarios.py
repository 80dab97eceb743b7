import re
from pathlib import Path

import pytest

from detente.files.scenarios import load_scenario
from detente.files.worlds import load_world
from strategies import named_world

PAGE = Path(__file__).parent.parent / "docs" / "how-to" / "write-a-scenario.md"
BLOCKS = re.findall(r"```(yaml|python)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("text", [text for kind, text in BLOCKS if kind == "yaml"])
def test_every_scenario_of_the_page_is_right(text, tmp_path):
    path = tmp_path / "page.yaml"
    path.write_text(text, encoding="utf-8")
    # The made-up world has no organisations.
    world = load_world("world2023") if "organisation" in text else named_world()
    assert load_scenario(path).describe(world)


@pytest.mark.parametrize("text", [text for kind, text in BLOCKS if kind == "python"])
def test_the_python_of_the_page_runs(text):
    exec(compile(text, str(PAGE), "exec"), {})
