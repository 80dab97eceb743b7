"""The accounts of an economy that follow from flows, tariffs and input shares.

With the value-added share defined as one minus the column sum of input shares, income,
spending and deficits close exactly, whatever the rounding of the stored numbers: the base of
every world is an equilibrium by construction. Only signs can be wrong, and `check` names them.
"""

from dataclasses import dataclass

import numpy as np

from detente.errors import WorldError


@dataclass(frozen=True)
class Accounts:
    """Levels of the base economy, in the unit of the flows.

    Attributes
    ----------
    output : [country, sector]  sales at home and abroad, net of tariffs and of selling costs
    expenditure : [country, sector]  purchases including tariffs
    final_use : [country, sector]  expenditure less input use
    value_added_share : [country, sector]  one minus the sum of input shares
    value_added, revenue, deficit : [country]
    """

    output: np.ndarray
    expenditure: np.ndarray
    final_use: np.ndarray
    value_added_share: np.ndarray
    value_added: np.ndarray
    revenue: np.ndarray
    deficit: np.ndarray

    @property
    def spending(self) -> np.ndarray:
        """Final spending by country: value added plus revenue plus deficit."""
        return self.final_use.sum(axis=1)

    def check(self, countries: list[str], sectors: list[str]) -> None:
        """Raise WorldError naming the largest negative final uses or empty countries."""
        scale = max(float(self.value_added.sum()), 1e-300)
        if (self.value_added_share < -1e-9).any():
            c, s = np.argwhere(self.value_added_share < -1e-9)[0]
            raise WorldError(
                f"input shares of {countries[c]} in sector {sectors[s]} add to more than one "
                f"({1 - self.value_added_share[c, s]:.6g}); value added would be negative"
            )
        bad = self.final_use < -1e-9 * np.maximum(self.expenditure, 1e-9 * scale)
        if bad.any():
            order = np.argsort(np.where(bad, self.final_use, 0), axis=None)[:5]
            cells = [np.unravel_index(i, bad.shape) for i in order if bad.ravel()[i]]
            text = "; ".join(
                f"{countries[c]} {sectors[s]}: {self.final_use[c, s]:.6g}" for c, s in cells
            )
            raise WorldError(
                f"final use is negative in {int(bad.sum())} cells (largest: {text}): input use "
                "exceeds what the country buys. Balance the tables (balance='ras' or "
                "balance='model' in world_from_tables) or mend these cells"
            )
        empty = self.value_added <= 0
        if empty.any():
            names = ", ".join(countries[i] for i in np.flatnonzero(empty)[:5])
            raise WorldError(
                f"no value added in {names}: a country needs sales to have an income. "
                "Give it domestic sales, or leave it out"
            )


def accounts(
    flow: np.ndarray,
    tariff_rate: np.ndarray,
    input_share: np.ndarray,
    local_share: np.ndarray | None = None,
) -> Accounts:
    """Derive output, final use, value added and deficits from the stored layers.

    Parameters
    ----------
    flow
        [origin, destination, sector] value net of tariffs.
    tariff_rate
        [origin, destination, sector] rate.
    input_share
        [country, supplying_sector, using_sector] share of gross output.
    local_share
        [country] share of purchases net of tariffs that pays the buying country's labour for
        selling; none when None.

    Examples
    --------
    >>> import numpy as np
    >>> one = accounts(np.array([[[3.0], [1.0]], [[2.0], [4.0]]]), np.zeros((2, 2, 1)),
    ...                np.zeros((2, 1, 1)))
    >>> one.deficit.tolist()
    [1.0, -1.0]
    """
    local = np.zeros(flow.shape[1]) if local_share is None else local_share
    kept = flow if local_share is None else flow * (1 - local)[None, :, None]
    output = kept.sum(axis=1)
    duty = (flow * tariff_rate).sum(axis=0)
    expenditure = flow.sum(axis=0) + duty
    use = np.einsum("crs,cs->cr", input_share, output)
    final = expenditure - use
    # A cell that is zero up to rounding is zero: no country consumes minus a cent.
    final = np.where(np.abs(final) <= 1e-12 * expenditure, 0.0, final)
    share = 1.0 - input_share.sum(axis=1)
    value_added = (share * output).sum(axis=1)
    if local_share is not None:
        value_added = value_added + local * flow.sum(axis=(0, 2))
    revenue = duty.sum(axis=1)
    return Accounts(
        output=output,
        expenditure=expenditure,
        final_use=final,
        value_added_share=share,
        value_added=value_added,
        revenue=revenue,
        deficit=final.sum(axis=1) - value_added - revenue,
    )
