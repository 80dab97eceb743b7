"""Long tables: labelled arrays written as rows, and read back.

A table has one column per axis and one per variable, and rows in the order of the axes. Columns go
from the arrays to the file as they are; labels are written once and rows point at them. Tables that
stay are Parquet. Those that live no longer than a run are Arrow, which is a third of the work.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from detente.files.atomic import replacing

if TYPE_CHECKING:
    import pyarrow as pa

PASSING = ".arrow"


def long_table(dataset: xr.Dataset, keep: xr.DataArray | None = None) -> "pa.Table":
    """Return a long table: one column per dim and per variable that has every dim.

    Parameters
    ----------
    dataset
        Variables over one ordered set of dims; all of them numbers.
    keep
        Boolean array over the leading dims; rows where it is false are left out.

    Examples
    --------
    >>> data = xr.Dataset({"x": ("country", [1.0, 2.0])}, {"country": ["CHN", "USA"]})
    >>> long_table(data).to_pydict()
    {'country': ['CHN', 'USA'], 'x': [1.0, 2.0]}
    """
    import pyarrow as pa

    variables = {str(name): array.variable for name, array in dataset.data_vars.items()}
    dims = next(iter(variables.values())).dims
    shape = tuple(dataset.sizes[dim] for dim in dims)
    mask = None if keep is None or keep.values.all() else keep.values
    columns: dict[str, pa.Array] = {}
    for axis, dim in enumerate(dims):
        labels = dataset.variables[dim].values
        text = labels.dtype.kind in "OUT"
        codes = np.arange(len(labels), dtype=np.int32) if text else labels
        along = codes.reshape([-1 if n == axis else 1 for n in range(len(shape))])
        rows = pa.array(_rows(np.broadcast_to(along, shape), mask))
        if text:
            rows = pa.DictionaryArray.from_arrays(rows, pa.array(list(map(str, labels))))
        columns[str(dim)] = rows
    for name, variable in variables.items():
        values = _rows(variable.transpose(*dims).values, mask)
        # To a reader of the file an unknown number is missing. To look first is quicker.
        columns[name] = pa.array(values, from_pandas=bool(np.isnan(values).any()))
    return pa.table(columns)


def _rows(values: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """Return the values as one column, without the rows that the mask leaves out."""
    return (values if mask is None else values[mask]).reshape(-1)


def write_table(path: Path, table: "pa.Table | pd.DataFrame") -> None:
    """Write a table in one move.

    Parameters
    ----------
    path
        Where it shall be: Parquet, or Arrow where the name ends in `.arrow`.
    table
        Rows; the index of a frame is kept where it is more than a numbering.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = pa.Table.from_pandas(table, nthreads=1) if isinstance(table, pd.DataFrame) else table
    if path.suffix == PASSING:
        packed = pa.ipc.IpcWriteOptions(compression="lz4")
        with (
            replacing(path) as temporary,
            pa.OSFile(str(temporary), "wb") as sink,
            pa.ipc.new_file(sink, rows.schema, options=packed) as writer,
        ):
            writer.write_table(rows)
        return
    # Numbers that hardly repeat are looked up in no dictionary: it would hold them all. Sorted by
    # the weight of their bytes they take a tenth less room, and half the time to write.
    # (Lists, which the stubs of the library do not know.)
    numbers: Any = [field.name for field in rows.schema if pa.types.is_float64(field.type)]
    labels: Any = [name for name in rows.column_names if name not in numbers]
    with replacing(path) as temporary:
        pq.write_table(
            rows,
            temporary,
            compression="lz4",  # a twentieth larger than with zstd, in two thirds of the time
            use_dictionary=labels,
            use_byte_stream_split=numbers,
            write_statistics=False,  # nobody looks for a number by its bounds
        )


def from_long(tables: Iterable[pd.DataFrame], coords: Mapping[str, list[Any]]) -> xr.Dataset:
    """Return the labelled arrays of long tables; cells without a row are NaN.

    Parameters
    ----------
    tables
        As made by `long_table`, with the same variables; where two hold a cell, the later counts.
    coords
        Ordered labels of every dim; a label of a table that is not among them is an error.

    Raises
    ------
    KeyError
        If a table carries an unknown label.
    """
    shape = tuple(len(labels) for labels in coords.values())
    arrays: dict[str, np.ndarray] = {}
    for table in tables:
        cells = np.zeros(len(table), dtype=np.intp)
        for dim, labels in coords.items():
            cells = cells * len(labels) + _places(table[dim], pd.Index(labels))
        for name in table.columns:
            if name in coords:
                continue
            if str(name) not in arrays:
                arrays[str(name)] = np.full(shape, np.nan)
            arrays[str(name)].reshape(-1)[cells] = table[name].to_numpy(dtype=float)
    variables = {name: (tuple(coords), array) for name, array in arrays.items()}
    return xr.Dataset(variables, coords={dim: list(labels) for dim, labels in coords.items()})


def _places(column: pd.Series, labels: pd.Index) -> np.ndarray:
    """Return where each label of a column stands on its axis."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        # Few labels and many rows: look the labels up once.
        found = labels.get_indexer(column.cat.categories)[column.cat.codes.to_numpy()]
    else:
        found = labels.get_indexer(pd.Index(column))
    if (found < 0).any():
        raise KeyError(f"{column.name} {column.iloc[int(np.argmin(found))]!r}")
    return found
