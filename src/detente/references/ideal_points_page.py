"""Write the figures of docs/explanation/ideal-points.md from runs of the whole record.

`python -m detente.references.ideal_points_page --raw DIR --page FILE --table FILE` fits simulated
votes, the votes of 1946-2019 by the published and the corrected steps, and those up to 2025 by
both; it needs about seven minutes on two free cores. The page's parts between marks are
replaced, and the positions of the last sessions are written as a table.
"""

import argparse
import os
import platform
import time
from pathlib import Path

import numpy as np
import pandas as pd

from detente.alignment import fit_ideal_points, un_bridge, un_votes
from detente.alignment.ideal_points_result import IdealPoints
from detente.data.paths import raw_folder
from detente.files.atomic import write_text
from detente.references import ideal_points_simulated as simulated
from detente.references.ideal_points import LAST, compared

BEGIN, END = "<!-- {}: rendered -->", "<!-- {}: end -->"
LATEST = 80
METHODS = ("published", "corrected")
SHOWN = (78, 79, 80)
STATES = (
    "ARG", "BRA", "CAN", "CHN", "DEU", "FRA", "GBR", "HUN", "IND",
    "ISR", "JPN", "MEX", "PRK", "RUS", "TUR", "UKR", "USA", "ZAF",
)  # fmt: skip
PAIRS = (("USA", "RUS"), ("USA", "GBR"), ("USA", "ISR"), ("CHN", "RUS"), ("USA", "CHN"))


def scores(raw: Path, found: dict[str, IdealPoints], seconds: dict[str, tuple]) -> str:
    """Return a table of agreement with the published positions, 1946-2019."""
    rows = [
        "| | " + " | ".join(found) + " |",
        "|---|" + "---|" * len(found),
    ]
    score = {name: compared(raw, fit.table()) for name, fit in found.items()}
    checks = {name: fit.diagnostics() for name, fit in found.items()}
    words = {
        "overall": "correlation of all positions with the published means of 2020",
        "within": "median correlation within sessions",
        "inside": "means inside the published 5-95 % interval, two states (132 positions)",
        "inside_2025": "means inside the interval of the release of 2025, by calendar year",
        "around": "published means inside our 5-95 % interval",
    }
    for key, text in words.items():
        form = "{:.4f}" if key in ("overall", "within") else "{:.1%}"
        rows.append(f"| {text} | " + " | ".join(form.format(s[key]) for s in score.values()) + " |")
    for text, cell in (
        ("median R-hat", lambda c: f"{c['r_hat'].median():.3f}"),
        ("largest R-hat of 300 positions", lambda c: f"{c['r_hat'].max():.2f}"),
        ("median effective draws (bulk)", lambda c: f"{c['ess_bulk'].median():.0f}"),
        ("fewest effective draws", lambda c: f"{c['ess_bulk'].min():.0f}"),
    ):
        rows.append(f"| {text} | " + " | ".join(cell(c) for c in checks.values()) + " |")
    rows.append(
        "| seconds: wall, processor | "
        + " | ".join(f"{wall:.0f}, {cpu:.0f}" for wall, cpu in seconds.values())
        + " |"
    )
    first = next(iter(found.values()))
    return "\n".join(
        [
            *rows,
            "",
            f"{int(first.calls['roll_calls'].sum()):,} roll calls, {len(first.counts):,} items, "
            f"{int(first.draws.votes.sum()):,} votes, {first.draws.shape[2]:,} positions; "
            f"{first.draws.shape[0]} chains of {first.facts['warmup']} and "
            f"{first.draws.shape[1] * first.facts['thin']} iterations, seed {first.facts['seed']}. "
            f"Measured on {os.cpu_count()} cores ({platform.machine()}) of which other work kept "
            f"{os.getloadavg()[1]:.1f} busy.",
        ]
    )


