"""Names of a user's own worlds: of the right letters, and not taken."""

import re
from pathlib import Path

from detente.errors import WorldError
from detente.files.worlds import SUFFIX, embedded_worlds, own_worlds

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def free(name: str, replace: bool, folder: Path | None) -> None:
    """Raise unless a world may be kept under a name.

    Parameters
    ----------
    name
        The name.
    replace
        Whether a world of that name may be replaced.
    folder
        Where it is to be kept; the user's folder of worlds when None.

    Raises
    ------
    WorldError
        If the name has other letters, is that of an embedded world, or is taken.
    """
    if not NAME.fullmatch(name) or name.endswith(SUFFIX):
        raise WorldError(
            f"'{name}' is no name of a world: letters, digits, dots, dashes and underscores"
        )
    if name in embedded_worlds():
        raise WorldError(f"'{name}' is an embedded world; choose another name with --name")
    have = (folder / f"{name}{SUFFIX}").exists() if folder else name in own_worlds()
    if have and not replace:
        raise WorldError(f"you have a world '{name}' already; --replace puts the new one there")
