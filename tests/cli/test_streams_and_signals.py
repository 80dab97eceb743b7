"""The command as a process: closed or full streams, and Ctrl-C more than once."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "detente"]
POINT = ["run", "russia-autarky", "--world", "campos2019", "--draws", "0", "--brief", "b.html"]
posix = pytest.mark.skipif(os.name == "nt", reason="signals and streams of POSIX")


@posix
def test_a_run_needs_no_standard_streams(tmp_path):
    words = " ".join([*COMMAND, *POINT, "--out", "o", "<&- >&- 2>&-"])
    assert subprocess.run(words, shell=True, cwd=tmp_path).returncode == 0
    assert (tmp_path / "o" / "manifest.json").is_file() and (tmp_path / "b.html").is_file()


@posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_what_cannot_be_printed_is_said_in_a_sentence():
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "--version"], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 1
    said = "error: cannot write what is printed: No space left on device; send standard output"
    assert done.stderr.strip() == f"{said} elsewhere"


@pytest.mark.parametrize(("words", "code"), [(["--version"], 0), (["run", "nope"], 2)])
def test_what_is_to_be_done_at_the_end_is_done(words, code):
    begin = "import atexit, sys; from detente.cli import entry; atexit.register(print, 'tidied');"
    call = [sys.executable, "-c", f"{begin} sys.argv[1:] = {words}; entry.main()"]
    done = subprocess.run(call, capture_output=True, text=True)
    assert done.returncode == code
    assert done.stdout.splitlines()[-1] == "tidied"


def test_verbose_says_what_is_done(tmp_path):
    words = [*COMMAND, "--verbose", *POINT[:-4], "--draws", "3"]
    said = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True).stderr
    for part in ("loading the world campos2019", "in 3 draws", "3 draws solved after"):
        assert re.search(rf"^INFO .*{part}", said, re.M)
    quiet = subprocess.run([*COMMAND, *POINT], cwd=tmp_path, capture_output=True, text=True)
    assert quiet.stderr == ""


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_what_an_encoding_lacks_is_printed_by_other_letters(encoding, tmp_path):
    where = os.environ | {"PYTHONIOENCODING": encoding}
    plain = {"capture_output": True, "cwd": tmp_path, "env": where}
    first = subprocess.run([*COMMAND, *POINT, "--out", "o"], **plain)
    shown = subprocess.run([*COMMAND, "show", "o", "--country", "RUS"], **plain)
    assert (first.returncode, shown.returncode, shown.stderr) == (0, 0, b"")
    assert re.search(r"Russia +. +-\d", shown.stdout.decode(encoding))
    place = subprocess.run([*COMMAND, "world", "campos2019", "--country", "CIV"], **plain)
    name = {"ascii": "Cote d'Ivoire", "cp1252": "Côte d’Ivoire"}[encoding]
    assert place.returncode == 0 and name in place.stdout.decode(encoding)


@posix
def test_ctrl_c_while_the_command_loads_ends_it_in_a_word():
    script = """
import os, signal, sys
from detente.cli.entry import main
signal.signal(signal.SIGINT, signal.default_int_handler)
class Pressed:
    def find_spec(self, name, path, target=None):
        if name == "detente.cli.run_commands":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Pressed())
sys.argv[1:] = ["--version"]
main()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


@posix
def test_ctrl_c_in_a_command_that_is_no_run_is_said_too():
    script = """
import os, signal, sys
from detente.cli import world_commands
from detente.cli.entry import main
signal.signal(signal.SIGINT, signal.default_int_handler)
import detente.files.worlds
detente.files.worlds.load_world = lambda name: os.kill(os.getpid(), signal.SIGINT)
sys.argv[1:] = ["world", "campos2019"]
main()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


@posix
def test_ctrl_c_pressed_again_and_again_ends_in_one_sentence(tmp_path):
    words = ["run", "us-russia-thaw", "--draws", "2000", "--out", "o", "--brief", "b.html"]
    # Ctrl-C reaches every process of the group; a shell may have made this one deaf to it.
    heeding = (
        "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
        "os.execv(sys.executable, sys.argv[1:])"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", heeding, *COMMAND, *words],
        cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while not list((tmp_path / "o").glob("batches/*.arrow")) and time.monotonic() < deadline:
        time.sleep(0.05)
    for _ in range(4):
        os.killpg(run.pid, signal.SIGINT)
        time.sleep(0.03)
    said = run.communicate()[1]
    assert run.returncode == 130 and "Traceback" not in said
    assert "of 2000 draws are finished and kept" in said