def latest(found: dict[str, IdealPoints]) -> pd.DataFrame:
    """Return positions of the last sessions by every method, side by side."""
    parts = []
    for name, fit in found.items():
        table = fit.table()
        table = table[table["period"].isin(SHOWN)].set_index(["voter", "period"])
        kept = table[["mean", "p05", "p95"]].round(3).add_prefix(f"{name}_")
        parts.append(kept if parts else table[["votes"]].join(kept))
    return pd.concat(parts, axis=1).reset_index().rename(columns={"period": "session"})


def positions(found: dict[str, IdealPoints], table: pd.DataFrame) -> str:
    """Return a table of some states' positions, and of distances, in Markdown."""
    rows = [
        "| state | " + " | ".join(f"session {number}" for number in SHOWN) + " | 80, corrected |",
        "|---|" + "---|" * (len(SHOWN) + 1),
    ]
    by_key = table.set_index(["voter", "session"])

    def cell(state: str, session: int, method: str) -> str:
        if (state, session) not in by_key.index:
            return ""
        mean, low, high = by_key.loc[
            (state, session), [f"{method}_{k}" for k in ("mean", "p05", "p95")]
        ]
        return f"{mean:.2f} ({low:.2f}, {high:.2f})"

    for state in STATES:
        cells = [cell(state, number, "published") for number in SHOWN]
        rows.append(f"| {state} | " + " | ".join([*cells, cell(state, LATEST, "corrected")]) + " |")
    rows += ["", "| distance | " + " | ".join(f"session {number}" for number in SHOWN) + " |"]
    rows.append("|---|" + "---|" * len(SHOWN))
    fit = found["published"]
    for first, second in PAIRS:
        apart = fit.distance(first, second).set_index("period")
        cells = [
            f"{apart.loc[n, 'mean']:.2f} ({apart.loc[n, 'p05']:.2f}, {apart.loc[n, 'p95']:.2f})"
            for n in SHOWN
        ]
        rows.append(f"| {first}-{second} | " + " | ".join(cells) + " |")
    calls = fit.calls.set_index("period")
    wide = table.pivot(index="voter", columns="session", values="published_mean")
    both = wide[[SHOWN[0], LATEST]].dropna().to_numpy()
    moved = np.corrcoef(both[:, 0], both[:, 1])[0, 1]
    counts = ", ".join(f"{calls.loc[n, 'roll_calls']} in session {n}" for n in SHOWN)
    return "\n".join(
        [
            *rows,
            "",
            f"Means and 5-95 % intervals. Roll calls that divide: {counts}; none of them recurs in "
            f"another session. Positions of sessions 78 and 80 correlate at {moved:.3f}.",
        ]
    )


def replaced(page: str, name: str, text: str) -> str:
    """Return a page with the part between two marks replaced."""
    before, rest = page.split(BEGIN.format(name))
    return (
        f"{before}{BEGIN.format(name)}\n{text}\n{END.format(name)}{rest.split(END.format(name))[1]}"
    )


def main() -> None:
    """Fit, and write the page and the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path)
    parser.add_argument("--page", type=Path, required=True)
    parser.add_argument("--table", type=Path, required=True)
    given = parser.parse_args()
    raw = raw_folder(given.raw)
    bridge = un_bridge(raw)
    fits: dict[int, dict[str, IdealPoints]] = {LAST: {}, LATEST: {}}
    seconds = {}
    for last, found in fits.items():
        votes = un_votes(raw, last=last)
        for method in METHODS:
            wall, cpu = time.perf_counter(), time.process_time()
            found[method] = fit_ideal_points(votes, bridge, method=method)
            if last == LAST:
                seconds[method] = (time.perf_counter() - wall, time.process_time() - cpu)
    table = latest(fits[LATEST])
    page = given.page.read_text(encoding="utf-8")
    page = replaced(page, "scores", scores(raw, fits[LAST], seconds))
    page = replaced(page, "simulated", simulated.table())
    page = replaced(page, "latest", positions(fits[LATEST], table))
    write_text(given.table, table.to_csv(index=False, lineterminator="\n"))
    write_text(given.page, page)


if __name__ == "__main__":
    main()
