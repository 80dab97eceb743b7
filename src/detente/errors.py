"""What can go wrong, as one tree.

DetenteError
├── ScenarioError       a scenario, an edit, or a name in it is wrong        (exit 2)
├── WorldError          a world or a user's table is inconsistent            (exit 2)
├── DataError           a stored file is damaged or not what it should be    (exit 1)
│   ├── MissingDataError    a raw table is not at hand                       (exit 4)
│   └── PlaceError          a file or folder given by name cannot be used    (exit 2)
└── ConvergenceError    no draw reached an equilibrium                       (exit 3)

Every message says what was wrong, where, and how to mend it.
"""

import difflib
from collections.abc import Iterable


class DetenteError(Exception):
    """Base of all errors raised on purpose; `exit_code` is the command line's."""

    exit_code = 1


class ScenarioError(DetenteError):
    """A scenario file, an edit, or a name in it cannot be used."""

    exit_code = 2


class WorldError(DetenteError):
    """A world or a user's table contradicts itself."""

    exit_code = 2


class DataError(DetenteError):
    """A stored file is damaged or not what it claims to be."""


class MissingDataError(DataError):
    """A raw table that a command needs is not at hand."""

    exit_code = 4


class PlaceError(DataError):
    """A file or folder given by name is not what is asked for, or cannot be written."""

    exit_code = 2


class ConvergenceError(DetenteError):
    """No draw reached an equilibrium."""

    exit_code = 3


def nearest(word: str, choices: Iterable[str], extra: dict[str, str] | None = None) -> str:
    """Return "; did you mean X?" for the nearest choice, or an empty string.

    Parameters
    ----------
    word
        What the user wrote.
    choices
        Valid names.
    extra
        Known wrong names and the right one (ISO2 codes, short names), tried first.

    Examples
    --------
    >>> nearest("tarif_rate", ["tariff_rate", "trade_cost"])
    '; did you mean tariff_rate?'
    """
    word = str(word)
    if extra:
        known = {key.casefold(): value for key, value in extra.items()}
        if word.casefold() in known:
            return f"; did you mean {known[word.casefold()]}?"
    table = {choice.casefold(): choice for choice in choices}
    found = difflib.get_close_matches(word.casefold(), table, n=1, cutoff=0.6)
    return f"; did you mean {table[found[0]]}?" if found else ""
