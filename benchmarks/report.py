"""`python -m benchmarks.report [--raw DIR] [--page FILE]`: one table of times and ratios.

With --page the table replaces the part of a Markdown page between the two marks.
"""

import argparse
import os
import platform
import statistics
from pathlib import Path

from benchmarks import cases
from benchmarks.icio_world import icio_world

BEGIN, END = "<!-- speed: rendered -->", "<!-- speed: end -->"
ROUNDS, MAIN_JOBS = 30, 5


def table(raw: Path | None, main_job: bool = True) -> list[str]:
    """Measure everything and return the lines of a Markdown table.

    Parameters
    ----------
    raw
        Folder of raw tables, for the peer; without it there are no ratios.
    main_job
        Whether the main job is run too, which takes longest.
    """
    # First, while this process is small: a child counts the memory of what it was forked from.
    jobs = cases.main_jobs(MAIN_JOBS) if main_job else None
    peer = cases.beside(raw) if raw else None
    unit = statistics.median(peer.theirs) if peer else None
    rows = ["| what | bound | median | best | gegravity / this |", "|---|---|---|---|---|"]

    def add(what: str, bound: float | None, times: list[float]) -> None:
        median = statistics.median(times)
        ratio = f"{unit / median:.0f}" if unit else ""
        limit = "" if bound is None else time_text(bound)
        rows.append(
            f"| {what} | {limit} | {time_text(median)} | {time_text(min(times))} | {ratio} |"
        )

    if peer:
        add("gegravity, 30 countries, its own sample", None, peer.theirs)
        add("ours, the same", None, peer.ours)
    for world, bound in cases.COUNTERFACTUALS.items():
        solve = cases.counterfactual(world)
        first = cases.seconds(solve, 1)
        add(f"one counterfactual, {world}", bound, cases.seconds(solve, ROUNDS))
        add(f"its first solve, with compilation, {world}", None, first)
    for size, bound in cases.MADE_UP.items():
        solve = cases.made_up(*size)
        cases.seconds(solve, 1)
        rounds = ROUNDS if bound < 1 else 5
        what = "one counterfactual, {} x {} made of nothing".format(*size)
        add(what, bound, cases.seconds(solve, rounds))
    for world, bound in cases.THOUSAND.items():
        add(f"1,000 draws, {world}", bound, [cases.thousand(world) for _ in range(3)])
    add("preview of one scenario, world2023 linearised", cases.PREVIEW,
        cases.seconds(cases.preview("world2023"), ROUNDS))  # fmt: skip
    if raw:
        solve = cases.counterfactual(icio_world(raw))
        first = cases.seconds(solve, 1)
        add("one counterfactual, 81 x 50 by RAS", cases.ICIO_BOUND, cases.seconds(solve, ROUNDS))
        add("its first solve, with compilation, 81 x 50 by RAS", None, first)
    add("`detente --help`", cases.HELP, [cases.process("--help").wall for _ in range(5)])
    if jobs:
        both = zip(jobs, cases.MAIN_JOB_BOUNDS.items(), strict=True)
        for found, (start, bound) in both:
            cpu = statistics.median(one.cpu for one in found)
            largest = max(one.memory for one in found)
            what = (
                f"main job, {cases.DRAWS} draws, whole process, {start} "
                f"({cpu:.0f} s of CPU, the largest process {largest:.2f} GB)"
            )
            add(what, bound, [one.wall for one in found])
    rows.append("")
    if peer:
        gaps = ", ".join(f"{name} {value:.1e}" for name, value in peer.gaps.items())
        rows.append(f"Largest relative differences from gegravity: {gaps}.")
    load = os.getloadavg()[0]
    rows.append(
        f"Measured on {os.cpu_count()} cores ({platform.machine()}, Python "
        f"{platform.python_version()}); other work on the machine kept {load:.1f} of them busy."
    )
    return rows


def time_text(value: float) -> str:
    """Return seconds, or milliseconds where these read better."""
    return f"{value:.2f} s" if value >= 0.5 else f"{1000 * value:.1f} ms"


def main() -> None:
    """Print the table, or write it into a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path, default=os.environ.get("DETENTE_RAW"))
    parser.add_argument("--page", type=Path)
    parser.add_argument("--without-main-job", action="store_true")
    given = parser.parse_args()
    text = "\n".join(table(given.raw, not given.without_main_job))
    print(text)
    if given.page:
        page = given.page.read_text(encoding="utf-8")
        before, after = page.split(BEGIN)[0], page.split(END)[1]
        given.page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
