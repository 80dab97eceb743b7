"""Sources are pinned, complete, and the page of licences is rendered from them."""

import hashlib
import os
import re
from pathlib import Path

import pytest

from detente.data import licences
from detente.source import sources
from detente.vocabulary import terms

ROOT = Path(__file__).parents[2]
RAW = Path(os.environ.get("DETENTE_RAW", ROOT.parent / "shared" / "data"))
PINNED = [(key, name) for key, source in sources().items() for name in source.files]


@pytest.mark.parametrize(("key", "name"), PINNED)
def test_raw_table_has_the_pinned_digest(key, name):
    path = RAW / key / name
    if not path.is_file():
        pytest.skip(f"raw table {key}/{name} absent (set DETENTE_RAW)")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == sources()[key].files[name]


def test_every_source_is_complete():
    for key, source in sources().items():
        for field in ("title", "citation", "licence", "attribution", "vintage"):
            assert getattr(source, field), f"{key} has no {field}"
        assert source.redistribution in ("embedded", "estimates_only", "tests_only"), key
        assert source.more["origin"] and source.more["get"], key
        assert source.files, key
        for digest in source.files.values():
            assert re.fullmatch(r"[0-9a-f]{64}", digest)


def test_layers_named_by_sources_are_in_the_vocabulary():
    for layer in licences.layer_sources():
        assert layer in terms("layer") or layer == "map shapes", layer


def test_no_layer_comes_from_a_table_that_only_tests_may_read():
    for source in sources().values():
        if source.redistribution == "tests_only":
            assert not source.more["layers"]


def test_page_of_licences_is_fresh():
    page = (ROOT / "docs" / "reference" / "licences.md").read_text(encoding="utf-8")
    assert page == licences.render(), (
        "render again: python -m detente.data.licences > docs/reference/licences.md"
    )


def test_page_names_every_embedded_source_with_its_attribution():
    page = licences.render()
    for key, source in sources().items():
        assert f"### {key}" in page
        assert source.attribution in page and source.licence in page


def test_only_pinned_tables_are_read():
    pattern = re.compile(r'"([a-z0-9_]+)/([A-Za-z0-9_.\-]+\.(?:parquet|csv|json))"')
    pinned = set(PINNED)
    for path in (ROOT / "src" / "detente").rglob("*.py"):
        for key, name in pattern.findall(path.read_text(encoding="utf-8")):
            assert (key, name) in pinned, f"{path.name} reads {key}/{name}, not in sources.toml"


@pytest.mark.skipif(
    not (RAW / "blocs_handcoded").is_dir(), reason="raw tables absent (set DETENTE_RAW)"
)
def test_sources_of_political_layers_agree_with_the_table():
    from detente.data.politics import political_layers

    layers, _ = political_layers(RAW, ["CUB", "RUS", "USA"])
    table = licences.layer_sources()
    for name, layer in layers.data_vars.items():
        assert layer.attrs["source"] in table[name], name
        assert sources()[layer.attrs["source"]].redistribution == "embedded", name
