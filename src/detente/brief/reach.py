"""Whether a scenario reaches trade, and what a page says in place of numbers where it does not."""

from detente.measured import moves
from detente.outcome import Outcome


def note(outcome: Outcome, scenario: str) -> str:
    """Return the sentence that stands in place of tables and pictures of trade, or nothing.

    Parameters
    ----------
    outcome, scenario
        As in `moves`.

    Examples
    --------
    >>> note(dt.load_outcome("outcomes/us-russia-realignment"), "us-russia-realignment")
    ... # doctest: +SKIP
    ''
    """
    from detente.models.trade_world import LAYERS

    if not outcome.ok_draws(scenario).size or moves(outcome, scenario):
        return ""
    layers = outcome.manifest.get("scenarios", {}).get(scenario, {}).get("layers", [])
    why = (
        "its edits of layers that the model of trade reads change no flow"
        if set(layers) & set(LAYERS)
        else "no edit is of a layer that the model of trade reads"
    )
    return (
        f"Nothing in this scenario reaches trade: {why}. Real income, wages and trade of every "
        "country stay as in the base world."
    )
