"""Settings of every test: double precision, strict shapes, no network, fixed random examples.

It also puts this folder on the path, so that tests in subfolders can import `strategies`.
"""

import os
import socket
from pathlib import Path

import hypothesis
import jax
import pytest

# Tests neither read what another run compiled nor leave anything in the user's folders.
os.environ["DETENTE_CACHE"] = "off"
jax.config.update("jax_enable_x64", True)
jax.config.update("jax_numpy_rank_promotion", "raise")
# Most of a test's time is compilation; the arithmetic is the same without the costly passes.
jax.config.update("jax_disable_most_optimizations", True)
# The same examples in every run: a failure can be repeated, and a pass means the same everywhere.
hypothesis.settings.register_profile("detente", deadline=None, derandomize=True, max_examples=25)
hypothesis.settings.load_profile("detente")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True, scope="session")
def no_network():
    """Refuse every connection to another machine."""
    connect = socket.socket.connect

    def refuse(self, address):
        if self.family != getattr(socket, "AF_UNIX", None):
            raise OSError(f"tests run without network; something asked for {address}")
        return connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        yield


@pytest.fixture(scope="session")
def raw() -> Path:
    """Return the folder of raw tables, or skip: the tables are not part of the repository."""
    for folder in (os.environ.get("DETENTE_RAW"), ROOT.parent / "shared" / "data"):
        if folder and Path(folder).is_dir():
            return Path(folder)
    pytest.skip(
        "skipped, since it compares with raw tables that are not shipped: "
        "set DETENTE_RAW to the folder that holds them"
    )
