"""What a claim is about, in numbers: the change by draw, whichever model computed it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from detente import influence, standing, strategic
from detente.collective import capability, share_of
from detente.errors import WorldError
from detente.outcome import Outcome

# A hundred times the largest residual of a certified equilibrium, as a fraction of the base.
STILL = 1e-8


def is_trade(variable: str) -> bool:
    """Say whether the model of trade alone answers for a variable."""
    return variable not in (*standing.VARIABLES, *strategic.VARIABLES)


def change(outcome: Outcome, variable: str, where: Mapping[str, Any], scenario: str) -> np.ndarray:
    """Return [draw] change, in per cent or points, of what a claim is about.

    Parameters
    ----------
    outcome
        What a run computed.
    variable
        An outcome of the vocabulary.
    where
        {country: X}, or for pairs {origin: A, destination: B} or {country: "@GROUP"}.
    scenario
        Label on the scenario axis.

    Raises
    ------
    WorldError
        If a model that did not run, or states that it does not cover, are asked for.
    """
    return change_by_draw(outcome, variable, where, scenario)[1]


def change_by_draw(
    outcome: Outcome, variable: str, where: Mapping[str, Any], scenario: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the draws, and the change in per cent or points; see `change`."""
    if is_trade(variable):
        return outcome.ok_draws(scenario), _trade_change(outcome, variable, where, scenario)
    if variable in standing.VARIABLES:
        part, what = outcome.standing, "positions and camps"
        lacks = "(as ideal_point), or `models` leaves out alignment and blocs"
    else:
        part, what = outcome.strategic, "risk, deterrence, spending and arsenals"
        lacks = "(as distance_min and warheads), or `models` leaves out security"
    if part is None:
        raise WorldError(f"{what} were not computed: the world lacks their layers {lacks}")
    codes = {dim: outcome.members(words) for dim, words in where.items()}
    if variable in influence.OF_INCOME:
        draws, found = influence.camp_change(outcome, variable, codes, scenario)
    else:
        draws, found = part.change(variable, codes, scenario)
    return draws, 100.0 * found


def drawn_of_standing(
    outcome: Outcome, variable: str, where: Mapping[str, Any], scenario: str
) -> pd.DataFrame | None:
    """Return [draw, parameter] what is drawn of positions or ties; None where nothing was kept.

    Parameters
    ----------
    outcome, variable, where, scenario
        As in `change`.
    """
    if outcome.standing is None:
        return None
    codes = {dim: outcome.members(words) for dim, words in where.items()}
    table = outcome.standing.drawn(variable, codes)
    if variable in influence.OF_INCOME:
        table = table.loc[influence.solved_draws(outcome, scenario)]
    return table if len(table.columns) else None


def _trade_change(
    outcome: Outcome, variable: str, where: Mapping[str, Any], scenario: str
) -> np.ndarray:
    if variable == "output_share":
        return 100.0 * _output(outcome, where["country"], scenario)
    if variable == "capability_share":
        return 100.0 * _capability(outcome, where["country"], scenario)
    if variable != "pair_trade":
        return 100.0 * outcome.group_change(variable, where["country"], scenario)
    if "country" in where:
        return 100.0 * outcome.bloc_change(where["country"], scenario)
    return 100.0 * outcome.pair_change(where["origin"], where["destination"], scenario)


def _output(outcome: Outcome, members: Any, scenario: str) -> np.ndarray:
    """Return [draw] change of the share of a group in world real income, members as edited."""
    _follows_members(outcome)
    income = np.asarray(outcome.base["income"].values, dtype=float)
    grown = income * (1 + outcome.values("real_income", outcome.countries, scenario))
    codes = outcome.members(members)
    was, now = (
        share_of(influence.belong(outcome, codes, label), level)
        for label, level in ((None, income), (scenario, grown))
    )
    return standing.relative(was, now)


def _follows_members(outcome: Outcome) -> None:
    """Raise where memberships are edited and the run did not follow them."""
    pages = outcome.manifest.get("scenarios", {}).values()
    if outcome.standing is None and any("membership" in p.get("layers", ()) for p in pages):
        raise WorldError(
            "an edit moves memberships, which only a run with alignment and blocs follows: leave "
            "`models` out, or name them"
        )


def _capability(outcome: Outcome, members: Any, scenario: str) -> np.ndarray:
    """Return [draw] change of the share of a group in output times output per head.

    Beckley (2018); real income moves output, and population stays. Memberships count as edited
    where positions and camps were computed.
    """
    world = outcome.world
    if world is None or not (world.has("gdp") and world.has("population")):
        raise WorldError("capability needs the layers gdp and population of the base world")
    _follows_members(outcome)
    output = np.nan_to_num(world.values("gdp").astype(float))
    heads = world.values("population").astype(float)
    grown = output * (1 + outcome.values("real_income", outcome.countries, scenario))
    codes = outcome.members(members)
    was, now = (
        share_of(influence.belong(outcome, codes, label), capability(level, heads))
        for label, level in ((None, output), (scenario, grown))
    )
    return standing.relative(was, now)


def reached(
    outcome: Outcome,
    variable: str,
    where: Mapping[str, Any],
    scenario: str,
    values: np.ndarray,
) -> bool:
    """Say whether the edits touch what a variable is computed from.

    Camps can stay as they are although ties change, and a group can lose as many votes as it
    gains: that is a result, and not the same.
    """
    if is_trade(variable):
        return bool((np.abs(values) > 100 * STILL).any()) or moves(outcome, scenario)
    if variable == "frustration" or variable in standing.OF_AN_ANCHOR:
        unlike = outcome.standing is not None and outcome.standing.worlds[scenario] != 0
        return unlike or bool(np.any(values))
    if variable in standing.BY_GROUP:
        codes = outcome.members(where["country"])
        sides = [influence.belong(outcome, codes, label) for label in (None, scenario)]
        return bool((sides[0] != sides[1]).any())
    return bool(np.any(values))


def moves(outcome: Outcome, scenario: str) -> bool:
    """Say whether any number of trade moves in any draw, by more than equilibria are exact.

    Parameters
    ----------
    outcome
        What a run computed.
    scenario
        Label on the scenario axis.
    """
    place = outcome.scenarios.index(scenario)
    solved = outcome.ok.values[place]
    found = (np.abs(outcome.data[name].values[place][solved]) for name in outcome.variables)
    return any(bool((values > STILL).any()) for values in found)


def each_member(
    variable: str, where: Mapping[str, Any], members: Callable[[Any], Sequence[str]]
) -> list[tuple[str, dict[str, Any]]]:
    """Return each member of the group that a claim names, and what the claim is of it alone.

    Parameters
    ----------
    variable, where
        Of the claim; a group is a list of several words or an @GROUP.
    members
        Spells a word or a list of words out as codes.
    """
    dim = next((dim for dim in ("country", "destination", "origin") if _many(where.get(dim))), None)
    if dim is None:
        return []
    everyone = list(members(where[dim]))
    if dim == "country" and variable in ("pair_trade", *strategic.OF_PAIRS):
        return [
            (code, {"origin": code, "destination": [one for one in everyone if one != code]})
            for code in everyone
        ]
    return [(code, {**where, dim: code}) for code in everyone]


def _many(words: Any) -> bool:
    if words is None:
        return False
    listed = [words] if isinstance(words, str) else list(words)
    return len(listed) > 1 or listed[0].startswith("@")
