"""An Edit: one change of one layer, checked by itself."""

import datetime as dt
import math
import numbers
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import pandas as pd
from pydantic import Field, PlainSerializer, WithJsonSchema, field_validator, model_validator

from detente.errors import nearest
from detente.faults import LocatedError
from detente.parts import (
    LABEL,
    Part,
    as_date,
    as_label,
    codes,
    codes_schema,
    in_order,
    short,
    wrong,
)
from detente.table import OPERATIONS, Table
from detente.vocabulary import Term, terms

HUGE = 1e300  # beyond it sums overflow


def editable() -> dict[str, Term]:
    """Return the layers that a scenario may edit."""
    return {name: rule for name, rule in terms("layer").items() if rule.editable}


_DIMS = {dim for rule in editable().values() for dim in rule.dims}
Where = Annotated[
    dict[str, tuple[str, ...]],
    WithJsonSchema(codes_schema(_DIMS, "Labels by dimension: a code, a group (@EU), or a list")),
]
Rows = Annotated[
    Table | str,
    PlainSerializer(lambda value: value if isinstance(value, str) else value.rows()),
    WithJsonSchema(
        {
            "description": "CSV or Parquet file beside the scenario, or the rows themselves",
            "anyOf": [
                {"type": "string", "minLength": 1},
                {"type": "array", "items": {"type": "object"}, "minItems": 1},
            ],
        }
    ),
]


class Edit(Part):
    """One change of one layer: where, and by how much.

    Examples
    --------
    >>> Edit(layer="tariff_rate", where={"origin": "CHN", "destination": "USA"}, add=0.25).add
    0.25
    """

    layer: str = Field(
        description="The layer to edit",
        json_schema_extra=lambda part: part.update(enum=[*sorted(editable())]),
    )
    where: Where = Field(default_factory=dict)
    set: float | str | None = Field(
        default=None, description="New value: a number, or a word of the layer (none, partial, ...)"
    )
    add: float | None = Field(default=None, description="Number to add, in the unit of the layer")
    multiply: float | None = Field(default=None, description="Factor")
    table: Rows | None = None
    operation: Literal["set", "add", "multiply"] | None = Field(
        default=None, description="What the column `value` of the table means; set if left out"
    )
    label: str | None = Field(
        default=None,
        description="Edits with one label are one group, which is also run alone",
        json_schema_extra={"pattern": LABEL},
    )
    why: str | None = Field(default=None, description="Reason for this edit")
    source: str | None = Field(default=None, description="Where the number comes from")
    from_: dt.date | None = Field(
        default=None, alias="from", description="First day; kept for later"
    )
    until: dt.date | None = Field(default=None, description="Last day; kept for later")

    if TYPE_CHECKING:
        # What the validators take is wider than what the fields hold.
        def __init__(
            self,
            *,
            layer: str,
            where: Mapping[str, str | Sequence[str]] = ...,
            set: float | str | None = None,
            add: float | None = None,
            multiply: float | None = None,
            table: Table | pd.DataFrame | Sequence[Mapping[str, Any]] | str | None = None,
            operation: Literal["set", "add", "multiply"] | None = None,
            label: str | None = None,
            why: str | None = None,
            source: str | None = None,
            from_: dt.date | str | None = None,
            until: dt.date | str | None = None,
        ) -> None: ...

    @field_validator("layer", mode="before")
    @classmethod
    def _known_layer(cls, value: Any) -> Any:
        can = editable()
        if not isinstance(value, str):
            raise wrong(f"must be the name of a layer, not {short(value)}")
        if value in terms("layer") and value not in can:
            raise wrong(f"the layer '{value}' cannot be edited; editable layers: {', '.join(can)}")
        if value not in can:
            raise wrong(
                f"unknown layer '{value}'{nearest(value, can)}; editable layers: {', '.join(can)}"
            )
        return value

    @field_validator("where", mode="before")
    @classmethod
    def _known_dims(cls, value: Any, info: Any) -> Any:
        if not isinstance(value, Mapping):
            raise wrong(
                f"must hold dimensions, as in {{origin: CHN, destination: USA}}, not {short(value)}"
            )
        rule = terms("layer").get(info.data.get("layer", ""))
        for dim in value:
            if rule is not None and dim not in rule.dims:
                hint = _other_dim(str(dim), rule)
                raise wrong(
                    f"{rule.name} has no dimension '{dim}'{hint}; it has: {', '.join(rule.dims)}",
                    str(dim),
                )
        return {dim: codes(value[dim], dim) for dim in value}

    @field_validator("set", mode="before")
    @classmethod
    def _set_value(cls, value: Any, info: Any) -> Any:
        rule = terms("layer").get(info.data.get("layer", ""))
        if value is None or rule is None:
            return value
        if isinstance(value, str):
            return _word(value, rule)
        number = _number(value, "set")
        if outside := rule.outside(number):
            raise wrong(outside)
        return number

    @field_validator("add", "multiply", mode="before")
    @classmethod
    def _finite(cls, value: Any, info: Any) -> Any:
        return None if value is None else _number(value, info.field_name)

    @field_validator("table", mode="before")
    @classmethod
    def _rows(cls, value: Any) -> Any:
        if isinstance(value, pd.DataFrame | list | tuple):
            try:
                return Table.of(value)
            except LocatedError as error:
                fault = error.faults[0]
                raise wrong(fault.text, *fault.path) from None
        if value is not None and not isinstance(value, str | Table):
            raise wrong(f"must be a path or rows, not {short(value)}")
        return value

    @field_validator("label", mode="before")
    @classmethod
    def _label(cls, value: Any) -> Any:
        return None if value is None else as_label(value)

    @field_validator("from_", "until", mode="before")
    @classmethod
    def _date(cls, value: Any) -> Any:
        return None if value is None else as_date(value)

    @model_validator(mode="after")
    def _one_operation(self) -> Self:
        given = [key for key in OPERATIONS if getattr(self, key) is not None]
        if self.table is None:
            if self.operation is not None:
                raise wrong("only an edit with a table has an operation", "operation")
            if len(given) != 1:
                have = f"not both {' and '.join(given)}" if given else "none is given"
                raise wrong(f"an edit needs exactly one of set, add, multiply or table; {have}")
        elif given:
            raise wrong(
                f"the table gives the values; take away '{given[0]}' or the table", given[0]
            )
        in_order(self.from_, self.until)
        return self

    @property
    def operation_name(self) -> str:
        """The operation: set, add or multiply."""
        for key in OPERATIONS:
            if getattr(self, key) is not None:
                return key
        column = self.table.operation if isinstance(self.table, Table) else None
        return column or self.operation or "set"

    @property
    def gist(self) -> str:
        """The edit in a line, as it was written; `sentences.sentence` says it with its world.

        Examples
        --------
        >>> Edit(layer="tariff_rate", where={"origin": "CHN", "destination": "@EU"}, add=0.25).gist
        'tariff_rate, origin CHN, destination @EU: add 0.25'
        """
        where = [f"{dim} {' '.join(labels)}" for dim, labels in self.where.items()]
        if isinstance(self.table, Table):
            count = len(self.table.frame)
            value = f"by a table of {count} row{'s' if count != 1 else ''}"
        else:
            value = self.table or f"{getattr(self, self.operation_name)}"
        return f"{', '.join([self.layer, *where])}: {self.operation_name} {value}"


