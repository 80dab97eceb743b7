"""What the parts of a scenario share: strict keys, located errors, labels and dates.

A part is checked by itself; what needs a world (do the countries exist, do the results keep
their bounds) is checked in `change`. Wrong input raises `LocatedError`, which names the key.
"""

import contextvars
import datetime as dt
import re
from collections.abc import Iterable, Mapping, Set
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from detente.errors import nearest
from detente.faults import Fault, LocatedError

LABEL = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
HALF = "a text holds half of a character (a lone surrogate); write it whole"
LABEL_RULE = "letters, digits, '-', '_' and '.', beginning with a letter or digit"

_inside: contextvars.ContextVar[bool] = contextvars.ContextVar("inside", default=False)


def wrong(text: str, *path: str | int) -> PydanticCustomError:
    """Return the error of a value that is wrong at `path` below the key being checked."""
    return PydanticCustomError("detente", "{text}", {"text": text, "path": list(path)})


class Part(BaseModel):
    """A frozen piece of a scenario that refuses unknown keys and raises `LocatedError`."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, populate_by_name=True
    )

    def __init__(self, **data: Any) -> None:
        # A part inside a part lets the outer one report, so that paths are complete.
        if _inside.get():
            super().__init__(**data)
            return
        token = _inside.set(True)
        try:
            super().__init__(**data)
        except ValidationError as error:
            raise LocatedError(_faults(error, type(self))) from None
        finally:
            _inside.reset(token)

    @field_validator("*", mode="before")
    @classmethod
    def _whole_text(cls, value: Any) -> Any:
        if not _encodable(value):
            raise wrong(HALF)
        return value


def _encodable(value: Any) -> bool:
    """Say whether all text in plain data can be written to a file."""
    if isinstance(value, str):
        return not any("\ud800" <= letter <= "\udfff" for letter in value)
    if isinstance(value, Mapping):
        return all(_encodable(one) for pair in value.items() for one in pair)
    return not isinstance(value, list | tuple) or all(_encodable(one) for one in value)


def _faults(error: ValidationError, model: type[BaseModel]) -> list[Fault]:
    try:
        items = error.errors(include_url=False)
    except UnicodeEncodeError:
        return [Fault((), HALF)]
    found = []
    for item in items:
        path = tuple(item["loc"])
        given, context = item.get("input"), item.get("ctx", {})
        match item["type"]:
            case "detente":
                path += tuple(context["path"])
                text = context["text"]
            case "extra_forbidden":
                known, key = _keys(model, path[:-1]), str(path[-1])
                hint = _elsewhere(model, path) or nearest(key, known)
                text = f"unknown key '{key}'{hint}; keys: {', '.join(known)}"
            case "missing":
                path, text = path[:-1], f"the key '{path[-1]}' is missing"
            case "literal_error":
                options = context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
                text = f"unknown word {given!r}{nearest(str(given), options)}; words: "
                text += ", ".join(options)
            case _:
                text = f"{item['msg'][:1].lower()}{item['msg'][1:]}, not {short(given)}"
        found.append(Fault(path, text))
    return found


def short(value: Any) -> str:
    """Return a value as it was written, cut to one line of a message."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _keys(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """Return the keys allowed at a path: those of the model itself or of a part in its fields."""
    for step in path:
        field = model.model_fields.get(str(step))
        for inside in _parts_in(field.annotation) if field else ():
            model = inside
    return [info.alias or name for name, info in model.model_fields.items()]


def _elsewhere(model: type[BaseModel], path: tuple[str | int, ...]) -> str:
    """Return where a misplaced key belongs: at the top, or in the parts of one of its lists."""
    key = str(path[-1])
    if len(path) > 1:
        return f": it belongs at the top of the {_called(model)}" if key in _keys(model, ()) else ""
    for name, field in model.model_fields.items():
        if any(key in _keys(part, ()) for part in _parts_in(field.annotation)):
            return f": it belongs in '{field.alias or name}'"
    return ""


def _called(model: type[BaseModel]) -> str:
    return model.__name__.lower()


def _parts_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [part for one in get_args(annotation) for part in _parts_in(one)]


def codes(value: Any, *path: str | int) -> tuple[str, ...]:
    """Return labels as a tuple of text; one label may stand alone.

    Arrays and indices are lists too; a set has no order, and its labels come in that of letters.

    Raises
    ------
    PydanticCustomError
        If a label is not text; numbers and booleans are named, since YAML makes them of words.
    """
    is_list = isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)
    many = list(value) if is_list else [value]
    if isinstance(value, Set):
        many.sort(key=str)
    if not many:
        raise wrong("an empty list selects nothing; leave the key out to select all", *path)
    for position, one in enumerate(many):
        place = (*path, position) if is_list else path
        if isinstance(one, bool):
            raise wrong(f"{one} is not a label; quote it if it is the text you mean", *place)
        if not isinstance(one, str):
            raise wrong(f"{short(one)} is not a label; quote it if it is the text you mean", *place)
        if not one.strip():
            raise wrong("an empty label", *place)
    return tuple(dict.fromkeys(map(str, many)))


def as_date(value: Any) -> dt.date:
    """Return a date given as a date or as text, 2025-04-02."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        return dt.date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise wrong(f"must be a date such as 2025-04-02, not {short(value)}") from None


def in_order(first: dt.date | None, last: dt.date | None) -> None:
    """Raise if the first day is after the last."""
    if first and last and first > last:
        raise wrong(f"'from' ({first}) is after 'until' ({last})", "from")


def as_label(value: Any) -> str:
    """Return a name that may stand in a table, a file name and a label of an axis."""
    if not isinstance(value, str):
        raise wrong(f"must be text, not {short(value)}; quote it")
    if not re.fullmatch(LABEL, value) or len(value) > 80:
        raise wrong(f"'{value[:80]}' is not a name: use {LABEL_RULE} (at most 80)")
    return value


def codes_schema(names: Iterable[str], what: str) -> dict[str, Any]:
    """Return the JSON Schema of labels by dimension."""
    one = {"type": "string", "minLength": 1}
    return {
        "type": "object",
        "description": what,
        "propertyNames": {"enum": sorted(names)},
        "additionalProperties": {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]},
    }
