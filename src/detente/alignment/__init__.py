"""Who stands with whom: positions from votes, similarity, influence and third states' response.

Names load on first use, so that importing the room costs nothing.
"""

from detente.lazy import load_on_use

_HOMES = {
    "IdealPoints": "ideal_points_result",
    "UN_ANCHORS": "ideal_points_un",
    "Response": "response",
    "VotingPower": "influence_power",
    "assembly_power": "influence_assembly",
    "collective_influence": "influence",
    "drift": "response_drift",
    "fit_ideal_points": "ideal_points",
    "respond": "response",
    "respond_world": "response",
    "similarity": "similarity",
    "un_bridge": "ideal_points_un",
    "un_votes": "ideal_points_un",
    "voting_power": "influence_power",
}

__getattr__, __dir__, __all__ = load_on_use(__name__, _HOMES)  # pyright: ignore[reportUnsupportedDunderAll]
