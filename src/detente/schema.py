"""The JSON Schema of scenario files and the reference page rendered from it."""

import json
from pathlib import Path
from typing import Any

from detente.edit import editable
from detente.files.atomic import write_text
from detente.scenario import Scenario
from detente.vocabulary import Term

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def scenario_schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario file, from the models and the vocabulary.

    Returns
    -------
    dict
        Draft 2020-12. It knows keys, words and types; labels of a world and bounds of results
        are checked by `detente check`.

    Examples
    --------
    >>> scenario_schema()["required"]
    ['name', 'why']
    """
    raw = Scenario.model_json_schema(by_alias=True)
    schema: dict[str, Any] = {"$schema": DIALECT, **_tidied(raw)}
    schema["title"] = "detente scenario"
    schema["required"] = ["name", "why"]
    edit = schema["$defs"]["Edit"]
    edit["oneOf"] = [{"required": [key]} for key in ("set", "add", "multiply", "table")]
    edit["allOf"] = [_rule(term) for term in editable().values()]
    schema["anyOf"] = [{"required": ["edits"]}, {"required": ["includes"]}]
    return schema


def schema_text() -> str:
    """Return the schema as the JSON text that ships with the package."""
    return json.dumps(scenario_schema(), indent=1, ensure_ascii=False) + "\n"


def _tidied(node: Any, inside_properties: bool = False) -> Any:
    """Take away the titles that repeat names, and the nulls of keys that may be left out."""
    if isinstance(node, list):
        return [_tidied(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {}
    for key, value in node.items():
        if key == "title" and not inside_properties:
            continue
        if key == "default" and value is None and not inside_properties:
            continue
        made[key] = _tidied(value, key in ("properties", "$defs"))
    if isinstance(made.get("description"), str):
        made["description"] = made["description"].split("\n\n")[0].replace("\n", " ")
    options = made.get("anyOf")
    if isinstance(options, list):
        kept = [option for option in options if option != {"type": "null"}]
        made["anyOf"] = kept
        if len(kept) == 1:
            del made["anyOf"]
            made = kept[0] | made
    return made


def _rule(term: Term) -> dict[str, Any]:
    """Return what a layer allows: its dimensions, and its words or bounds for `set`."""
    if term.values:
        codes = list(term.values.values())
        value: dict[str, Any] = {"enum": [*term.values, *codes]}
    else:
        low = "exclusiveMinimum" if term.lower_open else "minimum"
        value = {"type": "number"}
        if abs(term.lower) != float("inf"):
            value[low] = term.lower
        if abs(term.upper) != float("inf"):
            value["maximum"] = term.upper
    return {
        "if": {"properties": {"layer": {"const": term.name}}},
        "then": {
            "properties": {
                "set": value,
                "where": {"propertyNames": {"enum": list(term.dims)}},
            }
        },
    }


def scenario_page() -> str:
    """Return the reference page of scenario files, as Markdown."""
    schema = scenario_schema()
    parts = schema["$defs"]
    rows = [
        "# The scenario file",
        "",
        "Rendered from the models and `vocabulary.csv`; do not edit. YAML, TOML and JSON hold the "
        "same keys. `detente schema` prints the JSON Schema, `detente check FILE` checks a file "
        "against a world.",
        "",
        "## Scenario",
        "",
        *_keys_table(schema),
        "",
        "## Edit",
        "",
        "Exactly one of `set`, `add`, `multiply` and `table`. A dimension left out of `where` "
        "means all; the tie of a country with itself is never touched; a layer with a scope "
        "touches only that scope when no sector is named; symmetric layers change in both "
        "directions.",
        "",
        *_keys_table(parts["Edit"]),
        "",
        "## Retaliation",
        "",
        "What answers is one more group of edits, which is also run alone.",
        "",
        *_keys_table(parts["Retaliation"]),
        "",
        "## Claim",
        "",
        *_keys_table(parts["Claim"]),
        "",
        "## Dates",
        "",
        *_keys_table(parts["Dates"]),
        "",
        "## Layers that can be edited",
        "",
        "| layer | dimensions | unit | bounds or words | scope | symmetric | meaning |",
        "|---|---|---|---|---|---|---|",
        *[_layer_row(term) for term in editable().values()],
        "",
    ]
    return "\n".join(rows)


def _keys_table(part: dict[str, Any]) -> list[str]:
    required = part.get("required", [])
    rows = ["| key | type | meaning |", "|---|---|---|"]
    for name, rule in part["properties"].items():
        must = " (required)" if name in required else ""
        rows.append(f"| `{name}`{must} | {_kind(rule)} | {rule.get('description', '')} |")
    return rows


def _kind(rule: dict[str, Any]) -> str:
    if "$ref" in rule:
        return rule["$ref"].split("/")[-1]
    if "anyOf" in rule:
        return " or ".join(dict.fromkeys(_kind(option) for option in rule["anyOf"]))
    if rule.get("type") == "array":
        return f"list of {_kind(rule.get('items', {}))}"
    if isinstance(rule.get("type"), list):
        return " or ".join(_kind({"type": one}) for one in rule["type"])
    if "enum" in rule and len(rule["enum"]) <= 6:
        return ", ".join(f"`{word}`" for word in rule["enum"])
    if rule.get("format") == "date":
        return "date"
    names = {"object": "mapping", "string": "text", "boolean": "true or false"}
    kind = str(rule.get("type", "any"))
    return names.get(kind, kind)


def _layer_row(term: Term) -> str:
    if term.values:
        bounds = ", ".join(f"`{word}` ({code})" for word, code in term.values.items())
    else:
        low = "" if term.lower == -float("inf") else f"{term.lower:,.10g}"
        high = "" if term.upper == float("inf") else f"{term.upper:,.10g}"
        mark = ">" if term.lower_open else "≥"
        bounds = " and ".join(
            part for part in (f"{mark} {low}" if low else "", f"≤ {high}" if high else "") if part
        )
    dims = ", ".join(term.dims)
    symmetric = "yes" if term.symmetric else ""
    cells = (f"`{term.name}`", dims, term.unit, bounds, term.scope, symmetric, term.description)
    return "| " + " | ".join(cells) + " |"


def write_all(root: str = ".") -> None:
    """Write the schema and the reference page into a checkout of the repository.

    Parameters
    ----------
    root
        Top folder of the checkout.
    """
    folder = Path(root)
    write_text(folder / "src" / "detente" / "scenarios" / "schema.json", schema_text())
    write_text(folder / "docs" / "reference" / "scenario-file.md", scenario_page())


if __name__ == "__main__":
    write_all()
