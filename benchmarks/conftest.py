"""Where the raw tables of the peer are."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def raw() -> Path:
    near = Path(__file__).resolve().parents[2] / "shared" / "data"
    for folder in (os.environ.get("DETENTE_RAW"), near):
        if folder and (Path(folder) / "gegravity_sample").is_dir():
            return Path(folder)
    pytest.skip("the sample of gegravity is not at hand: set DETENTE_RAW")
