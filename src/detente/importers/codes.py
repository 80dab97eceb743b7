"""Two small tables that a user may give: country codes, and products to sectors."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from detente.errors import WorldError, nearest
from detente.importers.reading import existing, find_column, header, pieces

CODE = ("country_code", "code", "iso_numeric", "reporter")
ISO3 = ("country_iso3", "iso3", "country")
PRODUCT = ("hs6", "hs4", "hs2", "hs", "product", "code", "k")
SECTOR = ("sector",)


def plain(code: str) -> str:
    """Return a code without leading zeros when it is a number.

    Examples
    --------
    >>> plain("036"), plain("AUS")
    ('36', 'AUS')
    """
    text = str(code).strip()
    return str(int(text)) if text.isascii() and text.isdigit() else text


@dataclass(frozen=True)
class Codes:
    """Which countries a code stands for; a code of a union may stand for several.

    Attributes
    ----------
    countries : countries by code
    path : where it was read, for messages
    """

    countries: dict[str, tuple[str, ...]] = field(default_factory=dict)
    path: str = ""

    def expand(self, code: str, known: dict[str, int]) -> tuple[int, ...]:
        """Return the numbers of the countries that a code stands for; none when unknown."""
        if code in known:
            return (known[code],)
        return tuple(known[one] for one in self.countries.get(plain(code), ()) if one in known)


def read_codes(path: Path | str | None) -> Codes:
    """Read a table of country codes, as BACI's `country_codes_V202501.csv`.

    Parameters
    ----------
    path
        CSV with country_code (or code) and country_iso3 (or iso3); several rows may bear one code.

    Raises
    ------
    PlaceError
        No such file.
    WorldError
        A column is missing.
    """
    if path is None:
        return Codes()
    place = existing(path, "table of country codes")
    found: dict[str, tuple[str, ...]] = {}
    for part in pieces(place, {"code": CODE, "iso3": ISO3}, {}):
        for code, iso3 in zip(part["code"], part["iso3"], strict=True):
            found[plain(code)] = (*found.get(plain(code), ()), iso3)
    return Codes(found, str(place))


@dataclass(frozen=True)
class Concordance:
    """Products to sectors; the longest matching beginning of a product's code decides.

    Attributes
    ----------
    sectors : sector by product, chapter or heading
    path : where it was read
    """

    sectors: dict[str, str]
    path: str

    def sector(self, product: str) -> str | None:
        """Return the sector of a product, or None."""
        for length in (len(product), 6, 4, 2):
            found = self.sectors.get(product[:length])
            if found is not None and length <= len(product):
                return found
        return None

    def names(self) -> list[str]:
        """Return the sectors in the order of the file."""
        return list(dict.fromkeys(self.sectors.values()))


def padded(product: str, digits: int) -> str:
    """Return a product code with the leading zeros that spreadsheets drop.

    Examples
    --------
    >>> padded("10121", 6)
    '010121'
    """
    text = str(product).strip()
    return text.zfill(digits) if text.isascii() and text.isdigit() else text


def digits_of(column: str) -> int:
    """Return how many digits a column of products holds by its name, or 0.

    Examples
    --------
    >>> digits_of("hs6_2007"), digits_of("HS2"), digits_of("sector")
    (6, 2, 0)
    """
    name = column.casefold()
    return next((n for n in (6, 4, 2) if f"hs{n}" in name), 6 if name == "k" else 0)


def read_concordance(path: Path | str | None, world: Sequence[str] | None = None):
    """Read which sector each product belongs to.

    Parameters
    ----------
    path
        CSV with hs6, hs4, hs2 (or product) and sector; chapters, headings and products may be
        mixed in a column `hs`.
    world
        The sectors that there are; others are refused.

    Returns
    -------
    Concordance, or None without a path.

    Raises
    ------
    PlaceError
        No such file.
    WorldError
        A column is missing, a product stands twice, or a sector is unknown.
    """
    if path is None:
        return None
    place = existing(path, "concordance")
    column = find_column(header(place), PRODUCT, place)
    digits = digits_of(column)
    found: dict[str, str] = {}
    for part in pieces(place, {"product": (column,), "sector": SECTOR}, {}):
        for row, product, sector in zip(part.index, part["product"], part["sector"], strict=True):
            key = padded(product, digits or len(product) + len(product) % 2)
            if key in found:
                raise WorldError(f"{place}, row {row}, column {column}: {product} occurs twice")
            if world is not None and sector not in world:
                raise WorldError(
                    f"{place}, row {row}, column sector: no sector '{sector}' in the world"
                    f"{nearest(sector, world)}; it has {some(world)}"
                )
            found[key] = sector
    return Concordance(found, str(place))


def some(words: Iterable[str], most: int = 8) -> str:
    """Return the first of several words, and how many more there are."""
    every = list(words)
    more = len(every) - most
    return ", ".join(every[:most]) + (f" and {more} more" if more > 0 else "")


def counted(rows: int, what: str = "") -> str:
    """Return how many rows of a kind there are, with the verb that follows.

    Examples
    --------
    >>> counted(1), counted(3, "without a rate")
    ('1 row is', '3 rows without a rate are')
    """
    words = ["row" if rows == 1 else "rows", what, "is" if rows == 1 else "are"]
    return " ".join([str(rows), *(word for word in words if word)])
