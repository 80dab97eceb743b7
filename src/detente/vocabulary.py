"""The single table of names, units and bounds, read from `vocabulary.csv`."""

import csv
import functools
import math
from dataclasses import dataclass
from importlib import resources

from detente.errors import WorldError, nearest


@dataclass(frozen=True)
class Term:
    """One row of the vocabulary: a layer, a parameter or an outcome."""

    name: str
    kind: str
    symbol: str
    dims: tuple[str, ...]
    unit: str
    lower: float
    upper: float
    lower_open: bool
    values: dict[str, int]
    scope: str
    symmetric: bool
    editable: bool
    rope: float | None
    source: str
    description: str

    def within(self, lowest: float, highest: float) -> bool:
        """Say whether finite numbers from lowest to highest keep the bounds.

        Parameters
        ----------
        lowest, highest
            In the unit of the term.

        Examples
        --------
        >>> term("tariff_rate").within(-1.0, 0.25), term("tariff_rate").within(-0.5, 0.25)
        (False, True)
        """
        above = lowest > self.lower if self.lower_open else lowest >= self.lower
        return above and highest <= self.upper and math.isfinite(lowest) and math.isfinite(highest)

    def outside(self, value: float) -> str | None:
        """Say how `value` breaks the bounds, or return None.

        Parameters
        ----------
        value
            A number in the unit of the term.

        Examples
        --------
        >>> term("tariff_rate").outside(-1.0)
        'tariff_rate must be greater than -1 (rate), not -1'
        """
        if math.isnan(value) or math.isinf(value):
            return f"{self.name} must be a finite number, not {value}"
        if value < self.lower or (self.lower_open and value <= self.lower):
            word = "greater than" if self.lower_open else "at least"
            return f"{self.name} must be {word} {self.lower:g} ({self.unit}), not {value:g}"
        if value > self.upper:
            return f"{self.name} must be at most {self.upper:g} ({self.unit}), not {value:g}"
        return None


def _row(row: dict[str, str]) -> Term:
    lower = row["lower"]
    values = dict(pair.split("=") for pair in row["values"].split("|") if pair)
    return Term(
        name=row["name"],
        kind=row["kind"],
        symbol=row["symbol"],
        dims=tuple(row["dims"].split()),
        unit=row["unit"],
        lower=float(lower.strip("(")) if lower else -math.inf,
        upper=float(row["upper"]) if row["upper"] else math.inf,
        lower_open=lower.startswith("("),
        values={key: int(value) for key, value in values.items()},
        scope=row["scope"],
        symmetric=row["symmetric"] == "yes",
        editable=row["editable"] == "yes",
        rope=float(row["rope"]) if row["rope"] else None,
        source=row["source"],
        description=row["description"],
    )


@functools.cache
def terms(kind: str | None = None) -> dict[str, Term]:
    """Return the vocabulary by name, whole or of one kind (layer, parameter, outcome).

    Examples
    --------
    >>> terms("layer")["tariff_rate"].unit
    'rate'
    """
    text = (resources.files("detente") / "vocabulary.csv").read_text(encoding="utf-8")
    table = {row["name"]: _row(row) for row in csv.DictReader(text.splitlines())}
    return {name: t for name, t in table.items() if kind is None or t.kind == kind}


def term(name: str, kind: str | None = None) -> Term:
    """Return one row of the vocabulary.

    Raises
    ------
    WorldError
        If the name is unknown; the message offers the nearest one.
    """
    table = terms(kind)
    if name not in table:
        what = kind or "name"
        raise WorldError(f"unknown {what} '{name}'{nearest(name, table)}")
    return table[name]
