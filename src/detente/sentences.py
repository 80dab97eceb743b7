"""What an edit means, as one sentence."""

import math

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
    "sanction_secondary": "Trade sanction of {origin} on {destination}, kept under pressure",
    "compensation": "Pool of compensation: {country}",
    "deficit": "Trade deficit of {country}",
    "trade_agreement": "Trade agreement of {origin} with {destination}",
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
# Begins the reason of an edit that no one wrote: it follows from another one of the scenario.
FOLLOWS = "Follows from "
MOST_NAMED = 3  # labels of a table that are named one by one
# What stands after a number, where the vocabulary's unit is no phrase; parts are in per cent.
PHRASES = {
    "index (base = 1)": " times the base",
    "rate": " %",
    "share": " %",
    "probability": " %",
}
PHRASE_OF = {"price_cap": " % below the price at the border", "embargo": " % of the flow"}
NONE_AT_ZERO = (*PHRASE_OF, "spending_commitment")
COUNTED = ("warheads", "persons")


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
    subject = SUBJECTS.get(edit.layer, default).format(**said) + _rows(edit)
    count = _counted(made.cells, "cell")
    if not made.changed:
        verb = "is" if made.cells == 1 else "are"
        return (
            f"{subject}: changes nothing; {count} {verb} already {_value(made.after, made, rule)}."
        )
    become = "become" if rule.unit in COUNTED else "becomes"
    tail = f"{_value(made.before, made, rule)} {become} {_value(made.after, made, rule)}"
    spread = "; the other countries share the difference" if edit.layer == "deficit" else ""
    return f"{subject}: {_operation(edit, rule)}; {tail} ({count}){spread}.{_follows(edit)}"


def _follows(edit: Edit) -> str:
    return f" {edit.why}" if (edit.why or "").startswith(FOLLOWS) else ""


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _rows(edit: Edit) -> str:
    """Return " (60 rows of a table)", where an edit has one."""
    if not isinstance(edit.table, Table):
        return ""
    return f" ({_counted(len(edit.table.frame), 'row')} of a table)"


def _who(world: World, edit: Edit, rule: Term, dim: str) -> str:
    if isinstance(edit.table, Table) and dim in edit.table.dims:
        named = list(dict.fromkeys(map(str, edit.table.frame[dim])))
        many = {"sector": "sectors", "organisation": "organisations"}.get(dim, "countries")
        return _joined(named) if len(named) <= MOST_NAMED else f"{len(named)} {many}"
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
    return _joined(shown)


def _joined(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def _operation(edit: Edit, rule: Term) -> str:
    if isinstance(edit.table, Table):
        return _of_table(edit, edit.table, rule)
    if edit.set is not None:
        return f"set to {_word(edit.set) if isinstance(edit.set, str) else _unit(edit.set, rule)}"
    if edit.add is not None:
        return f"{'add' if edit.add >= 0 else 'take off'} {_points(abs(edit.add), rule)}"
    return f"multiply by {edit.multiply:g}"


def _of_table(edit: Edit, table: Table, rule: Term) -> str:
    """Return what a table does: one value, or from which value to which."""
    column = table.frame[table.value_column]
    words = (str(value).strip() for value in column)
    values = [float(rule.values.get(word, word)) for word in words]
    low, high = min(values), max(values)
    if edit.operation_name == "multiply":
        return "multiply by " + _range(f"{low:.3g}", f"{high:.3g}")
    if edit.operation_name == "add" and _range(f"{low:.3g}", f"{high:.3g}") == f"{low:.3g}":
        return f"{'add' if low >= 0 else 'take off'} {_points(abs(low), rule)}"
    if edit.operation_name == "add":
        return (
            f"add {_per_cent(low) if _in_points(rule) else f'{low:.3g}'} to {_points(high, rule)}"
        )
    if rule.values:
        return f"set to {_words(sorted(set(values)), rule)}"
    return "set to " + _range(_unit(low, rule), _unit(high, rule))


def _range(low: str, high: str) -> str:
    """Return "2 to 3", or "2" where both are written alike."""
    return low if low == high else f"{low} to {high}"


def _in_points(rule: Term) -> bool:
    """Say whether a number of this layer is said in per cent, and a difference in points."""
    return rule.unit in ("rate", "probability") or rule.unit.startswith("share")


def _points(value: float, rule: Term) -> str:
    if not _in_points(rule):
        return f"{value:g}"
    text = _per_cent(value)
    return f"{text} {'point' if text == '1' else 'points'}"


def _per_cent(value: float) -> str:
    """Return a number in per cent: three digits or whole, and all only where it is all."""
    number = 100 * value
    text = f"{number:.3g}" if abs(number) < 999.5 else f"{number:,.0f}"
    left = abs(100 - number)
    if text == "100" and left > 1e-9:
        return f"{round(number, math.ceil(-math.log10(left))):.12g}"
    return text


def _value(values: np.ndarray, made: Change, rule: Term) -> str:
    inside = values[made.mask].astype(float)
    inside = inside[~np.isnan(inside)]
    if not inside.size:
        return "unknown"
    if rule.values:
        return _words(sorted(set(inside.tolist())), rule)
    if rule.name in NONE_AT_FIRST and (inside == IMPLIED[rule.name]).all():
        return "none"
    mean = _unit(float(inside.mean()), rule)
    return mean if np.ptp(inside) <= 1e-12 else f"{mean} on average"


def _words(codes: list[float], rule: Term) -> str:
    words = {code: word for word, code in rule.values.items()}
    return " or ".join(_word(words.get(int(code), f"{code:g}")) for code in codes)


def _word(word: str) -> str:
    return word.replace("_", " ")


def _unit(value: float, rule: Term) -> str:
    if rule.values:
        return _words([value], rule)
    if value == 0 and rule.name in NONE_AT_ZERO:
        return "none"
    if _in_points(rule):
        whole = rule.unit.removeprefix("share of ") if rule.unit.startswith("share of ") else ""
        phrase = PHRASE_OF.get(rule.name) or (f" % of {whole}" if whole else PHRASES[rule.unit])
        return _per_cent(value) + phrase
    unit = PHRASES.get(rule.unit, "" if rule.unit.startswith("index") else f" {rule.unit}")
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return text + (unit.removesuffix("s") if text == "1" and rule.unit in COUNTED else unit)
