import re
from pathlib import Path

import pytest

from detente.errors import ScenarioError
from detente.files.scenarios import load_scenario
from detente.files.worlds import load_world
from strategies import named_world

FOLDER = Path(__file__).parent.parent / "docs" / "how-to"
PAGE = FOLDER / "write-a-scenario.md"


def blocks(page, kind):
    """Return the blocks of a page of one language."""
    return re.findall(rf"```{kind}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("text", blocks(PAGE, "yaml"))
def test_every_scenario_of_the_page_is_right(text, tmp_path):
    path = tmp_path / "page.yaml"
    path.write_text(text, encoding="utf-8")
    # The made-up world has no organisations.
    world = load_world("world2023") if "organisation" in text else named_world()
    assert load_scenario(path).describe(world)


@pytest.mark.parametrize("text", blocks(FOLDER / "use-trade-policies.md", "yaml"))
def test_every_scenario_of_trade_policies_fits_the_embedded_world(text, tmp_path):
    path = tmp_path / "page.yaml"
    path.write_text(text, encoding="utf-8")
    world = load_world("world2023")
    scenario = load_scenario(path)
    assert scenario.describe(world)
    assert all(one.changed for one in scenario.changes(world))


def test_the_message_of_the_page_of_errors_is_what_is_said(tmp_path):
    page = FOLDER.parent / "reference" / "errors-and-exit-codes.md"
    (text,), (message,) = blocks(page, "yaml"), blocks(page, "text")
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as found:
        load_scenario(path).describe(load_world("world2023"))
    assert f"error: {found.value}\n".replace(f"{tmp_path}/", "") == message


@pytest.mark.parametrize("text", blocks(PAGE, "python"))
def test_the_python_of_the_page_runs(text):
    exec(compile(text, str(PAGE), "exec"), {})
