"""Moving trade between pairs until the accounts of every country close."""

import numpy as np

from detente.data import closure, reexports
from detente.data.assembly import Build
from detente.data.recipes.tables import significant
from detente.data.sectors import SECTORS
from detente.errors import DataError

ROUNDS = 40
# In the first rounds giving up re-exports competes with bending final use; after them trade
# stays as it is wherever final use alone can close the accounts.
FREE_ROUNDS = 2
# A little more than needed is moved, so that the next round does not stand on a knife's edge, and
# flows are kept to ten digits between rounds: the order of sums on another machine changes nothing.
MARGIN = 1.001
DIGITS = 10
# Cells below ten dollars a year (million USD) are remainders of the fit, not trade.
DUST = 1e-5
SLACK = 0.02


def _balance(flow: np.ndarray) -> np.ndarray:
    """Imports less exports by country."""
    return flow.sum(axis=(0, 2)) - flow.sum(axis=(1, 2))


def cap_deficits(build: Build) -> None:
    """Bring deficits and surpluses beyond a quarter of GDP to it, in place."""
    taken = np.zeros(len(build.countries))
    for _ in range(12):
        excess = np.abs(_balance(build.flow)) - closure.DEFICIT_CAP * build.gdp
        over = np.flatnonzero(excess > 1e-6 * build.gdp)
        if not len(over):
            break
        for c in over:
            gap = float(_balance(build.flow)[c])
            amount = abs(gap) - closure.DEFICIT_CAP * build.gdp[c]
            if amount <= 0:
                continue
            side = build.flow[:, c] if gap > 0 else build.flow[c]
            lock = build.locked[:, c] if gap > 0 else build.locked[c]
            by_sector = (side * ~lock[:, None]).sum(axis=0)
            share = min(amount / by_sector.sum(), 0.9)
            move = reexports.reassign_imports if gap > 0 else reexports.reassign_exports
            taken[c] += move(
                build.flow, int(c), share * by_sector, build.locked, build.closed
            ).sum()
    for c in np.flatnonzero(taken > 0):
        build.log.note(
            build.countries[c],
            "deficit or surplus brought to a quarter of GDP",
            taken[c],
            "trade given to other partners of the same pairs",
        )


def _books(build: Build, c: int, limit: np.ndarray) -> closure.Books:
    g = build.gdp[c]
    into, out = build.flow[:, c], build.flow[c]
    free_in, free_out = ~build.locked[:, c, None], ~build.locked[c, :, None]
    imports = into.sum(axis=0)
    movable_in, movable_out = (into * free_in).sum(axis=0), (out * free_out).sum(axis=0)
    duty = (into * build.tariff[:, c]).sum(axis=0) / np.maximum(imports, 1e-300)
    room = np.minimum(movable_in, movable_out)
    return closure.Books(
        inputs=build.inputs[c],
        final_share=build.final_share[c],
        exports=out.sum(axis=0) / g,
        imports=imports / g,
        farm_share=build.farm_share[c],
        duty=duty,
        movable_imports=movable_in / g,
        movable_exports=movable_out / g,
        reexport_limit=np.minimum(room * closure.MOVABLE, limit) / g,
    )


def close_all(build: Build) -> np.ndarray:
    """Repair trade round by round until every country closes.

    Parameters
    ----------
    build
        The tables; flow is changed in place.

    Returns
    -------
    numpy.ndarray
        [country, sector] output, million USD.

    Raises
    ------
    DataError
        A country cannot be closed, or trade still moves after 40 rounds.
    """
    count = len(build.countries)
    limit = np.full((count, len(SECTORS)), 1e12)
    for number in range(1, ROUNDS + 1):
        build.flow[...] = significant(build.flow, DIGITS)
        build.flow[build.flow < DUST] = 0.0
        output = np.zeros((count, len(SECTORS)))
        moving, moved = 0, np.zeros(3)
        for c in range(count):
            found = _closed_books(build, c, limit[c], number > FREE_ROUNDS)
            if found is None:
                raise DataError(f"the accounts of {build.countries[c]} cannot be closed")
            output[c] = found.output * build.gdp[c]
            if found.moves > 1e-7:
                moving += 1
                moved += _move(build, c, found, limit[c])
        build.log.note(
            "", f"closure round {number}", moved.sum(), f"{moving} countries moved trade"
        )
        build.log.tell(f"closure round {number}: {moving} countries, {moved.round()} million USD")
        if not moving:
            return output
    raise DataError(f"trade is not repaired after {ROUNDS} rounds")


def _closed_books(build: Build, c: int, limit: np.ndarray, settled: bool) -> closure.Closed | None:
    """Close a country with the mildest means that suffice.

    In the first rounds giving up re-exports competes with bending final use; later (settled) the
    trade of a country stays as it is whenever final use alone can close its accounts.
    """
    books = _books(build, c, limit)
    found = closure.close(books, "none", SLACK) if settled else None
    return found or closure.close(books, "reexports") or closure.close(books, "trade")


def _move(build: Build, c: int, found: closure.Closed, limit: np.ndarray) -> np.ndarray:
    scale, done = build.gdp[c], np.zeros(3)
    for s in np.flatnonzero(found.reexports > 1e-9):
        asked = float(found.reexports[s] * scale * MARGIN)
        got = reexports.redirect(build.flow, c, asked, int(s), build.locked)
        done[0] += got
        if got < 0.99 * asked:
            limit[s] = 0.0
    done[1] = reexports.reassign_imports(
        build.flow, c, found.imports_cut * scale, build.locked, build.closed
    ).sum()
    done[2] = reexports.reassign_exports(
        build.flow, c, found.exports_cut * scale, build.locked, build.closed
    ).sum()
    names = ("re-exports turned into direct trade", "imports given away", "exports given away")
    for name, value in zip(names, done, strict=True):
        if value > 0:
            build.log.note(build.countries[c], name, value, "closure")
    return done
