"""Two rows of one key in a table too long to hold: one bit for each key that has had a row."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

# Room for the labels of one column; three of them fit into an integer of 64 bits.
LABELS = 1 << 20


class Repeats:
    """Which keys have had a row, over all pieces of a table.

    A key is the labels of some columns. Those of `outer` (say exporter and importer) number the
    rows of a table of bits, those of `inner` (say the product) its columns: 60 000 pairs and
    5 600 products take 42 MB, however many rows there are.

    Parameters
    ----------
    outer, inner
        Columns of the key, up to three each.
    tidy
        For a column of text: what makes labels alike that stand for the same.

    Examples
    --------
    >>> seen = Repeats(["who"], ["what"], {"what": str.strip})
    >>> seen.twice(pd.DataFrame({"who": ["A", "B"], "what": ["x", "x"]})) is None
    True
    >>> seen.twice(pd.DataFrame({"who": ["B", "B"], "what": ["y", " x"]}, index=[4, 5]))
    1
    """

    def __init__(
        self, outer: Sequence[str], inner: Sequence[str],
        tidy: Mapping[str, Callable[[str], str]] | None = None,
    ) -> None:  # fmt: skip
        self.outer, self.inner, self.tidy = tuple(outer), tuple(inner), dict(tidy or {})
        self.numbers: dict[Hashable, dict[Hashable, int]] = {}
        self.bits = np.zeros((0, 0), dtype=np.uint8)

    def twice(self, part: pd.DataFrame) -> int | None:
        """Add the rows of a piece; return the place in it of the first that had come before.

        Parameters
        ----------
        part
            A piece of the table; it is not kept.
        """
        row, column = self._places(part)
        self._make_room()
        byte, bit = column >> 3, (1 << (column & 7)).astype(np.uint8)
        before = (self.bits[row, byte] & bit) > 0
        again = before | pd.Series(row * (self.bits.shape[1] * 8) + column).duplicated().to_numpy()
        if again.any():
            return int(again.argmax())
        np.bitwise_or.at(self.bits, (row, byte), bit)
        return None

    def first(self, part: pd.DataFrame, place: int, pieces: Iterable[pd.DataFrame]) -> pd.Series:
        """Return the first row of the table with the key of one that came again.

        Parameters
        ----------
        part, place
            The piece and the place in it that `twice` returned.
        pieces
            The table once more, from its beginning.
        """
        wanted = [one[place] for one in self._places(part)]
        for piece in pieces:
            row, column = self._places(piece)
            found = (row == wanted[0]) & (column == wanted[1])
            if found.any():
                return piece.iloc[int(found.argmax())]
        raise AssertionError("a key that came twice came once")

    def _places(self, part: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        return self._together(part, self.outer), self._together(part, self.inner)

    def _together(self, part: pd.DataFrame, columns: tuple[str, ...]) -> np.ndarray:
        mixed = np.zeros(len(part), dtype=np.int64)
        for column in columns:
            mixed = mixed * LABELS + self._running(part[column], column, self.tidy.get(column))
        return self._running(mixed, columns, None)

    def _running(self, labels, name: Hashable, tidy: Callable[[str], str] | None) -> np.ndarray:
        """Return running numbers of labels, the same in every piece."""
        code, found = pd.factorize(labels)
        table = self.numbers.setdefault(name, {})
        words = [one if tidy is None else tidy(str(one)) for one in found]
        number = [table.setdefault(word, len(table)) for word in words]
        return np.array(number, dtype=np.int64)[code]

    def _make_room(self) -> None:
        rows, columns = (len(self.numbers[one]) for one in (self.outer, self.inner))
        have = self.bits.shape
        wider = (max(have[0], rows), max(have[1], -(-columns // 8)))
        if wider != have:
            # Half as much again, so that a table that grows by pieces is copied seldom.
            room = [max(new, old + old // 2) if new > old else old
                    for new, old in zip(wider, have, strict=True)]  # fmt: skip
            more = [(0, new - old) for new, old in zip(room, have, strict=True)]
            self.bits = np.pad(self.bits, more)
