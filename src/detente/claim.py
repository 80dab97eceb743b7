"""A Claim: a sentence to be weighed, with its side, its variable and its threshold."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, get_args

from pydantic import Field, WithJsonSchema, field_validator, model_validator

from detente.errors import nearest
from detente.parts import LABEL, Part, as_label, codes, codes_schema, short, wrong
from detente.verdict import Direction
from detente.vocabulary import terms

# What a claim must name, by the dimensions of its variable.
_PLACES = {(): ("",), ("origin", "destination"): ("origin destination",)}
# Outcomes of pairs that can also be asked of all pairs within one group.
_WITHIN = ("pair_trade", "dispute_risk", "fatal_dispute_risk", "war_risk")


class Claim(Part):
    """A sentence to be weighed against the draws, with its side and its threshold.

    Examples
    --------
    >>> Claim(id="1b", text="Russian income rises", side="for", variable="real_income",
    ...       where={"country": "RUS"}, direction="rises").threshold is None
    True
    """

    id: str = Field(
        description="Short name, as 1a",
        json_schema_extra=lambda part: part.update(pattern=LABEL, type=["string", "integer"]),
    )
    text: str = Field(min_length=1, description="The claim, as one sentence")
    side: Literal["for", "against"] = Field(description="Whether it speaks for the scenario")
    variable: str | None = Field(
        default=None,
        description="Outcome that decides it",
        json_schema_extra=lambda part: part.update(enum=[*sorted(terms("outcome"))]),
    )
    computed_by: Literal["security", "alignment", "blocs", "ties", "wedge"] | None = Field(
        default=None, description="Part that will weigh it, where none of today's models can"
    )
    where: Annotated[
        dict[str, tuple[str, ...]],
        WithJsonSchema(
            codes_schema(
                ("country", "origin", "destination"),
                "{country: code or @group}, or {origin: ..., destination: ...} for pairs",
            )
        ),
    ] = Field(default_factory=dict)
    direction: Direction | None = Field(
        default=None, description="What the claim says of the variable"
    )
    edits: tuple[str, ...] = Field(
        default=(), description="Labels of the edits it is about; empty is all"
    )
    threshold: float | None = Field(
        default=None,
        gt=0,
        le=1000,
        strict=True,
        description="Region of equivalence in %; the vocabulary's if left out",
    )
    members: bool = Field(
        default=False, strict=True, description="List each member of a group beside its total"
    )

    if TYPE_CHECKING:
        # What the validators take is wider than what the fields hold.
        def __init__(
            self,
            *,
            id: str | int,
            text: str,
            side: Literal["for", "against"],
            variable: str | None = None,
            computed_by: Literal["security", "alignment", "blocs", "ties", "wedge"] | None = None,
            where: Mapping[str, str | Sequence[str]] = ...,
            direction: Direction | None = None,
            edits: str | Sequence[str] = (),
            threshold: float | None = None,
            members: bool = False,
        ) -> None: ...

    @field_validator("id", mode="before")
    @classmethod
    def _id(cls, value: Any) -> Any:
        # `id: 2` is what a user writes; 1.10 and the like must be quoted.
        return as_label(str(value) if type(value) is int else value)

    @field_validator("variable", mode="before")
    @classmethod
    def _known_variable(cls, value: Any) -> Any:
        known = terms("outcome")
        if value is not None and value not in known:
            raise wrong(
                f"unknown outcome {short(value)}{nearest(str(value), known)}; outcomes: "
                f"{', '.join(known)}"
            )
        return value

    @field_validator("where", mode="before")
    @classmethod
    def _where(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise wrong(f"must be as {{country: RUS}}, not {short(value)}")
        for dim in value:
            if dim not in ("country", "origin", "destination"):
                known = ["country", "origin", "destination"]
                raise wrong(f"a claim has no dimension '{dim}'{nearest(str(dim), known)}", str(dim))
        return {dim: codes(value[dim], dim) for dim in value}

    @field_validator("edits", mode="before")
    @classmethod
    def _edits(cls, value: Any) -> Any:
        return codes(value) if value not in ((), []) else ()

    @model_validator(mode="after")
    def _decidable(self) -> Self:
        if self.variable is None:
            if self.computed_by is None:
                raise wrong("a claim needs a variable, or computed_by when it is not yet modelled")
            return self
        if self.computed_by is not None:
            raise wrong("a claim has a variable or computed_by, not both", "computed_by")
        if self.direction is None:
            raise wrong(f"the key 'direction' is missing: {', '.join(get_args(Direction))}")
        wanted = _PLACES.get(terms("outcome")[self.variable].dims, ("country",))
        if self.variable in _WITHIN:
            wanted = ("country", "origin destination")
        if " ".join(sorted(self.where, reverse=True)) not in wanted:
            words = {
                "": "nothing here, for it is of the whole system",
                "country": "{country: code or @group}",
                "origin destination": "{origin: A, destination: B}",
            }
            needs = " or ".join(words[one] for one in wanted)
            raise wrong(f"a claim on {self.variable} needs {needs}", "where")
        states = self.where.get("country", ())
        if terms("outcome")[self.variable].dims == ("anchor",) and (
            len(states) != 1 or states[0].startswith("@")
        ):
            raise wrong(
                f"a claim on {self.variable} needs one state, whose camp is meant: "
                "{country: CHN}",
                "where",
            )
        return self
