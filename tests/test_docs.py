"""The documentation: rendered pages are fresh, links resolve, blocks run, names occur."""

import re
import shlex
import sys
from pathlib import Path

import pytest

import detente
from detente.errors import DetenteError
from detente.files.scenarios import presets
from detente.files.worlds import embedded_worlds

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS))  # the renderers stand beside the pages, not in the package

import render  # noqa: E402
import render_code  # noqa: E402
import render_run  # noqa: E402

PAGES = sorted(DOCS.rglob("*.md"))
TOP = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
HINT = "stale: run `python docs/render.py`"
RUN = re.compile(r"^```python run\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _prose(path: Path) -> str:
    """Return a page without its code blocks: what is in them is no link and no heading."""
    return re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", render.PAGES)
def test_rendered_pages_are_fresh(page):
    assert (DOCS / page).read_text("utf-8") == render.PAGES[page](), HINT


def test_the_tutorial_page_has_the_words_and_code_of_its_script():
    written = (DOCS / render.TUTORIAL).read_text("utf-8")
    fresh = render.tutorial_text(lambda _: "")
    assert render.without_outputs(written) == render.without_outputs(fresh), HINT
    assert "```text" in written, "the page lacks the outputs of the script"


@pytest.mark.slow
def test_the_tutorial_runs():
    page = render.tutorial_page()
    assert page.count("```text") == (DOCS / render.TUTORIAL).read_text("utf-8").count("```text")


@pytest.mark.parametrize("path", [p for p in PAGES if RUN.search(p.read_text("utf-8"))], ids=_name)
def test_marked_blocks_run(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for code in RUN.findall(path.read_text("utf-8")):
        render_run.execute(code, names)


@pytest.mark.parametrize("path", [*PAGES, *TOP], ids=_name)
def test_relative_links_resolve(path):
    for target in LINK.findall(_prose(path)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        assert found.exists(), f"{_name(path)}: no file at {target}"
        if anchor:
            heads = re.findall(r"^#+ (.+)$", _prose(found), flags=re.MULTILINE)
            assert anchor in [_anchor(head) for head in heads], f"{_name(path)}: no {target}"


def _anchor(heading: str) -> str:
    """Return the anchor that code hosts give a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.replace(" ", "-")


@pytest.mark.parametrize("path", [*PAGES, *TOP], ids=_name)
def test_commands_in_the_pages_exist(path):
    verbs = {words.removeprefix("detente "): command for words, command in render_code.verbs()}
    for block in CONSOLE.findall(path.read_text("utf-8")):
        for line in block.splitlines():
            words = shlex.split(line, comments=True)
            if words[:2] != ["$", "detente"]:
                continue
            given = [word for word in words[2:] if not word.startswith("--")]
            options = {word.partition("=")[0] for word in words[2:] if word.startswith("--")}
            if not given or "[OPTIONS]" in given:
                continue
            verb = " ".join(given[:2]) if " ".join(given[:2]) in verbs else given[0]
            assert verb in verbs, f"{_name(path)}: no verb '{verb}'"
            known = {o for p in verbs[verb].params for o in [*p.opts, *p.secondary_opts]}
            assert options <= known | {"--help"}, f"{_name(path)}: {verb} has no {options - known}"


@pytest.mark.parametrize("name", detente.__all__)
def test_every_public_name_is_explained(name):
    apart = DOCS / "reference" / "python.md"
    pages = [p.read_text("utf-8") for p in [*PAGES, ROOT / "README.md"] if p != apart]
    assert f"`{name}`" in apart.read_text("utf-8")
    assert any(re.search(rf"\b{name}\b", page) for page in pages), f"{name} is in no other page"


@pytest.mark.parametrize("name", [*presets(), *embedded_worlds()])
def test_every_preset_and_world_is_named(name):
    pages = [p.read_text("utf-8") for p in [*PAGES, ROOT / "README.md"]]
    assert any(name in page for page in pages)


def test_every_page_is_reachable_from_the_index():
    seen, queue = set(), [DOCS / "index.md"]
    while queue:
        page = queue.pop()
        if page in seen or page.suffix != ".md" or not page.is_file():
            continue
        seen.add(page)
        targets = [t.partition("#")[0] for t in LINK.findall(_prose(page)) if ":" not in t]
        queue += [(page.parent / target).resolve() for target in targets if target]
    assert {p.resolve() for p in PAGES} <= {p.resolve() for p in seen}


def test_exit_codes_of_errors_are_in_the_table():
    page = (DOCS / "reference" / "errors-and-exit-codes.md").read_text("utf-8")
    stated = {int(code) for code in re.findall(r"^\| (\d+) \|", page, flags=re.MULTILINE)}
    raised = {cls.exit_code for cls in render._tree(DetenteError)}
    assert raised < stated


def test_citation_states_this_version():
    text = (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"\nversion: {detente.__version__}\n" in text
    assert f"## {detente.__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_readme_has_the_two_commands():
    text = (ROOT / "README.md").read_text("utf-8")
    setup = "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt"
    assert f'{setup} ".[pdf]" && .venv/bin/detente run us-russia-realignment' in text
    assert f'{setup} -e ".[dev]" && .venv/bin/python -m pytest -n 2' in text
