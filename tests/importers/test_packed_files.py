"""A file that is packed, a workbook or in UTF-16 is named as what it is, in every layout."""

import gzip
import io
import zipfile

import import_layouts as layouts
import pytest

from detente.errors import WorldError
from detente.importers import (
    add_nmc,
    read_baci,
    read_codes,
    read_concordance,
    read_emerging,
    read_icio,
    read_kite,
    read_tariffs,
    read_wiod,
)
from detente.importers.plain_text import plain_text


def zipped(text, name="table.csv"):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, text)
    return stream.getvalue()


PACKED = {
    "gzip": (gzip.compress, r"is compressed \(gzip\); unpack it first"),
    "zip": (zipped, "is a zip archive; unpack it first"),
    "utf-16": (lambda text: text.decode().encode("utf-16"), "is UTF-16; save it as UTF-8"),
    "utf-16 without its mark": (
        lambda text: text.decode().encode("utf-16-be"), "is UTF-16; save it as UTF-8",
    ),
}  # fmt: skip


def read_kite_table(path):
    return read_kite(path.parent)


def read_emerging_folder(path):
    return read_emerging(path.parent)


LAYOUTS = {
    "icio": (layouts.icio, "", read_icio),
    "wiod": (layouts.wiod, "", read_wiod),
    "wiod long": (layouts.wiod_long, "", read_wiod),
    "wiod sheet": (layouts.wiod_sheet, "", read_wiod),
    "emerging matrix": (layouts.emerging, "z.csv", read_emerging_folder),
    "emerging labels": (layouts.emerging, "countries.csv", read_emerging_folder),
    "kite": (layouts.kite, "trade_share.csv", read_kite_table),
}


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_packed_table_is_named(layout, packing, tmp_path):
    write, name, read = LAYOUTS[layout]
    path = write(tmp_path, layouts.Economy()) / name
    pack, message = PACKED[packing]
    path.write_bytes(pack(path.read_bytes()))
    with pytest.raises(WorldError, match=f"{path.name} {message}"):
        read(path)


@pytest.mark.parametrize("packing", PACKED)
def test_packed_tables_of_trade_tariffs_codes_and_capabilities(packing, tmp_path):
    pack, message = PACKED[packing]
    path = tmp_path / "table.csv"
    path.write_bytes(pack(b"code,iso3\n32,ARG\n"))
    (tmp_path / "country_codes.csv").write_text("code,iso3\n32,ARG\n", "utf-8")
    gdp = layouts.write(tmp_path / "gdp.csv", [["iso3", "gdp_usd"], ["ARG", 5e11]])
    for read in (
        lambda: read_baci(path, gdp),
        lambda: read_baci(gdp, path),
        lambda: read_tariffs(path, "macmap", ["ARG", "BRA"], ["total"]),
        lambda: read_codes(path),
        lambda: read_concordance(path),
        lambda: add_nmc(path, folder=tmp_path),
    ):
        with pytest.raises(WorldError, match=f"table.csv {message}"):
            read()


@pytest.mark.parametrize(
    "content, message",
    [
        (zipped(b"<x/>", "xl/workbook.xml"), r"is an Excel workbook \(xlsx\); save the sheet as"),
        (zipped(b"<x/>", "content.xml"), r"is a workbook \(ods\); save the sheet as CSV"),
        (b"PK\x03\x04 cut short", "is a zip archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", r"is an Excel workbook \(xls\)"),
        (b"BZh91AY", r"is compressed \(bzip2\)"),
        (b"PAR1\x15", "is a Parquet file; export it as CSV first"),
        (b"a,b\n\x00\x01\x02", "is no text: its first 7 bytes hold a zero byte"),
    ],
)
def test_other_kinds_of_files(content, message, tmp_path):
    path = tmp_path / "2022_SML.csv"
    path.write_bytes(content)
    with pytest.raises(WorldError, match=message):
        read_icio(path)


def test_text_of_another_alphabet_is_told_how_to_mend(tmp_path):
    path = tmp_path / "2022_SML.csv"
    path.write_bytes("V1,CÔTE_A01\n".encode("latin-1"))
    with pytest.raises(WorldError, match=r"is not UTF-8 \(.*0xd4.*\); save it as UTF-8"):
        read_icio(path)
    late = layouts.icio_rows(layouts.Economy())
    text = "\n".join(",".join(map(str, row)) for row in late) + "\nCÔTE"
    path.write_bytes(text.encode("latin-1") + b",0" * (len(late[0]) - 1))
    with pytest.raises(WorldError, match="save it as UTF-8"):
        read_icio(path)


@pytest.mark.parametrize(
    "content", [b"", b"a", b"a,b\n1,2\n", b"\xef\xbb\xbfa,b\n", "é,ü".encode()]
)
def test_plain_text_passes(content, tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    assert plain_text(path) == path
