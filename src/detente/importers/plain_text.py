"""Whether a file can be plain text, by its first bytes: a packed file is named as what it is."""

import zipfile
from pathlib import Path

from detente.errors import WorldError

LOOK = 512
BYTE_ORDER = (b"\xff\xfe", b"\xfe\xff")
UNPACK = "unpack it first"
SAVE = "save the sheet as CSV (UTF-8) first"
KINDS = {
    b"\x1f\x8b": ("is compressed (gzip)", UNPACK),
    b"BZh": ("is compressed (bzip2)", UNPACK),
    b"\xfd7zXZ\x00": ("is compressed (xz)", UNPACK),
    b"\x28\xb5\x2f\xfd": ("is compressed (zstandard)", UNPACK),
    b"7z\xbc\xaf\x27\x1c": ("is a 7z archive", UNPACK),
    b"\xd0\xcf\x11\xe0": ("is an Excel workbook (xls)", SAVE),
    b"PAR1": ("is a Parquet file", "export it as CSV first"),
    b"\x89HDF": ("is an HDF5 file", "export it as CSV first"),
    b"MATLAB": ("is a MATLAB file", "export it as CSV first"),
}
# A workbook is a zip archive too; these stand in one, by the program that wrote it.
SHEETS = {"xl/workbook.xml": "an Excel workbook (xlsx)", "xl/workbook.bin": "an Excel workbook",
          "content.xml": "a workbook (ods)"}  # fmt: skip


def plain_text(path: Path) -> Path:
    """Return the path unless the first bytes of its file are those of no text in UTF-8.

    Parameters
    ----------
    path
        A file that is there.

    Raises
    ------
    WorldError
        The file is compressed, an archive, a workbook or UTF-16; the message says how to mend it.

    Examples
    --------
    >>> place = Path(__file__)
    >>> plain_text(place) == place
    True
    """
    with path.open("rb") as stream:
        first = stream.read(LOOK)
    if first.startswith(b"PK\x03\x04") or first.startswith(b"PK\x05\x06"):
        what, mend = _archive(path)
        raise WorldError(f"{path} {what}; {mend}")
    for mark, (what, mend) in KINDS.items():
        if first.startswith(mark):
            raise WorldError(f"{path} {what}; {mend}")
    if first.startswith(BYTE_ORDER) or _every_second_is_zero(first):
        raise WorldError(f"{path} is UTF-16; save it as UTF-8")
    if b"\x00" in first:
        raise WorldError(f"{path} is no text: its first {len(first)} bytes hold a zero byte")
    return path


def _archive(path: Path) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError):
        names = set()
    for name, what in SHEETS.items():
        if name in names:
            return f"is {what}", SAVE
    return "is a zip archive", UNPACK


def _every_second_is_zero(first: bytes) -> bool:
    """Say whether letters of one byte stand in pairs, as in UTF-16 without a mark of its order."""
    pairs = first[: len(first) // 2 * 2]
    return bool(pairs) and any(
        not any(pairs[start::2]) and all(pairs[1 - start :: 2]) for start in (0, 1)
    )
