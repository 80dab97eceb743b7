"""Retaliation: by which rule the countries that a tariff hits answer it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field, field_validator

from detente.edit import Edit
from detente.faults import LocatedError, located
from detente.labels import positions
from detente.parts import LABEL, Part, as_label, codes
from detente.world import World


class Retaliation(Part):
    """How the countries whose goods are hit by higher tariffs answer.

    Examples
    --------
    >>> Retaliation(rule="mirror", by=["@EU", "CAN"]).label
    'retaliation'
    """

    rule: Literal["mirror", "proportional", "none"] = Field(
        description="mirror: the same points, sector by sector; proportional: points on all goods, "
        "in proportion to the share of trade that is hit; none"
    )
    by: tuple[str, ...] = Field(
        default=(), description="Countries and groups that answer; all that are hit if left out"
    )
    label: str = Field(
        default="retaliation",
        description="Label of the edits that answer",
        json_schema_extra={"pattern": LABEL},
    )
    why: str | None = Field(default=None, description="Reason for the rule")

    if TYPE_CHECKING:
        # What the validators take is wider than what the fields hold.
        def __init__(
            self,
            *,
            rule: Literal["mirror", "proportional", "none"],
            by: str | Sequence[str] = (),
            label: str = "retaliation",
            why: str | None = None,
        ) -> None: ...

    @field_validator("by", mode="before")
    @classmethod
    def _codes(cls, value: Any) -> Any:
        return codes(value) if value not in ((), None) else ()

    @field_validator("label", mode="before")
    @classmethod
    def _label(cls, value: Any) -> Any:
        return as_label(value)


def answer(world: World, edited: World, retaliation: Retaliation) -> Edit | None:
    """Return the edit that answers the tariffs which edits raise, or None under the rule `none`.

    Parameters
    ----------
    world, edited
        The base, and the world with all edits that are answered.
    retaliation
        The rule. Points that an edit already adds in the opposite direction count as an answer.

    Returns
    -------
    Edit
        Of `tariff_rate`, with a table of points by origin, destination and sector.

    Raises
    ------
    LocatedError
        If no edit raises a tariff on those who would answer.
    """
    if retaliation.rule == "none":
        return None
    rise = edited.values("tariff_rate") - world.values("tariff_rate")
    rise = np.where(_answering(world, retaliation)[:, None, None], np.maximum(rise, 0.0), 0.0)
    if not rise.any():
        raise located(
            ("retaliation",),
            "no edit raises a tariff on a country that would answer; take the key away, or name "
            "countries under 'by' whose goods are hit",
        )
    mean = _mean_points(world, rise)
    points = rise if retaliation.rule == "mirror" else mean
    # Goods of the sender (the destination that raised its tariff) are the origin of the answer.
    points = points.transpose(1, 0, 2)
    own = np.maximum(edited.values("tariff_rate") - world.values("tariff_rate"), 0.0)
    own = own if retaliation.rule == "mirror" else _mean_points(world, own)
    return _edit(world, np.maximum(points - own, 0.0), retaliation)


def _answering(world: World, retaliation: Retaliation) -> np.ndarray:
    """Return [country] whether it answers."""
    if not retaliation.by:
        return np.ones(len(world.countries), dtype=bool)
    chosen = np.zeros(len(world.countries), dtype=bool)
    try:
        chosen[positions(world, "country", retaliation.by)] = True
    except LocatedError as error:
        raise LocatedError([one.under("retaliation", "by") for one in error.faults]) from None
    return chosen


def _mean_points(world: World, rise: np.ndarray) -> np.ndarray:
    """Return points [origin, destination, sector] on all goods that equal the mean rise on goods.

    The mean is weighted by base trade: points times the share of the pair's goods trade hit.
    """
    goods = world.sector_groups.get("goods", tuple(world.sectors))
    weight = world.values("flow") * np.isin(world.sectors, goods)
    trade = weight.sum(axis=2)
    mean = (weight * rise).sum(axis=2) / np.where(trade > 0, trade, 1.0)
    return mean[:, :, None] * np.isin(world.sectors, goods)


def _edit(world: World, points: np.ndarray, retaliation: Retaliation) -> Edit | None:
    origin, destination, sector = np.nonzero(points)
    if not len(origin):
        return None
    rows = pd.DataFrame(
        {
            "origin": np.array(world.countries)[origin],
            "destination": np.array(world.countries)[destination],
            "sector": np.array(world.sectors)[sector],
            "add": points[origin, destination, sector],
        }
    )
    rule = f"Answer by the rule '{retaliation.rule}'."
    return Edit(
        layer="tariff_rate", table=rows, label=retaliation.label, why=retaliation.why or rule
    )
