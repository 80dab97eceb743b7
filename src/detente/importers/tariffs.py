"""Bilateral tariffs: MAcMap-HS6, Teti's Global Tariff Database, WITS exports.

Within a cell of origin, destination and sector the mean over products is unweighted; a product has
one row. The importer
levies the tariff: in the world it is the destination.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from detente.errors import WorldError, nearest
from detente.importers.codes import Codes, Concordance, counted, digits_of, padded, some
from detente.importers.reading import existing, find_column, has_column, header, pieces
from detente.importers.repeats import Repeats

UNITS = {"fraction": 1.0, "percent": 0.01}


@dataclass(frozen=True)
class Layout:
    """Names that the columns of a layout may bear; `unit` where its publisher states one."""

    importer: tuple[str, ...]
    exporter: tuple[str, ...]
    product: tuple[str, ...]
    year: tuple[str, ...]
    rate: tuple[str, ...]
    unit: str | None = None


LAYOUTS = {
    "macmap": Layout(
        ("importer", "reporter", "reporter_iso"), ("exporter", "partner", "partner_iso"),
        ("hs6_2007", "hs6", "hs6_2002", "hs6_2012", "hs2"), ("year",), ("adv", "ave"), "fraction",
    ),
    "teti": Layout(
        ("iso1",), ("iso2",), ("hs6", "hs2", "hs", "sector", "gtap", "isic", "section"), ("year",),
        ("tariff",),
    ),
    "wits": Layout(
        ("reporter_iso3", "reporter iso3", "reporter", "reporter name", "reporter_iso_n"),
        ("partner_iso3", "partner iso3", "partner", "partner name"),
        ("productcode", "product", "product code"), ("tariff year", "year"),
        ("ahs weighted average (%)", "ahs weighted average", "weighted average",
         "weightedaverage"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Tariffs:
    """Tariffs on the axes of a world.

    Attributes
    ----------
    rate : [origin, destination, sector] 0.25 is 25 per cent; 0 where no row stands
    known : [origin, destination, sector] whether a row stands
    notes : what was left out
    """

    rate: np.ndarray
    known: np.ndarray
    notes: tuple[str, ...] = ()


def read_tariffs(
    path: Path | str,
    layout: str,
    countries: list[str],
    sectors: list[str],
    unit: str | None = None,
    year: int | None = None,
    column: str | None = None,
    concordance: Concordance | None = None,
    codes: Codes | None = None,
) -> Tariffs:
    """Read a table of bilateral tariffs onto the countries and sectors of a world.

    Parameters
    ----------
    path
        The CSV.
    layout
        macmap (importer, exporter, hs6_2007, year, adv), teti (iso1 the importer, iso2 the
        exporter, year, sector if any, tariff) or wits (Reporter, Partner, Product, AHS Weighted
        Average (%)).
    countries, sectors
        Labels of the world.
    unit
        "percent" or "fraction". Left out, it is taken from the column's name or the publisher's
        statement; else it must show in the numbers: when more than half of the positive rates
        are above 1 they are per cent. In every other case the table is refused.
    year
        Which year; needed when the file holds several.
    column
        Which column holds the rate, when not the layout's own (teti: tariff_w, tariff95 ...).
    concordance
        Products to sectors. Without it products must be the world's sectors, or the world has one.
    codes
        Countries by code, where the file has numbers, names or unions.

    Raises
    ------
    PlaceError
        No such file.
    WorldError
        A row or column is wrong, two rows have one key, the unit cannot be told, or no label
        fits.

    Notes
    -----
    Guimbard, Jean, Mimouni and Pichot (2012), MAcMap-HS6 2007; Teti (2024), Missing Tariffs.
    """
    if layout not in LAYOUTS:
        raise WorldError(
            f"unknown layout of tariffs '{layout}'{nearest(layout, LAYOUTS)}; "
            f"one of {', '.join(LAYOUTS)}"
        )
    if unit is not None and unit not in UNITS:
        raise WorldError(f"unknown unit '{unit}'{nearest(unit, UNITS)}; percent or fraction")
    place = existing(path, "table of tariffs")
    names, form = header(place), LAYOUTS[layout]
    rate = find_column(names, (column,) if column else form.rate, place)
    labels = {"importer": form.importer, "exporter": form.exporter}
    for key, accepted in (("product", form.product), ("year", form.year),
                          ("duty", ("dutytype", "duty type"))):  # fmt: skip
        if has_column(names, accepted):
            labels[key] = accepted
    when = _year(place, labels, year)
    tally = _Tally(countries, sectors, concordance, codes or Codes(), place)
    if "product" in labels:
        tally.digits = digits_of(find_column(names, form.product, place))

    def parts() -> Iterator[pd.DataFrame]:
        return pieces(place, labels, {"rate": (rate,)}, blank=True)

    for part in parts():
        tally.add(part, when, parts)
    return tally.close(_unit(unit, rate, form, tally, place))


def _year(place: Path, labels, wanted: int | None) -> str | None:
    if "year" not in labels:
        return None
    have: set[str] = set()
    for part in pieces(place, {"year": labels["year"]}, {}):
        have |= set(part["year"])
    if wanted is None:
        if len(have) > 1:
            raise WorldError(
                f"{place} holds the years {some(sorted(have), 40)}: say which with --tariff-year"
            )
        return have.pop()
    if str(wanted) not in have:
        raise WorldError(f"{place} has no rows of {wanted}; it holds {some(sorted(have), 40)}")
    return str(wanted)


def _unit(unit: str | None, column: str, form: Layout, tally: "_Tally", place: Path) -> float:
    """Return what turns the numbers into fractions; raise when the unit cannot be told."""
    percent = tally.above > 0.5 * tally.positive
    if unit is not None:
        return UNITS[unit]
    if "%" in column or "percent" in column.casefold() or "per cent" in column.casefold():
        return UNITS["percent"]
    if form.unit == "fraction":
        if percent:
            raise WorldError(
                f"{place}, column {column}: this layout states fractions (0.05 is 5 per cent), but "
                f"{tally.above} of {tally.positive} positive rates are above 1. Say which unit: "
                "--tariff-unit percent or --tariff-unit fraction"
            )
        return UNITS["fraction"]
    if percent:
        return UNITS["percent"]
    raise WorldError(
        f"{place}, column {column}: nothing tells whether 0.05 is 5 per cent or 0.05 per cent "
        f"({tally.above} of {tally.positive} positive rates are above 1). Say which: "
        "--tariff-unit percent or --tariff-unit fraction"
    )


def _expand(
    part: pd.DataFrame, key: str, found: Callable[[str], Sequence[int]], left: dict[str, int]
) -> pd.DataFrame:
    """Replace labels by numbers, one row for each that a label stands for; count what has none."""
    label, names = pd.factorize(part[key])
    numbers = [list(found(str(name))) for name in names]
    # A row that stands for several by another label is still one row of the file.
    rows = np.bincount(label, ~part.index.duplicated(), minlength=len(names))
    for name, places, count in zip(names, numbers, rows, strict=True):
        if not places:
            left[str(name)] = left.get(str(name), 0) + int(count)
    size = np.array([len(places) for places in numbers], dtype=int)
    start = np.cumsum(size) - size
    times = size[label]
    # Row by row: which of its numbers, counted from the first of its label.
    nth = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    flat = np.array([one for places in numbers for one in places], dtype=int)
    whole = part.iloc[np.repeat(np.arange(len(part)), times)]
    return whole.assign(**{key: flat[np.repeat(start[label], times) + nth]})


class _Tally:
    """Sums and counts of rates by cell, and what could not be placed."""

    def __init__(self, countries, sectors, concordance, codes: Codes, place: Path) -> None:
        self.countries = {name: i for i, name in enumerate(countries)}
        self.sectors = {name: i for i, name in enumerate(sectors)}
        self.concordance, self.codes, self.place = concordance, codes, place
        shape = (len(countries), len(countries), len(sectors))
        self.total, self.count = np.zeros(shape), np.zeros(shape, dtype=np.int64)
        self.positive = self.above = self.blank = self.rows = 0
        self.unplaced: dict[str, int] = {}
        self.unknown: dict[str, dict[str, int]] = {"importer": {}, "exporter": {}}
        self.digits = 0
        self.seen = Repeats(("importer", "exporter"), ("good", "product"), {"good": self._good})

    def add(
        self, part: pd.DataFrame, year: str | None, again: Callable[[], Iterator[pd.DataFrame]]
    ) -> None:
        """Add the rows of one piece.

        Parameters
        ----------
        part
            importer, exporter and rate, with product, year and duty where the file has them.
        year
            Which year counts.
        again
            Returns the pieces once more from the beginning, to find the first of two rows.
        """
        part = self._chosen(part, year)
        self.rows += len(part)
        self.blank += int(part["rate"].isna().sum())
        part = part[part["rate"].notna()]
        low = (part["rate"] < 0).to_numpy()
        if low.any():
            row = part.index[int(low.argmax())]
            raise WorldError(
                f"{self.place}, row {row}: the tariff is {part['rate'].loc[row]:g}; below 0"
            )
        self.positive += int((part["rate"] > 0).sum())
        self.above += int((part["rate"] > 1).sum())
        part = self._numbered(part, self.unplaced, self.unknown)
        at = self.seen.twice(part)
        if at is not None:
            self._refuse(part, at, year, again)
        cell = tuple(part[key].to_numpy(dtype=int) for key in ("exporter", "importer", "product"))
        np.add.at(self.total, cell, part["rate"].to_numpy())
        np.add.at(self.count, cell, 1)

    def _chosen(self, part: pd.DataFrame, year: str | None) -> pd.DataFrame:
        if year is not None:
            part = part[part["year"] == year]
        if "duty" in part:
            part = part[part["duty"].str.upper() == "AHS"]
        return part

    def _numbered(self, part: pd.DataFrame, unplaced: dict[str, int], unknown) -> pd.DataFrame:
        """Return rows with numbers of sectors and countries, and the product as `good`."""
        part = part.assign(product="") if "product" not in part else part
        part = _expand(part.assign(good=part["product"]), "product", self._sectors, unplaced)
        for key, left in unknown.items():
            part = _expand(part, key, lambda code: self.codes.expand(code, self.countries), left)
        return part[part["importer"] != part["exporter"]]

    def _refuse(self, part: pd.DataFrame, at: int, year: str | None, again) -> None:
        """Raise for a row whose key has had one: which of the two holds, nobody can tell."""
        pieces = (self._chosen(one, year) for one in again())
        numbered = (
            self._numbered(one[one["rate"].notna()], {}, {"importer": {}, "exporter": {}})
            for one in pieces
        )
        first, row = self.seen.first(part, at, numbered), part.iloc[at]
        names = list(self.countries)
        words = [f"importer {names[row['importer']]}", f"exporter {names[row['exporter']]}"]
        words += [f"product {self._good(row['good'])}"] if row["good"] else []
        words += [f"year {year}"] if year is not None else []
        raise WorldError(
            f"{self.place}, row {row.name}: {', '.join(words)} occurs twice, first in row "
            f"{first.name}; the rate is {first['rate']:g} there and {row['rate']:g} here. Keep one "
            "row: a mean is taken over different products only"
        )

    def _good(self, product: str) -> str:
        return padded(product, self.digits) if self.digits else product

    def _sectors(self, product: str) -> Sequence[int]:
        """Return the sectors that a product stands for; all goods when there is no product."""
        if self.concordance is None:
            if len(self.sectors) == 1:
                return [0]
            return [self.sectors[product]] if product in self.sectors else []
        if not product:
            return [self.sectors[name] for name in self.concordance.names()]
        found = self.concordance.sector(padded(product, self.digits))
        return [] if found is None else [self.sectors[found]]

    def close(self, unit: float) -> Tariffs:
        """Return mean rates as fractions, and what to say about the rest."""
        if not self.count.any():
            raise WorldError(f"{self.place}: no row fits the world{self._why()}")
        known = self.count > 0
        rate = unit * self.total / np.where(known, self.count, 1)
        importers = np.asarray(known.any(axis=(0, 2)))
        silent = [name for name, i in self.countries.items() if not importers[i]]
        notes = [
            f"tariffs of {self.place.name}: unweighted means over {int(self.count.sum())} rows"
        ]
        if silent:
            notes.append(f"no tariffs levied by {some(silent)}: they are zero and marked absent")
        for what, left in (
            ("of importers that the world does not have", self.unknown["importer"]),
            ("of exporters that the world does not have", self.unknown["exporter"]),
            ("of products without a sector", self.unplaced),
        ):
            if left:
                notes.append(f"{counted(sum(left.values()), what)} left out: {some(left)}")
        if self.blank:
            notes.append(f"{counted(self.blank, 'without a rate')} left out")
        return Tariffs(rate, known, tuple(notes))

    def _why(self) -> str:
        if self.unplaced and "" in self.unplaced:
            return (
                ": it has no column of products, and the world has several sectors. Give "
                "--concordance; the sectors that it names bear the tariff"
            )
        if self.unplaced:
            return (
                f": its products ({some(self.unplaced, 4)}) are no sectors of the world "
                f"({some(self.sectors, 4)}). Give --concordance with columns hs6 and sector"
            )
        unknown = self.unknown["importer"] | self.unknown["exporter"]
        if unknown:
            return (
                f": its labels ({some(unknown, 4)}) are no countries of the world "
                f"({some(self.countries, 4)}). Give --codes with columns code and iso3"
            )
        return f" ({self.rows} rows of that year, {self.blank} without a rate)"
