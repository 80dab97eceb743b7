"""Adding the cells of an inter-country matrix up to the blocks that the model uses."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import sparse

from detente.errors import WorldError

YEAR = re.compile(r"(?<!\d)(19[5-9]\d|20[0-4]\d)(?!\d)")


def year_of(path: Path) -> int:
    """Return the year in a file's name, or 0.

    Examples
    --------
    >>> year_of(Path("2022_SML.csv"))
    2022
    """
    found = YEAR.findall(path.name)
    return int(found[0]) if len(set(found)) == 1 else 0


# What rounding leaves below zero, as a share of all cells; settle counts it as final use.
ROUNDING = 1e-9


def not_negative(cells: np.ndarray, where: Callable[[int, int], str]) -> None:
    """Raise at the first sale for production below zero.

    Final use may fall, as inventories do; an input cannot.

    Parameters
    ----------
    cells
        [row, column] sales for production.
    where
        Returns the file, row and column of a cell, for the message.

    Raises
    ------
    WorldError
        Naming the first such cell.
    """
    low = cells < -ROUNDING * np.abs(cells).sum()
    if low.any():
        row, column = np.unravel_index(int(low.argmax()), low.shape)
        raise WorldError(
            f"{where(int(row), int(column))}: the sale for production is {cells[row, column]:g}; "
            f"below 0 (one of {int(low.sum())} such cells). Correct it, or enter a return of goods "
            "as a change in inventories"
        )


def indicator(place: np.ndarray, count: int) -> sparse.csr_array:
    """Return [group, member] of ones: multiplying by it adds members up to groups."""
    members = np.arange(len(place))
    return sparse.csr_array((np.ones(len(place)), (place, members)), shape=(count, len(place)))


def buyer_blocks(
    cells: np.ndarray, seller: np.ndarray, supplying: np.ndarray, using: np.ndarray,
    shape: tuple[int, int],
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Add up what one country buys for production.

    Parameters
    ----------
    cells
        [seller and sector, using industry] of one buying country.
    seller, supplying
        Country and sector of each row, by number.
    using
        Sector of each column, by number.
    shape
        Number of countries and of sectors.

    Returns
    -------
    [origin, sector] purchases by supplier, and [supplying_sector, using_sector] input use.
    """
    countries, sectors = shape
    sold = np.zeros((countries, sectors))
    np.add.at(sold, (seller, supplying), cells.sum(axis=1))
    by_sector = indicator(supplying, sectors) @ cells
    return sold, (indicator(using, sectors) @ by_sector.T).T


def intermediate_blocks(
    cells: np.ndarray, rows: tuple[np.ndarray, np.ndarray],
    columns: tuple[np.ndarray, np.ndarray], shape: tuple[int, int],
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Add a whole matrix up, one buying country at a time.

    Parameters
    ----------
    cells
        [row, column] sales for production.
    rows, columns
        Country and sector of each row and of each column, by number.
    shape
        Number of countries and of sectors.

    Returns
    -------
    Sales for production [origin, destination, sector] and input use [country, supplying_sector,
    using_sector].
    """
    countries, sectors = shape
    sales = np.zeros((countries, countries, sectors))
    use = np.zeros((countries, sectors, sectors))
    for buyer in range(countries):
        mine = columns[0] == buyer
        sales[:, buyer], use[buyer] = buyer_blocks(cells[:, mine], *rows, columns[1][mine], shape)
    return sales, use


def final_block(
    cells: np.ndarray, rows: tuple[np.ndarray, np.ndarray], buyer: np.ndarray,
    shape: tuple[int, int],
) -> np.ndarray:  # fmt: skip
    """Return sales for final use [origin, destination, sector].

    Parameters
    ----------
    cells
        [row, column].
    rows
        Country and sector of each row, by number.
    buyer
        Country of each column, by number.
    shape
        Number of countries and of sectors.
    """
    countries, sectors = shape
    bought = (indicator(buyer, countries) @ cells.T).T
    sales = np.zeros((countries, sectors, countries))
    np.add.at(sales, rows, bought)
    return sales.transpose(0, 2, 1)


def state_block(values: np.ndarray, columns: tuple, shape: tuple[int, int]) -> np.ndarray:
    """Return [country, sector] of a row of value added, taxes or output."""
    found = np.zeros(shape)
    np.add.at(found, columns, values)
    return found
