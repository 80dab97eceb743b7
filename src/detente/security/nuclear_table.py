"""Tables of second-strike stability: levels, and changes on the same draws."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from detente.errors import WorldError
from detente.security.nuclear_pair import DEFINED

if TYPE_CHECKING:
    from detente.security.nuclear import Stability

# A second strike is called assured in a draw where it is at least this likely.
ASSURED = 0.95
KEYS = ("attacker", "victim", "posture", "required")


def stability_table(found: "Stability") -> pd.DataFrame:
    """Return one row a pair, posture and R*.

    Parameters
    ----------
    found
        Second strikes.

    Returns
    -------
    DataFrame
        status; median, p05 and p95 of P(R >= R*); assured, the share of draws in which it is at
        least 0.95; delivered, the median of E[R]; advantage, the median first-strike advantage of
        the attacker, and difference, that minus the other side's; index, the median stability index
        of the pair. NaN where not defined.
    """
    rows = []
    for (attacker, victim), pair in found.pairs.items():
        for posture in found.postures:
            for number in found.required:
                row: dict[str, object] = dict(
                    zip(KEYS, (attacker, victim, posture, number), strict=True)
                )
                row["status"] = pair.status
                values = found.second_strike(attacker, victim, number, posture)
                row |= _quantiles(values)
                defined = pair.status == DEFINED
                row["assured"] = float(np.mean(values >= ASSURED)) if defined else np.nan
                row["delivered"] = float(np.median(pair.struck[posture])) if defined else np.nan
                saved = found.first_strike_advantage(attacker, victim, posture)
                row["advantage"] = float(np.median(saved))
                row["difference"] = row["index"] = np.nan
                if (victim, attacker) in found.pairs:
                    gap = found.advantage_difference(attacker, victim, posture)
                    index = found.index(attacker, victim, number, posture)
                    row |= {"difference": float(np.median(gap)), "index": float(np.median(index))}
                rows.append(row)
    return pd.DataFrame(rows)


def change_table(before: "Stability", after: "Stability") -> pd.DataFrame:
    """Return one row a pair, posture and R* of both: the difference of P(R >= R*), draw by draw.

    Raises
    ------
    WorldError
        If the draws or the required numbers differ.
    """
    same_draws(before, after)
    rows = []
    for key in before.pairs:
        if key not in after.pairs:
            continue
        for posture in before.postures:
            for number in before.required:
                row: dict[str, object] = dict(zip(KEYS, (*key, posture, number), strict=True))
                row["status"] = after.pairs[key].status
                old, new = (each.second_strike(*key, number, posture) for each in (before, after))
                row |= {"before": float(np.median(old)), "after": float(np.median(new))}
                row |= _quantiles(new - old)
                known = np.isfinite(new - old).all()
                row["share_lower"] = float(np.mean(new < old)) if known else np.nan
                rows.append(row)
    return pd.DataFrame(rows)


def same_draws(before: "Stability", after: "Stability") -> None:
    """Raise unless two results can be compared draw by draw.

    Raises
    ------
    WorldError
        If the draws or the required numbers differ.
    """
    one, other = before.draws, after.draws
    if (one.count, one.seed) != (other.count, other.seed) or before.required != after.required:
        raise WorldError(
            "the two results were made from other draws or required numbers "
            f"({one.count} draws, seed {one.seed}, {before.required} and {other.count} draws, seed "
            f"{other.seed}, {after.required}); make both with the same"
        )
    if before.choices.shared != after.choices.shared:
        raise WorldError("the two results share causes to another degree; use one `shared`")


def _quantiles(values: np.ndarray) -> dict[str, float]:
    names = ("median", "p05", "p95")
    return dict(zip(names, np.quantile(values, [0.5, 0.05, 0.95]).tolist(), strict=True))
