"""A Scenario: named edits to the ties of a world, and the claims to be weighed.

Nothing is read from disk here; `detente.files.scenarios` does that. Applying a scenario
returns a new world and leaves the old one as it was.
"""

import datetime as dt
import hashlib
import html
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from pydantic import Field, PrivateAttr, field_validator, model_validator

from detente.change import Change, change, gathered, layer_values
from detente.claim import Claim
from detente.edit import Edit
from detente.errors import WorldError, nearest
from detente.faults import Fault, LocatedError, Marks, located
from detente.labels import positions
from detente.parts import LABEL, Part, as_date, as_label, in_order, wrong
from detente.retaliation import Retaliation, answer
from detente.sentences import sentence
from detente.strategic import VARIABLES as OF_SECURITY
from detente.treaties import concerned, following
from detente.world import World

__all__ = ["Claim", "Dates", "Edit", "Retaliation", "Scenario"]

DIGEST = r"^[0-9a-f]{12,64}$"


class Dates(Part):
    """First and last day of a scenario; kept for models that have a calendar."""

    from_: dt.date | None = Field(default=None, alias="from", description="First day")
    until: dt.date | None = Field(default=None, description="Last day")

    @field_validator("from_", "until", mode="before")
    @classmethod
    def _date(cls, value: Any) -> Any:
        return None if value is None else as_date(value)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        in_order(self.from_, self.until)
        return self


