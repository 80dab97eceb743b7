"""Compare results with published references: one line a reference.

Each group of references is one function that yields lines; tests and the command
`detente validate` run the same functions.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from detente.errors import MissingDataError


@dataclass(frozen=True)
class Line:
    """One number against its reference.

    Attributes
    ----------
    group, name : what was computed
    source : where the reference is published
    unit : of ours and published
    ours, published, tolerance : numbers; tolerance is on the absolute difference
    note : why it was skipped, when it was
    missing : whether it was skipped for want of raw tables
    extra : the optional part of detente that it was skipped for want of
    of : name of the group in `references`, which may print its lines under names of its own
    """

    group: str
    name: str
    source: str
    unit: str
    ours: float
    published: float
    tolerance: float
    note: str = ""
    missing: bool = False
    extra: str = ""
    of: str = ""

    @property
    def difference(self) -> float:
        """Ours minus published."""
        return self.ours - self.published

    @property
    def passed(self) -> bool | None:
        """Whether the difference is within the tolerance; None when skipped."""
        if self.note:
            return None
        # Published numbers are rounded: a difference of exactly half a unit is not a failure.
        bound = self.tolerance * (1 + 1e-9)
        return bool(math.isfinite(self.difference) and abs(self.difference) <= bound)

    def line(self) -> str:
        """Return one line of text."""
        if self.passed is None:
            return f"SKIP  {self.group:22s} {self.name:44s} {self.note}"
        word = "pass" if self.passed else "FAIL"
        # Every digit of the bound: rounded to fewer it can fall below a difference that passes.
        bound = np.format_float_scientific(self.tolerance, trim="-", exp_digits=2)
        return (
            f"{word}  {self.group:22s} {self.name:44s} ours {self.ours:12.6g}  "
            f"published {self.published:12.6g}  difference {self.difference:+.2e}  "
            f"(bound {bound}) {self.unit}"
        )

    def page(self) -> dict:
        """Return the line as plain data."""
        page = asdict(self) | {"passed": self.passed}
        if self.passed is None:
            page |= {"ours": None, "published": None, "difference": None}
        else:
            page["difference"] = self.difference
        return page


Reference = Callable[[Path | None], Iterator[Line]]
# Groups that take minutes: the command runs them, the tests run smaller cases of the same.
LONG = ("ideal points", "Advanced Guide")


def references() -> dict[str, Reference]:
    """Return every group of references by name."""
    from detente.references import (
        alignment,
        caliendo_parro,
        campos,
        disputes,
        gains,
        ge_gravity,
        gegravity,
        gravity_guide,
        ideal_points,
        liberation_day,
        nuclear,
        null,
        security,
        signed_networks,
    )

    return {
        "null scenario": null.lines,
        "Caliendo-Parro NAFTA": caliendo_parro.lines,
        "ge_gravity": ge_gravity.lines,
        "gegravity": gegravity.lines,
        "Campos et al.": campos.lines,
        "Costinot-Rodriguez-Clare": gains.lines,
        "Ignatenko et al.": liberation_day.lines,
        "Advanced Guide": gravity_guide.lines,
        "signed networks": signed_networks.lines,
        "alignment": alignment.lines,
        "ideal points": ideal_points.lines,
        "nuclear exchange": nuclear.lines,
        "security": security.lines,
        "disputes": disputes.lines,
    }


def validate_all(raw: Path | None = None, names: Iterable[str] | None = None) -> Iterator[Line]:
    """Yield every line of every group; a group whose raw tables are missing yields one skip.

    Parameters
    ----------
    raw
        Folder of raw tables, or None for the default (see `detente.data.paths`).
    names
        Which groups; all when None.
    """
    wanted = references()
    for name, group in wanted.items() if names is None else ((n, wanted[n]) for n in names):
        try:
            yield from (replace(line, of=name) for line in group(raw))
        except MissingDataError as error:
            yield replace(left_out(name, "", str(error)), of=name)


def left_out(name: str, source: str, note: str, extra: str = "") -> Line:
    """Return the line of a group that could not run.

    Parameters
    ----------
    name, source
        Of the group.
    note
        Why, and what to do about it.
    extra
        The optional part of detente that is not installed; empty when raw tables are missing.
    """
    nothing = math.nan
    return Line(name, "all", source, "", nothing, nothing, 0.0, note, not extra, extra)


def summary(found: Sequence[Line]) -> list[str]:
    """Return what all lines come to: rows, groups, and how to install what is missing.

    Parameters
    ----------
    found
        Lines of one call of `validate_all`.

    Examples
    --------
    >>> summary([left_out("g", "s", "no package", extra="dev")])[-1]
    "pip install 'detente[dev]' installs what the skipped groups need"
    """
    rows = [one.passed for one in found if one.passed is not None]
    packages = {one.of or one.group for one in found if one.extra}
    tables = {one.of or one.group for one in found if one.missing}
    compared = {one.of or one.group for one in found} - packages - tables
    lines = [
        f"rows: {sum(rows)} passed, {len(rows) - sum(rows)} failed",
        f"groups: {len(compared)} compared in full; skipped in whole or in part: "
        f"{len(packages)} for want of a package, {len(tables)} for want of raw tables",
    ]
    if packages:
        extras = ",".join(sorted({one.extra for one in found if one.extra}))
        lines.append(f"pip install 'detente[{extras}]' installs what the skipped groups need")
    return lines
