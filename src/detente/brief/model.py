"""The Brief: content as data, and a writer for each format."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.brief import content
from detente.errors import ScenarioError
from detente.files.atomic import write_text
from detente.files.worlds import as_world
from detente.footing import on_world
from detente.outcome import Outcome
from detente.world import World

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, repr=False)
class Brief:
    """What a run says for and against, as data; nothing in it is absent from the Outcome.

    Attributes
    ----------
    page
        JSON-ready: name, title, question, scenarios (with one sentence per edit), lead, caveats,
        headline, countries, ranking, claims, not_modelled, parameters, limits, certificate,
        sources, reproduce. Figures are as in `detente.brief.content`.

    Examples
    --------
    >>> import detente as dt
    >>> brief = dt.write_brief(dt.load_outcome("out"))  # doctest: +SKIP
    >>> brief.to_html("brief.html")  # doctest: +SKIP
    """

    page: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return the content as plain data."""
        return self.page

    def to_json(self, path: Path | str | None = None) -> str:
        """Return the content as JSON, and write it when a path is given."""
        text = json.dumps(self.page, indent=1, ensure_ascii=False) + "\n"
        return _written(text, path)

    def to_markdown(self, path: Path | str | None = None) -> str:
        """Return the brief as Markdown, and write it when a path is given."""
        from detente.brief.markdown import render

        return _written(render(self.page), path)

    def to_html(self, path: Path | str | None = None) -> str:
        """Return the brief as one self-contained HTML page, and write it when a path is given."""
        from detente.brief.html import render

        return _written(render(self.page), path)

    def to_pdf(self, path: Path | str) -> Path:
        """Write the brief as PDF.

        Raises
        ------
        DetenteError
            If the optional typesetter is not installed; the message names the command.
        """
        from detente.brief.pdf import write

        return write(self.page, Path(path))

    def to_terminal(self, console: "Console | None" = None) -> None:
        """Print the brief in short, to standard output or to a given Rich console."""
        from detente.brief.terminal import show

        show(self.page, console)

    def __repr__(self) -> str:
        return f"Brief({self.page['name']!r}: {len(self.page['claims'])} claims weighed)"

    def _repr_html_(self) -> str:
        from detente.brief.html import fragment

        return fragment(self.page)


def write_brief(outcome: Outcome, world: World | str | Path | None = None) -> Brief:
    """Write the brief of an outcome: the case for and the case against, from the same draws.

    Parameters
    ----------
    outcome
        What a run computed.
    world
        The base world, its name or path, where the outcome does not hold it: it adds the shares of
        imputed trade and the names of sectors.

    Raises
    ------
    WorldError
        If it is not the world that the outcome was computed on.

    Examples
    --------
    >>> brief = write_brief(outcome)  # doctest: +SKIP
    """
    if not isinstance(outcome, Outcome):
        raise ScenarioError(
            f"a brief is of an Outcome, as run or load_outcome gives it, not of {outcome!r}"
        )
    if world is not None:
        outcome = on_world(outcome, as_world(world))
    return Brief(content.build(outcome))


def _written(text: str, path: Path | str | None) -> str:
    if path is not None:
        write_text(path, text)
    return text