class Scenario(Part):
    """Named edits to the ties of a world, with the question they answer.

    Examples
    --------
    >>> scenario = Scenario(
    ...     name="us-25-on-china",
    ...     why="What if the United States adds 25 points on everything from China?",
    ...     edits=[{"layer": "tariff_rate", "where": {"origin": "CHN", "destination": "USA"},
    ...             "add": 0.25}],
    ... )
    >>> scenario.labels, scenario.named_countries()
    (['edit-1'], ['CHN', 'USA'])
    """

    name: str = Field(description="Short name", json_schema_extra={"pattern": LABEL})
    title: str | None = Field(default=None, description="Name for the reader")
    why: str = Field(default="", description="The question that the scenario answers")
    sources: tuple[str, ...] = Field(
        default=(), description="Where its facts and numbers come from"
    )
    base: str | None = Field(
        default=None,
        pattern=DIGEST,
        description="Digest of the world it is meant for (its first 12 digits or more)",
    )
    dates: Dates | None = Field(default=None, description="First and last day; kept for later")
    includes: tuple[str, ...] = Field(
        default=(),
        description="Scenarios whose edits come first: presets, or paths beside this file",
    )
    alongside: tuple[str, ...] = Field(
        default=(), description="Scenarios that are run beside this one"
    )
    deficits: Literal["fixed", "world_share", "own_share", "zero"] | None = Field(
        default=None, description="What becomes of trade deficits; fixed if left out"
    )
    horizon: Literal["short", "long"] | None = Field(
        default=None,
        description="short: labour stays in its sector and elasticities are those of the first "
        "year; long if left out",
    )
    retaliation: Retaliation | None = Field(
        default=None, description="How countries answer the tariffs that the edits raise"
    )
    pacts: Literal["as_edited"] | None = Field(
        default=None,
        description="as_edited: pacts stay when a state leaves or enters an alliance organisation; "
        "they follow its membership if left out",
    )
    edits: tuple[Edit, ...] = Field(default=(), description="Changes of ties, made in order")
    claims: tuple[Claim, ...] = Field(default=(), description="Sentences to be weighed")

    if TYPE_CHECKING:
        # What the validators take is wider than what the fields hold.
        def __init__(
            self,
            *,
            name: str,
            title: str | None = None,
            why: str = "",
            sources: Sequence[str] = (),
            base: str | None = None,
            dates: Dates | Mapping[str, Any] | None = None,
            includes: Sequence[str] = (),
            alongside: Sequence[str] = (),
            deficits: Literal["fixed", "world_share", "own_share", "zero"] | None = None,
            horizon: Literal["short", "long"] | None = None,
            retaliation: Retaliation | Mapping[str, Any] | None = None,
            pacts: Literal["as_edited"] | None = None,
            edits: Sequence[Edit | Mapping[str, Any]] = (),
            claims: Sequence[Claim | Mapping[str, Any]] = (),
        ) -> None: ...

    _marks: Marks = PrivateAttr(default_factory=Marks)

    @field_validator("name", mode="before")
    @classmethod
    def _name(cls, value: Any) -> Any:
        return as_label(value)

    @field_validator("base", mode="before")
    @classmethod
    def _digest(cls, value: Any) -> Any:
        # A digest of digits alone, or with one e among them, is a number to YAML and TOML.
        if value is not None and not isinstance(value, str):
            raise wrong(f'must be a digest in quotes, as base: "0123456789ab"; it is {value!r}')
        return value

    @field_validator("sources", "includes", "alongside", "edits", "claims", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise wrong("must be a list")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        given = {edit.label for edit in self.edits if edit.label}
        for position, edit in enumerate(self.edits):
            if edit.label is None and _default(position) in given:
                raise wrong(
                    f"an edit without a label is called '{_default(position)}', but another edit "
                    "has that label; give this one a label too",
                    "edits",
                    position,
                )
        ids = [claim.id for claim in self.claims]
        for position, claim in enumerate(self.claims):
            if claim.id in ids[:position]:
                raise wrong(f"the id '{claim.id}' occurs twice", "claims", position, "id")
            for label in claim.edits if not self.includes else ():
                if label not in self.labels:
                    raise wrong(
                        f"no edit has the label '{label}'{nearest(label, self.labels)}; "
                        f"labels: {', '.join(self.labels)}",
                        "claims",
                        position,
                        "edits",
                    )
        return self

    @property
    def digest(self) -> str:
        """SHA-256 of everything the scenario says: its identity."""
        page = self.model_dump(
            mode="json",
            by_alias=True,
            exclude_defaults=True,
            exclude={"edits": {"__all__": {"table"}}},
        )
        for edit, part in zip(self.edits, page.get("edits", ()), strict=True):
            if edit.table is not None:
                part["table"] = edit.table if isinstance(edit.table, str) else edit.table.digest
        text = json.dumps(page, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def read_from(self) -> str:
        """Name of the file it was read from, without its folder; empty for presets and Python."""
        return self._marks.file

    @property
    def edit_labels(self) -> list[str]:
        """The label of each edit, in order; `edit-3` for the third if it has none."""
        return [edit.label or _default(place) for place, edit in enumerate(self.edits)]

    @property
    def labels(self) -> list[str]:
        """The labels of the groups of edits, each once, in order; an answer comes last."""
        rule = self.retaliation
        answers = [rule.label] if rule is not None and rule.rule != "none" else []
        return list(dict.fromkeys([*self.edit_labels, *answers]))

    def only(self, labels: str | Iterable[str]) -> "Scenario":
        """Return the scenario with the edits of some labels alone, and without claims.

        Parameters
        ----------
        labels
            One label or several; order does not matter.

        Raises
        ------
        LocatedError
            If no edit has one of the labels.
        """
        wanted = [labels] if isinstance(labels, str) else list(labels)
        for label in wanted:
            if label not in self.labels:
                raise located(
                    (),
                    f"no edit of '{self.name}' has the label '{label}'"
                    f"{nearest(label, self.labels)}; labels: "
                    f"{', '.join(self.labels)}",
                )
        if self.retaliation is not None and self.retaliation.label in wanted:
            raise located(
                ("retaliation",),
                f"what '{self.retaliation.label}' edits depends on the world: take the labels of "
                "scenario.answered(world)",
            )
        kept = tuple(
            edit.model_copy(update={"label": label})
            for label, edit in zip(self.edit_labels, self.edits, strict=True)
            if label in wanted
        )
        rest = {"claims": (), "alongside": (), "retaliation": None}
        part = self.model_copy(update={"edits": kept} | rest)
        # Positions have moved, so lines would name the wrong edits.
        part._marks = Marks(folder=self._marks.folder, file=self._marks.file)
        return part

    def named_countries(self) -> list[str]:
        """Return the countries named one by one, not through groups: the actors.

        Countries of the pairs that a claim names are actors too, since their trade is needed; those
        of claims on risk and arsenals are not.
        """
        words = [
            word
            for edit in self.edits
            for dim in ("country", "origin", "destination")
            for word in edit.where.get(dim, ())
        ]
        words += [
            word
            for claim in self.claims
            if claim.variable not in OF_SECURITY
            for dim in ("origin", "destination")
            for word in claim.where.get(dim, ())
        ]
        return list(dict.fromkeys(word for word in words if not word.startswith("@")))

    def answered(self, world: World) -> "Scenario":
        """Return the scenario with the answer to its tariffs, and the pacts that follow, as edits.

        Parameters
        ----------
        world
            The base: a rule may weigh by its trade.

        Raises
        ------
        LocatedError
            As `apply`, or if there is nothing to answer.
        """
        if not self._asks_for_answers(world):
            return self
        plain = self.model_copy(update={"retaliation": None, "pacts": "as_edited"})
        edits = list(zip(self.edit_labels, self.edits, strict=True))
        named = [edit.model_copy(update={"label": label}) for label, edit in edits]
        more = [] if self.pacts else following(world, named, plain.changes(world))
        if self.retaliation is not None:
            try:
                made = answer(world, plain.apply(world), self.retaliation)
            except LocatedError as error:
                raise LocatedError(error.faults, self._marks) from None
            more += [made] if made is not None else []
        # Edits that follow from one without a label bear its number.
        edits = tuple(named if any(one.label in self.edit_labels for one in more) else self.edits)
        return plain.model_copy(update={"edits": (*edits, *more)})

    def _asks_for_answers(self, world: World) -> bool:
        """Say whether tariffs are answered, or pacts follow membership."""
        return self.retaliation is not None or (self.pacts is None and concerned(world, self.edits))

    def apply(self, world: World) -> World:
        """Return a new world with all edits made, in order, and the answer to them.

        Parameters
        ----------
        world
            The base; it is left as it is.

        Raises
        ------
        LocatedError
            Naming every edit that cannot be made, and why.
        """
        layers: dict[str, np.ndarray] = {}
        for made in self.changes(world):
            layers[made.layer] = made.after
        return world.replace(**layers) if layers else world

    def changes(self, world: World) -> list[Change]:
        """Return what each edit does after the ones before it, the answer to them last.

        Raises
        ------
        LocatedError
            Naming every edit that cannot be made, and why.
        """
        if not isinstance(world, World):
            raise WorldError(f"edits are made on a World, as load_world gives it, not on {world!r}")
        if self._asks_for_answers(world):
            return self.answered(world).changes(world)
        faults = self._misfits(world)
        layers: dict[str, np.ndarray] = {}
        made = []
        for position, edit in enumerate(self.edits):
            try:
                if edit.layer not in layers:
                    layers[edit.layer] = layer_values(world, edit.layer)
                made.append(change(world, edit, layers[edit.layer]))
                layers[edit.layer] = made[-1].after
            except LocatedError as error:
                faults += gathered(error, "edits", position)
        if faults:
            raise LocatedError(faults, self._marks)
        return made

    def describe(self, world: World) -> list[str]:
        """Return one sentence per edit: what it means in this world.

        Raises
        ------
        LocatedError
            As `apply`.
        """
        whole = self.answered(world)
        made = whole.changes(world)
        return [sentence(world, edit, one) for edit, one in zip(whole.edits, made, strict=True)]

    def _misfits(self, world: World) -> list[Fault]:
        """Return what does not fit the world apart from the edits: base, includes, claims."""
        faults = []
        if self.includes:
            faults.append(
                Fault(
                    ("includes",),
                    "included scenarios have not been read; load the scenario from its file",
                )
            )
        if self.base is not None and not world.digest.startswith(self.base):
            faults.append(
                Fault(
                    ("base",),
                    f"this scenario is meant for a world with digest "
                    f"{self.base[:12]}, but '{world.name}' has "
                    f"{world.digest[:12]}; load that world, or take the "
                    "line away to run it on another",
                )
            )
        for position, claim in enumerate(self.claims):
            for dim, words in claim.where.items():
                try:
                    positions(world, "country", words)
                except LocatedError as error:
                    faults += gathered(error, "claims", position, "where", dim)
        return faults

    def __hash__(self) -> int:
        return hash(self.digest)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<li>{html.escape(label)}: {html.escape(edit.gist)}</li>"
            for label, edit in zip(self.edit_labels, self.edits, strict=True)
        )
        head = f"<b>Scenario {html.escape(self.name)}</b><br>{html.escape(self.why)}"
        count = len(self.claims)
        return f"{head}<ul>{rows}</ul>{count} claim{'s' if count != 1 else ''}"


def _default(position: int) -> str:
    return f"edit-{position + 1}"