def _other_dim(dim: str, rule: Term) -> str:
    same = {
        "country": "origin",
        "origin": "country",
        "destination": "country",
        "exporter": "origin",
        "importer": "destination",
        "sender": "origin",
        "target": "destination",
        "from": "origin",
        "to": "destination",
    }
    return nearest(dim, rule.dims, {k: v for k, v in same.items() if v in rule.dims})


def _number(value: Any, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):  # NumPy's are real too
        hint = ""
        if isinstance(value, str) and re.fullmatch(r"\s*[-+]?[\d.]+\s*%\s*", value):
            hint = "; write 0.25 for 25 %"
        elif isinstance(value, str):
            try:
                hint = f"; write {key}: {float(value)} without quotes"
            except ValueError:
                hint = f"; {key} takes no words"
        raise wrong(f"must be a number, not {short(value)}{hint}")
    try:
        number = float(value)
    except OverflowError:  # whole numbers have no largest
        number = math.inf
    if math.isnan(number):
        raise wrong("must be a finite number, not nan")
    if abs(number) > HUGE:
        raise wrong(f"must be a finite number, not {short(value)}: at most {HUGE:g} in size")
    return number


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _word(value: str, rule: Term) -> str:
    if value not in rule.values and _is_number(value):
        raise wrong(f"'{value}' is a word; write set: {value.strip()} without quotes")
    if not rule.values:
        hint = "; write 0.25 for 25 %" if value.strip().endswith("%") else ""
        raise wrong(f"'{value}' is a word, but {rule.name} is a number ({rule.unit}){hint}")
    if value not in rule.values:
        raise wrong(
            f"unknown word '{value}' for {rule.name}{nearest(value, rule.values)}; words: "
            f"{', '.join(rule.values)}"
        )
    return value
