"""Long tables: what is written is read, from files of this version and of earlier ones."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.files.long import from_long, long_table, write_table
from detente.files.outcomes import begin_outcome, load_outcome, save_outcome, write_batch
from detente.files.whole import read_table
from fabricate import NAME, RETALIATION, fabricate


def dataset(shape, seed, unknown=False):
    values = np.random.default_rng(seed).standard_normal((2, *shape))
    if unknown:
        values.ravel()[::3] = np.nan
    coords = {
        "scenario": [f"one / {n}" for n in range(shape[0])],
        "draw": list(range(10, 10 + shape[1])),
        "country": ["CHN", "RUS", "USA"][: shape[2]],
    }
    both = {"a": (tuple(coords), values[0]), "b": (tuple(coords), values[1])}
    return xr.Dataset(both, coords), {dim: list(labels) for dim, labels in coords.items()}


@given(
    st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 3)),
    st.integers(0, 99),
    st.booleans(),
    st.sampled_from([".parquet", ".arrow"]),
)
@settings(max_examples=25, deadline=None)
def test_a_table_is_read_as_it_was_written(tmp_path_factory, shape, seed, unknown, suffix):
    data, coords = dataset(shape, seed, unknown)
    kept = np.random.default_rng(seed).random(shape[:2]) < 0.7
    keep = xr.DataArray(kept, dims=("scenario", "draw"))
    path = tmp_path_factory.mktemp("long") / f"x{suffix}"
    for mask, wanted in ((None, data), (keep, data.where(keep))):
        table = long_table(data, mask)
        assert table.num_rows == (data["a"].size if mask is None else kept.sum() * shape[2])
        write_table(path, table)
        read = read_table(path, ("scenario", "draw", "country", "a", "b"))
        xr.testing.assert_identical(from_long([read], coords), wanted)


def test_rows_stand_in_the_order_of_the_axes():
    data, coords = dataset((2, 2, 3), 1)
    frame = long_table(data).to_pandas()
    index = pd.MultiIndex.from_product(coords.values(), names=list(coords)).to_frame(index=False)
    pd.testing.assert_frame_equal(
        frame[list(coords)].astype(object), index.astype(object), check_dtype=False
    )
    assert (frame["b"].to_numpy() == data["b"].values.ravel()).all()


def test_parts_with_other_labels_fill_one_array():
    data, coords = dataset((3, 2, 2), 2, unknown=True)
    parts = [long_table(data.isel(scenario=[n])).to_pandas() for n in (2, 0, 1)]
    xr.testing.assert_identical(from_long(parts, coords), data)
    with pytest.raises(KeyError, match="scenario 'one / 2'"):
        from_long(parts, coords | {"scenario": coords["scenario"][:2]})


def test_an_index_of_draws_is_kept(tmp_path):
    frame = pd.DataFrame({"x": [1.0, 2.0]}, index=pd.Index([3, 5], name="draw"))
    for name in ("x.parquet", "x.arrow"):
        write_table(tmp_path / name, frame)
        pd.testing.assert_frame_equal(read_table(tmp_path / name), frame)


def early(path, data, ok):
    """Write a table as the first version did: labels as categories, packed with zstd."""
    frame = data.to_dataframe().reset_index()
    solved = ok.to_series().rename("ok").reset_index()
    frame = frame.merge(solved, on=["scenario", "draw"]).query("ok").drop(columns="ok")
    texts = [name for name in ("scenario", "actor", "country") if name in frame]
    frame.astype(dict.fromkeys(texts, "category")).to_parquet(path, compression="zstd")


def test_batches_and_tables_of_earlier_versions_are_read(tmp_path):
    outcome = fabricate(draws=9, fail=(7,))
    folder = begin_outcome(outcome, tmp_path / "out")
    (folder / "batches").mkdir()
    for first, last in ((0, 3), (4, 8)):
        pick = {"draw": slice(first, last + 1)}
        data, ok, pairs = (one.isel(pick) for one in (outcome.data, outcome.ok, outcome.pairs))
        draws = outcome.draws[outcome.draws["draw"].between(first, last)]
        if first:
            write_batch(folder, first, data, ok, pairs, draws)
            continue
        levels = pairs[["exports", "imports"]].transpose("scenario", "draw", "actor", "country")
        stem = folder / "batches" / "000"
        draws.to_parquet(stem.with_suffix(".draws.parquet"), compression="zstd")
        early(stem.with_suffix(".pairs.parquet"), levels, ok)
        early(stem.with_suffix(".parquet"), data, ok)
        xr.testing.assert_equal(load_outcome(folder).data, data)
    whole = load_outcome(folder)
    assert whole.scenarios == outcome.scenarios
    for label in (NAME, RETALIATION):
        assert (whole.ok_draws(label) == outcome.ok_draws(label)).all()
        assert whole.reasons(label) == outcome.reasons(label)
        for name in outcome.variables:
            args = name, outcome.countries, label
            assert (whole.values(*args) == outcome.values(*args)).all()
    xr.testing.assert_equal(
        whole.pairs.where(whole.ok)["exports"], outcome.pairs.where(outcome.ok)["exports"]
    )

    folder = save_outcome(dataclasses.replace(outcome, claims=[{"id": "1"}]), tmp_path / "done")
    early(folder / "countries.parquet", outcome.data, outcome.ok)
    page = (folder / "manifest.json").read_text(encoding="utf-8")
    (folder / "manifest.json").write_text(page.replace('"files"', '"_"'), encoding="utf-8")
    again = load_outcome(folder)
    assert (again.values("real_income", "USA") == outcome.values("real_income", "USA")).all()
