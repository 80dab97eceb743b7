"""Reading a result: what each edit, partner, sector and parameter contributes; what it hangs on.

Names load on first use, so that importing the room costs nothing.
"""

from detente.lazy import load_on_use

_HOMES = {
    "Explanation": "explanation",
    "Linearisation": "linear",
    "ReadoutExplanation": "readouts",
    "by_partner": "decomposition",
    "by_sector": "decomposition",
    "coalition_loss": "dependence",
    "concentration": "dependence",
    "contributions": "contributions",
    "dependence": "dependence",
    "drivers": "drivers",
    "explain": "explanation",
    "explain_readout": "readouts",
    "exposure": "linear",
    "linearise": "linear",
    "preview": "linear",
}

__getattr__, __dir__, __all__ = load_on_use(__name__, _HOMES)  # pyright: ignore[reportUnsupportedDunderAll]
