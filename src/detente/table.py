"""A table of edits: thousands of cells as one edit."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from detente.faults import located

OPERATIONS = ("set", "add", "multiply")
# Columns that carry words for the reader and no part of the edit.
REMARKS = ("name", "note", "source")


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of an edit: labels by dimension, and one column of values.

    Parameters
    ----------
    frame
        One row a cell: dimensions, and `value` or one of set, add, multiply.
    origin
        File that it was read from, for messages; empty when made in Python.
    first_row
        Number that the first row has for the reader: 2 in a CSV file with a header.

    Examples
    --------
    >>> Table.of([{"origin": "CHN", "destination": "USA", "add": 0.25}]).operation
    'add'
    """

    frame: pd.DataFrame
    origin: str = ""
    first_row: int = 1
    _digest: list[str] = field(default_factory=list, repr=False)

    @classmethod
    def of(
        cls,
        rows: pd.DataFrame | Sequence[Mapping[str, Any]],
        origin: str = "",
        first_row: int = 1,
    ) -> "Table":
        """Make a table from a DataFrame or from rows.

        Raises
        ------
        LocatedError
            If there are no rows, a row is no mapping, keys differ, or no column holds values.
        """
        if not isinstance(rows, pd.DataFrame):
            for position, row in enumerate(rows):
                if not isinstance(row, Mapping):
                    raise located((position,), "a row must hold keys and values")
                if set(row) != set(rows[0]):
                    raise located(
                        (position,),
                        f"all rows must have the same keys as the first: {', '.join(rows[0])}",
                    )
            rows = pd.DataFrame([dict(row) for row in rows])
        table = cls(rows.reset_index(drop=True), origin, first_row)
        frame = table.frame
        columns = [str(column) for column in frame.columns]
        values = [column for column in columns if column in ("value", *OPERATIONS)]
        where = f"{origin}: " if origin else ""
        if frame.empty:
            raise located((), f"{where}the table has no rows")
        if len(set(columns)) < len(columns):
            raise located((), f"{where}a column name occurs twice")
        if len(values) != 1:
            have = " and ".join(values) if values else f"only {', '.join(columns)}"
            raise located(
                (),
                f"{where}a table needs exactly one column named value, "
                f"set, add or multiply; it has {have}",
            )
        return table._plain()

    def _plain(self) -> "Table":
        """Return a copy with labels as text and numbers as float64: one meaning, one digest."""
        frame = self.frame.copy()
        for dim in self.dims:
            text = frame[dim].astype(str).str.strip()
            empty = frame[dim].isna() | (text == "")
            if empty.any():
                row = self.row(int(empty.to_numpy().argmax()))
                raise located((), f"{row}: the column '{dim}' is empty")
            frame[dim] = text.astype(object)
        if pd.api.types.is_numeric_dtype(frame[self.value_column]):
            frame[self.value_column] = frame[self.value_column].astype(float)
        return Table(frame, self.origin, self.first_row)

    @property
    def value_column(self) -> str:
        """Name of the column of values."""
        return next(str(c) for c in self.frame.columns if c in ("value", *OPERATIONS))

    @property
    def operation(self) -> str | None:
        """The operation that the column names; None when it is called `value`."""
        return None if self.value_column == "value" else self.value_column

    @property
    def dims(self) -> list[str]:
        """Columns of labels."""
        apart = (self.value_column, *REMARKS)
        return [str(c) for c in self.frame.columns if c not in apart]

    def row(self, position: int) -> str:
        """Name a row for a message: "rates.csv row 17"."""
        return f"{self.origin} row {position + self.first_row}".strip()

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows as plain values, for JSON."""
        keep = [*self.dims, self.value_column]
        return [
            {
                str(key): value.item() if hasattr(value, "item") else value
                for key, value in row.items()
            }
            for row in self.frame.loc[:, keep].to_dict(orient="records")
        ]

    @property
    def digest(self) -> str:
        """SHA-256 of labels and values."""
        if not self._digest:
            text = self.frame[[*self.dims, self.value_column]].to_csv(index=False)
            self._digest.append(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())
        return self._digest[0]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)
