"""How a base responds to its wages: computed once in a process, and kept between runs."""

import contextlib
import hashlib
import threading
from collections import OrderedDict
from dataclasses import fields
from importlib import metadata
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float
from threadpoolctl import threadpool_info

from detente.files import kept
from detente.models import trade_response
from detente.models.trade_aids import Aids
from detente.models.trade_board import board
from detente.models.trade_hat import TradeBase
from detente.models.trade_response import Newton, response

# Responses that this process remembers; that of world2023 takes 4 MB.
MOST_KNOWN = 8
_KNOWN: OrderedDict[str, Newton | None] = OrderedDict()
_LOCK = threading.Lock()


def newton_of(
    base: TradeBase,
    aids: Aids,
    theta: Float[np.ndarray, " s"],
    rule: str,
    groups: Bool[np.ndarray, "g s"],
) -> Newton | None:
    """Return the Newton steps of wages; None where the base has no response to them.

    Parameters
    ----------
    base, aids
        The economy, in arrays of NumPy.
    theta, rule, groups
        See `trade_response.response`.
    """
    name = f"wages-{_digest(base, theta, rule, groups)}.npz"
    with _LOCK:
        if name in _KNOWN:
            _KNOWN.move_to_end(name)
            return _KNOWN[name]
    newton = _recalled(name) or _computed(name, base, aids, theta, rule, groups)
    with _LOCK:
        _KNOWN[name] = newton
        while len(_KNOWN) > MOST_KNOWN:
            _KNOWN.popitem(last=False)
    return newton


def _recalled(name: str) -> Newton | None:
    known = kept.recall(name)
    if known is None or known.keys() != {field.name for field in fields(Newton)}:
        return None
    if not all(np.isfinite(table).all() for table in known.values()):
        return None
    return Newton(**known)


def _computed(
    name: str, base: TradeBase, aids: Aids, theta: np.ndarray, rule: str, groups: np.ndarray
) -> Newton | None:
    none = np.zeros(0, dtype=int)
    found = response(board(base, aids, none, none), theta, np.asarray(base.deficit), rule, groups)
    if found.is_finite():
        with contextlib.suppress(np.linalg.LinAlgError):
            newton = found.newton()
            kept.keep(name, vars(newton))
            return newton
    return None


def _digest(base: TradeBase, theta: np.ndarray, rule: str, groups: np.ndarray) -> str:
    """Return what the response hangs on to the last bit, in short."""
    made = [metadata.version(name) for name in ("detente", "numpy")]
    made += [str(library.get("architecture")) for library in threadpool_info()]
    found = hashlib.sha256(Path(trade_response.__file__).read_bytes())
    found.update("\n".join([*made, rule]).encode())
    for table in (theta, groups, *vars(base).values()):
        if isinstance(table, np.ndarray):
            found.update(f"{table.shape} {table.dtype}".encode())
            found.update(np.ascontiguousarray(table).data)
    return found.hexdigest()
