"""What an edit means, as one sentence."""

import numpy as np

from detente.change import NONE_AT_FIRST, Change, selection
from detente.edit import Edit
from detente.table import Table
from detente.vocabulary import Term, term
from detente.world import COUNTRY_DIMS, IMPLIED, World

SUBJECTS = {
    "tariff_rate": "Tariff of {destination} on {sector} from {origin}",
    "trade_cost": "Trade cost of {sector} from {origin} to {destination}",
    "export_ban": "Ban on {sector} from {origin} to {destination}",
    "export_tax": "Export tax of {origin} on {sector} to {destination}",
    "price_cap": "Price cap of {destination} on {sector} from {origin}",
    "quota": "Quota on units of {sector} from {origin} to {destination}",
    "quota_value": "Quota on the value of {sector} from {origin} to {destination}",
    "rent_keeper": "Keeper of the rent on {sector} from {origin} to {destination}",
    "embargo": "Embargo on {sector} from {origin} to {destination}",
    "sanction_secondary": "Trade sanction that {origin} is made to keep on {destination}",
    "compensation": "Pool of compensation: {country}",
    "deficit": "Trade deficit of {country}",
    "trade_agreement": "Trade agreement of {origin} and {destination}",
    "sanction_trade": "Trade sanction of {origin} on {destination}",
    "sanction_financial": "Financial sanction of {origin} on {destination}",
    "sanction_arms": "Arms embargo of {origin} on {destination}",
    "sanction_travel": "Travel ban of {origin} on {destination}",
    "defence_pact": "Defence pact of {origin} for {destination}",
    "eu_42_7": "Article 42.7 of the Treaty on European Union between {origin} and {destination}",
    "alliance_reliability": "Reliability of the commitment of {origin} to {destination}",
    "membership": "Membership of {country} in {organisation}",
    "troops": "Troops of {origin} in {destination}",
    "arms_supply": "Supply of arms from {origin} to {destination}",
}


def sentence(world: World, edit: Edit, made: Change) -> str:
    """Return one sentence: the tie, the operation, and what it was before.

    Parameters
    ----------
    world
        The world edited.
    edit
        The edit.
    made
        What it did there.
    """
    rule = term(edit.layer, "layer")
    said = {dim: _who(world, edit, rule, dim) for dim in rule.dims}
    default = f"{edit.layer.replace('_', ' ').capitalize()} of " + " and ".join(
        f"{{{dim}}}" for dim in rule.dims
    )
    subject = SUBJECTS.get(edit.layer, default).format(**said)
    count = f"{made.cells:,} cell{'s' if made.cells != 1 else ''}"
    if not made.changed:
        return f"{subject}: changes nothing; {count} already {_value(made.after, made, rule)}."
    tail = f"{_value(made.before, made, rule)} becomes {_value(made.after, made, rule)}"
    spread = "; the other countries share the difference" if edit.layer == "deficit" else ""
    return f"{subject}: {_operation(edit, rule)}; {tail} ({count}){spread}."


def _who(world: World, edit: Edit, rule: Term, dim: str) -> str:
    if isinstance(edit.table, Table) and dim in edit.table.dims:
        many = edit.table.frame[dim].nunique()
        kind = {"sector": "sectors", "organisation": "organisations"}.get(dim, "countries")
        return f"{many} {kind} of a table"
    words = edit.where.get(dim)
    if words is None:
        if dim == "sector":
            scope = rule.scope.removeprefix("@")
            return scope if scope in world.sector_groups else "all sectors"
        return "all countries" if dim in COUNTRY_DIMS else f"all {dim}s"
    shown = []
    for word in words:
        if word.startswith("@"):
            part = edit.model_copy(update={"where": {dim: (word,)}})
            size = len(selection(world, part, rule)[rule.dims.index(dim)])
            shown.append(f"{word} ({size})")
        else:
            shown.append(word)
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " and " + shown[-1]


def _operation(edit: Edit, rule: Term) -> str:
    if edit.table is not None:
        return f"{edit.operation_name} {_count(edit)} values of a table"
    if edit.set is not None:
        return f"set to {edit.set if isinstance(edit.set, str) else _unit(edit.set, rule)}"
    if edit.add is not None:
        points = f"{abs(edit.add) * 100:g} points" if rule.unit == "rate" else f"{abs(edit.add):g}"
        return f"{'add' if edit.add >= 0 else 'take off'} {points}"
    return f"multiply by {edit.multiply:g}"


def _count(edit: Edit) -> str:
    return f"{len(edit.table.frame):,}" if isinstance(edit.table, Table) else ""


def _value(values: np.ndarray, made: Change, rule: Term) -> str:
    inside = values[made.mask].astype(float)
    inside = inside[~np.isnan(inside)]
    if not inside.size:
        return "unknown"
    if rule.values:
        words = {code: word for word, code in rule.values.items()}
        found = sorted(set(inside.tolist()))
        return " or ".join(words.get(int(code), f"{code:g}") for code in found)
    if rule.name in NONE_AT_FIRST and (inside == IMPLIED[rule.name]).all():
        return "none"
    mean = _unit(float(inside.mean()), rule)
    return mean if np.ptp(inside) <= 1e-12 else f"{mean} on average"


def _unit(value: float, rule: Term) -> str:
    if rule.unit == "rate":
        return f"{value * 100:.3g} %"
    unit = "" if rule.unit.startswith("index") else f" {rule.unit}"
    return f"{value:,.0f}{unit}" if abs(value) >= 1000 else f"{value:.4g}{unit}"
