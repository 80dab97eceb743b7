"""The page of licences, rendered from the table of sources."""

from detente.source import Source, sources

HEAD = """# Licences and attribution of every embedded number

The code is under Apache-2.0. The numbers in the embedded worlds are facts rebuilt by recipes in
`src/detente/data/recipes/` from the sources below, each under its own terms. This page is
rendered from `src/detente/data/sources.toml`, which also pins the SHA-256 of every raw table;
change the table, then run `python -m detente.data.licences > docs/reference/licences.md`.
"""
EMBEDDED = """
## Layers and their sources

A user of a layer owes the attribution of each source in its row. Companion layers that end in
`_status`, and the shares `value_moved` and `value_imputed`, follow from the layers they stand
beside; `deficit` follows from the accounts.
"""
STATED = """
Single figures that no table publishes openly (output of Taiwan and North Korea in 2023,
population of Taiwan in 2024) are stated with their publication in
`src/detente/data/recipes/macro.py`.
"""
TERMS = """
## Terms and attribution of the embedded sources
"""
ESTIMATES = """
## Sources of which only estimates are shipped

Coefficients, standard errors and shares computed from these tables are own work and are part of
the package; the tables are not. Whoever wants to repeat an estimate needs an own copy.
"""
TESTS = """
## Sources that only tests read

Tests skip when these tables are not at hand; nothing of them is in the package.
"""


def _cell(text: str) -> str:
    """Escape what would end a cell of a Markdown table."""
    return text.replace("|", "\\|").replace("\n", " ").strip()


def _row(*cells: str) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _table(head: tuple[str, ...], rows: list[str]) -> str:
    return "\n".join([_row(*head), _row(*("---" for _ in head)), *rows]) + "\n"


def _layers(source: Source) -> list[str]:
    return list(source.more.get("layers", []))


def layer_sources() -> dict[str, list[str]]:
    """Return the keys of the sources behind each layer.

    Examples
    --------
    >>> layer_sources()["warheads"]
    ['nuclear']
    """
    found: dict[str, list[str]] = {}
    for key, source in sorted(sources().items()):
        for layer in _layers(source):
            found.setdefault(layer, []).append(key)
    return dict(sorted(found.items()))


def _by_layer() -> str:
    rows = []
    for layer, keys in layer_sources().items():
        terms = "; ".join(f"{key}: {sources()[key].licence}" for key in keys)
        rows.append(_row(layer, ", ".join(keys), terms))
    return _table(("layer", "sources", "licence"), rows)


def _terms(redistribution: str) -> str:
    parts = []
    for key, source in sorted(sources().items()):
        if source.redistribution != redistribution:
            continue
        layers = ", ".join(_layers(source)) or "none as a layer"
        lines = [
            f"\n### {key}\n",
            f"{source.title}.\n",
            f"- licence: {source.licence}",
            f"- attribution: {source.attribution}",
            f"- citation: {source.citation}",
            f"- vintage: {source.vintage}",
            f"- origin: {source.more.get('origin', '')}",
            f"- how to get it: {source.more.get('get', '')}",
            f"- layers: {layers}",
        ]
        if source.more.get("note"):
            lines.append(f"- note: {source.more['note']}")
        parts.append("\n".join(lines) + "\n")
    return "".join(parts)


def render() -> str:
    """Return the page as Markdown.

    Examples
    --------
    >>> render().splitlines()[0]
    '# Licences and attribution of every embedded number'
    """
    return (
        HEAD
        + EMBEDDED
        + "\n"
        + _by_layer()
        + STATED
        + TERMS
        + _terms("embedded")
        + ESTIMATES
        + _terms("estimates_only")
        + TESTS
        + _terms("tests_only")
    )


if __name__ == "__main__":
    print(render(), end="")
