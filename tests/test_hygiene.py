"""Rules that no reviewer should have to check by eye."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PYTHON = sorted((ROOT / "src").rglob("*.py"))
LONGEST_FILE, LONGEST_FUNCTION = 400, 60
# Folders of one machine, and names that a lock file gives to where packages came from.
MACHINE = re.compile(r"(?<![\w.])/(?:home|Users|work|root|tmp)/\w")
TEXT = {".py", ".md", ".toml", ".txt", ".yaml", ".yml", ".csv", ".json", ".j2", ".css", ".typ", ""}


def committed() -> list[Path]:
    """Return the files of the repository; a source archive has no list of them."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a repository: the list of committed files is not at hand")
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_files_are_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


def test_functions_are_short():
    long = []
    for path in PYTHON:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                body = node.body
                # The docstring is not counted: it is there to be long enough.
                start = body[0].end_lineno or 0 if ast.get_docstring(node) else node.lineno
                if (node.end_lineno or 0) - start >= LONGEST_FUNCTION:
                    long.append(f"{name(path)}: {node.name}")
    assert not long


def test_no_lock_file_names_a_host():
    locks = [
        path
        for path in committed()
        if "constraints" in path.name or "lock" in path.name or path.suffix == ".lock"
    ]
    bad = [name(path) for path in locks if "://" in path.read_text(encoding="utf-8")]
    assert not bad
    assert "uv.lock" not in {path.name for path in locks}


def test_no_file_names_a_folder_of_one_machine():
    bad = []
    for path in committed():
        if path.suffix not in TEXT or path == Path(__file__):
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        bad += [f"{name(path)}: {found.group()}" for found in MACHINE.finditer(text)]
    assert not bad


def test_shapes_and_postponed_annotations_do_not_mix():
    bad = [
        name(path)
        for path in PYTHON
        if "jaxtyping" in (text := path.read_text(encoding="utf-8"))
        and "from __future__ import annotations" in text
    ]
    assert not bad


def test_models_do_not_hold_labels():
    """Labels at the doors, arrays inside: only the doors may import them."""
    for path in sorted((ROOT / "src" / "detente" / "models").glob("*.py")):
        if path.stem.endswith("_world"):
            continue
        assert not re.search(r"^(import|from) (xarray|pandas)", path.read_text(), re.MULTILINE)
