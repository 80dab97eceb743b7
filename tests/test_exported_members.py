"""The public names are a promise: they exist, are sorted, few, documented and typed."""

import ast
import inspect
from pathlib import Path

import detente as dt

PROMISED = [
    "Brief",
    "DetenteError",
    "Edit",
    "Outcome",
    "Scenario",
    "World",
    "load_outcome",
    "load_scenario",
    "load_world",
    "run",
    "save_world",
    "slopes",
    "world_from_tables",
    "write_brief",
]


def test_the_public_names():
    assert list(dt.__all__) == PROMISED
    assert sorted(PROMISED) == PROMISED
    assert len(PROMISED) <= 20


def test_rooms_of_their_own_are_at_hand():
    for room in ("alignment", "blocs"):
        assert room in dir(dt)
        module = getattr(dt, room)
        assert all(inspect.getdoc(getattr(module, name)) for name in module.__all__)


def test_every_public_name_exists_and_says_what_it_is():
    for name in dt.__all__:
        member = getattr(dt, name)
        assert inspect.getdoc(member), name
        first = inspect.getdoc(member).splitlines()[0]
        assert first.endswith((".", "?", ":")) or ":" in first, (name, first)


def test_every_public_function_is_annotated_and_has_an_example():
    for name in dt.__all__:
        member = getattr(dt, name)
        if inspect.isfunction(member):
            signature = inspect.signature(member)
            missing = [p.name for p in signature.parameters.values() if p.annotation is p.empty]
            assert not missing, (name, missing)
            assert signature.return_annotation is not signature.empty, name
            assert ">>>" in (inspect.getdoc(member) or ""), name


def test_type_checkers_see_the_same_names():
    tree = ast.parse(Path(dt.__file__).read_text(encoding="utf-8"))
    seen = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }
    assert seen == set(PROMISED)


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(dt, "simulate")
    assert "run" in dir(dt)
