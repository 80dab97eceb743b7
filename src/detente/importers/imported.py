"""What every reader hands on: an economy as arrays, and what was done to it on the way."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Imported:
    """An economy as read, before it is balanced.

    Attributes
    ----------
    source : name of the layout (icio, emerging, kite, wiod, baci)
    year : year of the tables; 0 when the file states none
    countries, sectors : labels in the order of the file
    flow : [origin, destination, sector] sales net of tariffs, domestic sales included
    input_use : [country, supplying_sector, using_sector]; None: nothing is made from inputs
    value_added : [country, sector]; None: sales less input use
    final_use : [country, sector]; None: purchases less input use
    tariff_rate : [origin, destination, sector]; None where the layout carries none
    trade_elasticity : [sector]; None where the layout carries none
    notes : sentences on what was added up, moved, dropped or assumed
    moved : value that the rules of the layout moved, as a share of all sales
    changed : [origin, destination, sector] where a flow was changed by those rules
    sector_names : readable names by code, where the file has them
    """

    source: str
    year: int
    countries: list[str]
    sectors: list[str]
    flow: np.ndarray
    input_use: np.ndarray | None = None
    value_added: np.ndarray | None = None
    final_use: np.ndarray | None = None
    tariff_rate: np.ndarray | None = None
    trade_elasticity: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    moved: float = 0.0
    changed: np.ndarray | None = field(default=None, repr=False)
    sector_names: dict[str, str] = field(default_factory=dict)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return tidy tables, as `detente.world_from_tables(**frames)` takes them.

        Examples
        --------
        >>> tables = Imported("mine", 0, ["A", "B"], ["x"], np.ones((2, 2, 1)))
        >>> tables.frames()["flows"].columns.tolist()
        ['origin', 'destination', 'sector', 'value']
        """
        axes = {
            "flows": (self.flow, ("origin", "destination", "sector")),
            "input_use": (self.input_use, ("country", "supplying_sector", "using_sector")),
            "value_added": (self.value_added, ("country", "sector")),
            "final_use": (self.final_use, ("country", "sector")),
            "tariff_rate": (self.tariff_rate, ("origin", "destination", "sector")),
            "trade_elasticity": (self.trade_elasticity, ("sector",)),
        }
        return {
            name: _tidy(array, [self._labels(dim) for dim in dims], dims)
            for name, (array, dims) in axes.items()
            if array is not None
        }

    def _labels(self, dim: str) -> list[str]:
        return self.sectors if dim.endswith("sector") else self.countries


def _tidy(array: np.ndarray, labels: list[list[str]], dims: tuple[str, ...]) -> pd.DataFrame:
    grid = np.meshgrid(*(np.arange(len(one)) for one in labels), indexing="ij")
    frame = {
        dim: np.asarray(one, dtype=object)[place.ravel()]
        for dim, one, place in zip(dims, labels, grid, strict=True)
    }
    return pd.DataFrame({**frame, "value": array.ravel()})
