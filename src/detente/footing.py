"""The base world that an outcome stands on, where a caller has it at hand."""

import dataclasses

from detente.errors import WorldError
from detente.outcome import Outcome
from detente.world import World

SHOWN = 12  # digits of a digest in a message, as in a brief


def on_world(outcome: Outcome, world: World) -> Outcome:
    """Return an outcome with the base world that it was computed on.

    Parameters
    ----------
    outcome
        Its manifest states the digest of its world.
    world
        The world.

    Raises
    ------
    WorldError
        If it is another world: shares and names of one would stand beside results of the other.

    Examples
    --------
    >>> on_world(dt.load_outcome("out"), dt.load_world()).world.year  # doctest: +SKIP
    2023
    """
    if outcome.world is world:
        return outcome
    stated = outcome.manifest.get("world", {})
    digest = stated.get("digest")
    if digest is not None and digest != (given := world.digest):
        raise WorldError(
            f"this outcome was computed on world '{stated.get('name')}' (digest "
            f"{digest[:SHOWN]}), not on this '{world.name}' ({given[:SHOWN]}): give the world of "
            "the run, or none"
        )
    return dataclasses.replace(outcome, world=world)
