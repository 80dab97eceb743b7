"""The headline of a brief: what happens to those named, how claims fare, what a variant changes."""

from collections.abc import Iterator
from typing import Any

from detente.brief import numbers, sentences

MOST_COUNTRIES = 4
MOST_GROUPS = 3


def lead(page: dict[str, Any]) -> list[str]:
    """Return the sentences of the headline.

    Parameters
    ----------
    page
        Content of the brief: scenarios, headline, claims, not_modelled.
    """
    shown = page["headline"]["scenarios"]
    found = [f"{sentences.unfinished(page)}."] if page["certificate"]["interrupted"] else []
    found += list(_first(page, shown[0])) if shown else []
    main = [claim for claim in page["claims"] if claim["parent"] == page["name"]]
    if main:
        found.append(sentences.weighed(main))
    found += [_variant(page, shown[0], other) for other in shown[1:]]
    if len((page.get("security") or {}).get("worlds", ())) > 1:
        found += page["security"]["found"][-1:]
    if page["not_modelled"]:
        count = len(page["not_modelled"])
        more = "1 more claim is" if count == 1 else f"{count} more claims are"
        found.append(f"{more} named below and not yet modelled.")
    return found


def _first(page: dict[str, Any], scenario: dict[str, Any]) -> Iterator[str]:
    if scenario["name"] != page["name"]:
        yield (
            f"No draw of “{page['title']}” reached an equilibrium; what follows is of "
            f"“{scenario['title']}”."
        )
    if scenario["note"]:
        yield scenario["note"]
        return
    for row in _rows(page, scenario):
        yield sentences.country(row["name"], "real_income", row["cells"]["real_income"])


def _rows(page: dict[str, Any], scenario: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of the countries that act and of the groups that the edits name."""
    named = {word for one in page["scenarios"] for word in one["edited_groups"]} - {"@WORLD"}
    countries = [row for row in scenario["rows"] if row["iso3"]][:MOST_COUNTRIES]
    groups = [row for row in scenario["rows"] if row["who"] in named][:MOST_GROUPS]
    return [row for row in countries + groups if "real_income" in row["cells"]]


def _variant(page: dict[str, Any], first: dict[str, Any], other: dict[str, Any]) -> str:
    """Return where a variant differs: in real income, and in verdicts."""
    before = {row["who"]: row for row in first["rows"]}
    rows = _rows(page, other)
    # Every country with a row counts here, not only those with a sentence above.
    rows += [row for row in other["rows"] if row["iso3"] and row not in rows]
    turned = [
        f"{row['name']} {numbers.full(figure)}"
        for row in rows
        if (figure := row["cells"].get("real_income"))
        and _differs(before[row["who"]]["cells"]["real_income"], figure)
    ]
    verdicts = [
        f"{claim['id']} {variant['verdict']} (was {claim['verdict']})"
        for claim in page["claims"]
        for variant in claim["variants"]
        if variant["parent"] == other["name"] and variant["verdict"] != claim["verdict"]
    ]
    verdicts += [
        f"{claim['id']} {claim['verdict']} (weighed only here)"
        for claim in page["claims"]
        if claim["parent"] == other["name"] and first["name"] == page["name"]
    ]
    parts = [f"Real income: {'; '.join(turned)}."] if turned else []
    if other["note"]:
        parts = [other["note"]]
    if verdicts:
        parts.append(f"{'Claim' if len(verdicts) == 1 else 'Claims'}: {'; '.join(verdicts)}.")
    if not parts:
        kept = ", no claim its verdict" if page["claims"] else ""
        parts = [f"No country named changes its sign{kept}."]
    return f"Beside it, “{other['title']}”. {' '.join(parts)}"


def _differs(first: dict[str, Any], second: dict[str, Any]) -> bool:
    """Say whether two figures differ in sign, or each lies outside the other's interval."""
    if numbers.sign_of(first) != numbers.sign_of(second):
        return True
    return not (_within(first, second) or _within(second, first))


def _within(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return other["p05"] is None or other["p05"] <= one["median"] <= other["p95"]
