"""Ceilings of arms-control treaties, as numbers for scenarios."""

from dataclasses import dataclass

from detente.security.arsenals import Force

BALLISTIC = ("silo", "mobile", "submarine")


@dataclass(frozen=True)
class Treaty:
    """Ceilings on strategic arms.

    Attributes
    ----------
    name, parties : what it is called and whom it binds
    warheads : deployed warheads; a bomber counts as one
    deployed_launchers, launchers : deployed ones, and with those not deployed
    source : where the numbers stand
    """

    name: str
    parties: tuple[str, ...]
    warheads: int
    deployed_launchers: int
    launchers: int
    source: str


NEW_START = Treaty(
    "New START",
    ("USA", "RUS"),
    1550,
    700,
    800,
    "Treaty between the United States and the Russian Federation on Measures for the Further "
    "Reduction and Limitation of Strategic Offensive Arms, Prague, 8 April 2010, article II(1)",
)


def counted(force: Force) -> dict[str, float]:
    """Return what a treaty of this kind counts: deployed warheads, and launchers.

    A bomber counts as one warhead (article III(2) of New START). Launchers are those that exist:
    the class table does not say which of them are loaded, so that the ceiling on deployed
    launchers cannot be checked.

    Examples
    --------
    >>> from detente.security.arsenals import base_force
    >>> counted(base_force("USA"))
    {'warheads': 1436.0, 'launchers': 706.0}
    """
    ballistic, bombers = force.of_class(*BALLISTIC), force.of_class("bomber")
    warheads = force.deployed[ballistic].sum() + force.launchers[bombers].sum()
    launchers = force.launchers[ballistic].sum() + force.launchers[bombers].sum()
    return {"warheads": float(warheads), "launchers": float(launchers)}


def capped(force: Force, treaty: Treaty) -> Force:
    """Return the force with so many ballistic warheads unloaded that the treaty's cap is kept.

    Parameters
    ----------
    force
        Forces of one state; one that is not a party is returned as it is.
    treaty
        Ceilings; launchers are left alone, the fewer warheads on each.

    Examples
    --------
    >>> from detente.security.arsenals import base_force, uploaded
    >>> round(counted(capped(uploaded(base_force("USA"), 1.0), NEW_START))["warheads"])
    1550
    """
    if force.state not in treaty.parties:
        return force
    over = counted(force)["warheads"] - treaty.warheads
    if over <= 0:
        return force
    ballistic = force.of_class(*BALLISTIC)
    loaded = force.deployed[ballistic].sum()
    kept = max(loaded - over, 0.0) / loaded if loaded else 0.0
    deployed = force.deployed.copy()
    deployed[ballistic] *= kept
    return force.replace(deployed=deployed)
