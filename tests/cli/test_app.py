"""The command line as a user drives it."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import pytest

import detente as dt
from detente.cli.app import main

# A shell that runs the tests in the background makes its children deaf to Ctrl-C.
LISTENING = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from detente.cli.app import main; main()"
)
SCENARIO = """
name: us-25-on-china
why: What if the United States adds 25 points to its tariff on everything from China?
edits:
  - {layer: tariff_rate, where: {origin: CHN, destination: USA}, add: 0.25}
"""


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def detente(tmp_path, monkeypatch, capsys):
    """Return a function that runs the command line in an empty folder, in this process."""

    def run(*words, stdin=""):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["detente", *words])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code or 0
        out = capsys.readouterr()
        return Done(int(code), out.out, out.err)

    return run


@pytest.fixture
def scenario(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(SCENARIO)
    return path


def test_a_run_leaves_a_brief_and_an_outcome_that_other_verbs_read(tmp_path, detente, scenario):
    done = detente("run", "mine.yaml", "--world", "campos2019", "--draws", "5")
    assert done.returncode == 0, done.stderr
    assert "real income" in done.stdout and "brief.html" in done.stdout
    assert (tmp_path / "brief.html").stat().st_size > 10_000
    folder = tmp_path / "outcomes" / "mine"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["world"]["name"] == "campos2019" and manifest["draws"] == 5
    shown = detente("show", str(folder), "--variable", "real_wage", "--country", "CHN", "--json")
    assert shown.returncode == 0, shown.stderr
    rows = json.loads(shown.stdout)
    rows = rows if isinstance(rows, list) else rows["rows"]
    assert rows[0]["iso3"] == "CHN" and rows[0]["median"] < 0


def test_standard_input_and_the_point_estimate(detente):
    done = detente("run", "-", "--world", "campos2019", "--draws", "0", "--json",
                   stdin=SCENARIO)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "us-russia-realignmen"], "did you mean us-russia-realignment"),
        (["run", "us-russia-thaw", "--world", "world2024"], "did you mean world2023"),
        (["run", "russia-autarky", "--deficits", "fixd"], "did you mean fixed"),
        (["run", "russia-autarky", "--keep", "flow"], "did you mean flows"),
        (["run", "russia-autarky", "--watch", "UK"], "UK"),
        (["check", "no-such.yaml"], "no-such.yaml"),
        (["world", "world2023", "--country", "UK"], "did you mean GBR"),
        (["show", "nowhere", "--variable", "real_income"], "not an outcome"),
        (["compare", "nowhere", "elsewhere"], "not an outcome"),
        (["run", "russia-autarky", "russia-autarky"], "'russia-autarky' is asked for twice"),
        (["run", "russia-autarky", "--brief", "b.docx"], "ends in .html, .htm, .md, .json, .pdf"),
        (["run", "russia-autarky", "--brief", "b"], "this name has no suffix"),
        (["run", "russia-autarky", "--brief", "/dev/null/b.html"], "cannot be written"),
        (["run", "russia-autarky", "--out", "/proc/o"], "cannot be written"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_written(tmp_path, detente, words, message):
    done = detente(*words)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr and "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_the_suffix_of_a_brief_says_how_it_is_written(tmp_path, detente, scenario):
    point = ("run", "mine.yaml", "--world", "campos2019", "--draws", "0")
    for name, begins in (("b.md", "# "), ("b.json", "{"), ("b.HTM", "<!doctype html>")):
        assert detente(*point, "--brief", name).returncode == 0
        assert (tmp_path / name).read_text().lower().startswith(begins)
    refused = detente("brief", "outcomes/mine", "--html", ".")
    assert refused.returncode == 2 and "is a folder; name a file" in refused.stderr


def test_the_outcome_of_another_run_is_kept(tmp_path, detente, scenario):
    point = ("run", "--world", "campos2019", "--draws", "0", "--out", "o")
    assert detente(*point, "mine.yaml").returncode == 0
    refused = detente(*point, "russia-autarky")
    assert refused.returncode == 2
    assert "o holds an outcome of us-25-on-china in campos2019" in refused.stderr
    assert "this run is of russia-autarky in campos2019" in refused.stderr
    assert dt.load_outcome(tmp_path / "o").main == "us-25-on-china"
    # The same run with other draws, and another run when told so, replace what is there.
    assert detente(*point, "mine.yaml", "--draws", "3").returncode == 0
    assert dt.load_outcome(tmp_path / "o").manifest["draws"] == 3
    assert detente(*point, "russia-autarky", "--replace").returncode == 0
    assert dt.load_outcome(tmp_path / "o").main == "russia-autarky"


def test_missing_raw_tables_exit_4(tmp_path, detente):
    done = detente("data", "build", "--raw", str(tmp_path))
    assert done.returncode == 4, done.stderr
    assert "raw tables are not in" in done.stderr and "baci2023" in done.stderr


def test_a_draw_without_equilibrium_is_named(detente):
    # Everybody forbids everything to one country, which keeps its surplus.
    text = """
name: cut-off
why: What if nobody traded with Norway, which kept its surplus?
edits:
  - {layer: export_ban, where: {origin: NOR}, set: ban}
  - {layer: export_ban, where: {destination: NOR}, set: ban}
"""
    done = detente("run", "-", "--world", "campos2019", "--draws", "2", stdin=text)
    assert done.returncode == 3
    assert "no equilibrium: NOR cannot trade with the rest of the world" in done.stderr


def test_an_interrupted_run_keeps_its_batches(tmp_path, scenario):
    words = [sys.executable, "-c", LISTENING, "run", str(scenario)]
    words += ["--world", "campos2019", "--draws", "4000", "--workers", "1"]

    process = subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    folder = tmp_path / "outcomes" / "mine"
    until = time.monotonic() + 100
    while time.monotonic() < until and not list(folder.glob("batches/*.draws.arrow")):
        time.sleep(0.05)
    # A batch counts once its last file stands.
    while time.monotonic() < until and not any(
        p.name.count(".") == 1 for p in folder.glob("batches/*.arrow")
    ):
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "interrupted" in errors and "kept in" in errors
    partial = dt.load_outcome(folder)
    finished = partial.manifest["finished_draws"]
    assert 0 < finished < 4000 and partial.manifest["interrupted"]
    assert len(partial.table("real_income", country="CHN")) == 1


def test_help_names_every_verb(detente):
    done = detente("--help")
    assert done.returncode == 0
    for verb in ("run", "show", "compare", "brief", "scenarios", "check", "schema", "world",
                 "validate", "data"):  # fmt: skip
        assert verb in done.stdout
    version = detente("--version")
    assert version.stdout.strip() == f"detente {dt.__version__}"
