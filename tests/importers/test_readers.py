"""Every layout of one economy gives the same world, whose accounts close and whose base stands."""

import sys

import import_layouts as layouts
import numpy as np
import pytest

import detente as dt
from detente.importers import (
    make_imported,
    read_emerging,
    read_icio,
    read_kite,
    read_wiod,
)

READERS = {
    "icio": (layouts.icio, read_icio),
    "wiod": (layouts.wiod, read_wiod),
    "wiod long": (layouts.wiod_long, read_wiod),
    "wiod sheet": (layouts.wiod_sheet, read_wiod),
    "emerging": (layouts.emerging, read_emerging),
    "kite": (layouts.kite, read_kite),
}
YEARS = {
    "icio": 2022,
    "wiod": 2014,
    "wiod long": 2014,
    "wiod sheet": 2014,
    "emerging": 2023,
    "kite": 2022,
}


def null_is_exact(world):
    nothing = dt.Scenario(name="null", edits=[dt.Edit(layer="trade_cost", multiply=1.0)])
    outcome = dt.run(world, nothing, draws=0)
    worst = max(float(np.abs(outcome.data[v]).max()) for v in outcome.data.data_vars)
    assert worst <= 1e-12


@pytest.mark.parametrize("layout", READERS)
def test_each_layout_holds_the_economy(layout, tmp_path):
    economy = layouts.Economy()
    write, read = READERS[layout]
    tables = read(write(tmp_path, economy))
    assert tables.countries == list(layouts.COUNTRIES)
    assert tables.sectors == list(layouts.SECTORS)
    assert tables.year == YEARS[layout]
    assert np.allclose(tables.flow, economy.flow, rtol=1e-12)
    assert np.allclose(tables.input_use, economy.use, rtol=1e-12)
    assert np.allclose(tables.value_added, economy.va + economy.tls, rtol=1e-10)
    assert tables.moved == 0
    world = make_imported(tables, "mine", trade_elasticity=5.0)
    assert world.meta["balance"]["method"] == "none"
    assert np.allclose(world.values("flow"), economy.flow, rtol=1e-12)
    assert (world.layers["flow_status"].values == 1).all()


def test_two_layouts_give_the_same_answer(tmp_path):
    economy = layouts.Economy()
    edit = dt.Edit(layer="tariff_rate", where={"origin": "ARG", "destination": "BRA"}, set=0.2)
    scenario = dt.Scenario(name="tariff", edits=[edit])
    wages = []
    for layout in ("icio", "kite"):
        write, read = READERS[layout]
        world = make_imported(read(write(tmp_path, economy)), "mine", trade_elasticity=5.0)
        null_is_exact(world)
        wages.append(dt.run(world, scenario, draws=0).table("real_wage")["median"].to_numpy())
    assert np.allclose(*wages, atol=1e-9) and abs(wages[0]).max() > 1e-3


def test_frames_give_the_same_world_as_arrays(tmp_path):
    tables = read_icio(layouts.icio(tmp_path, layouts.Economy()))
    direct = make_imported(tables, "mine", trade_elasticity=4.0)
    tidy = dt.world_from_tables(**tables.frames(), name="mine")
    for layer in ("flow", "input_share", "tariff_rate"):
        assert np.array_equal(direct.values(layer), tidy.values(layer))


@pytest.mark.parametrize("balance", ["ras", "model"])
def test_falling_inventories_are_cut_reported_and_balanced(balance, tmp_path):
    economy = layouts.Economy(stocks=-3.0)
    economy.f[0, 0, 1, 4] = -60.0
    economy.out = economy.z.sum(axis=(2, 3)) + economy.f.sum(axis=(2, 3))
    economy.va = economy.out - economy.z.sum(axis=(0, 1)) - economy.tls
    tables = read_icio(layouts.icio(tmp_path, economy))
    assert (tables.flow >= 0).all() and (tables.final_use >= 0).all()
    assert tables.moved > 0 and any("inventories" in note for note in tables.notes)
    world = make_imported(tables, "mine", balance)
    report = world.meta["balance"]
    assert report["method"] == balance and report["value_moved_share"] > 0 and report["largest"]
    assert world.meta["import"]["moved_share"] == tables.moved
    null_is_exact(world)
    if balance == "ras":
        made = world.values("flow").sum(axis=1)
        assert np.allclose(made, economy.out, rtol=1e-6)


def test_split_countries_are_added_up(tmp_path):
    economy = layouts.Economy()
    rows = layouts.icio_rows(economy)
    text = [[str(cell).replace("ARG_", "CN1_").replace("BRA_", "CN2_") for cell in row]
            for row in rows]  # fmt: skip
    tables = read_icio(layouts.write(tmp_path / "2022.csv", text))
    assert tables.countries == ["CHN", "ROW"]
    merged = economy.flow[:2, :2].sum(axis=(0, 1))
    assert np.allclose(tables.flow[0, 0], merged)
    assert np.isclose(tables.flow.sum(), economy.flow.sum())
    assert "added up: CN1, CN2 to CHN" in tables.notes


def test_each_part_of_a_split_country_is_said_to_go_to_its_own(tmp_path):
    rows = layouts.icio_rows(layouts.Economy())
    for new, note in (
        (("CHN_", "MX1_"), "added up: MX1 to MEX"),
        (("CN2_", "MX1_"), "added up: CN2 to CHN; MX1 to MEX"),
    ):
        text = [[str(cell).replace("ARG_", new[0]).replace("BRA_", new[1]) for cell in row]
                for row in rows]  # fmt: skip
        tables = read_icio(layouts.write(tmp_path / "2022.csv", text))
        assert tables.countries == ["CHN", "MEX", "ROW"] and note in tables.notes


def test_empty_cells_sectors_and_countries(tmp_path):
    economy = layouts.Economy()
    for part in (economy.z, economy.f):
        part[:, 1, 2] = part[2, :] = 0  # ROW sells nothing
        part[:, :, 2] = 0  # and buys nothing
    economy.z[..., 2, :] = 0
    economy.out = economy.z.sum(axis=(2, 3)) + economy.f.sum(axis=(2, 3))
    economy.tls[2] = 0
    economy.va = economy.out - economy.z.sum(axis=(0, 1)) - economy.tls
    rows = layouts.icio_rows(economy)
    rows = [["" if cell == "0.0" else cell for cell in row] for row in rows]
    tables = read_icio(layouts.write(tmp_path / "2022_SML.csv", rows))
    assert tables.countries == ["ARG", "BRA"]
    assert any("left out: ROW" in note for note in tables.notes)
    assert any("empty cells count as zero" in note for note in tables.notes)
    assert make_imported(tables, "mine").check().countries == ["ARG", "BRA"]


def imported_notes(world):
    return world.meta["import"]["notes"]


def test_codes_without_a_name_are_said(tmp_path):
    text = [[str(cell).replace("ARG_", "ZZZ_") for cell in row]
            for row in layouts.icio_rows(layouts.Economy())]  # fmt: skip
    tables = read_icio(layouts.write(tmp_path / "2022_SML.csv", text))
    note = "1 country code that detente has no name for: ZZZ"
    assert note in imported_notes(make_imported(tables, "mine", trade_elasticity=5.0))
    text = [[cell.replace("BRA_", "Atlantis_") for cell in row] for row in text]
    tables = read_icio(layouts.write(tmp_path / "2022_SML.csv", text))
    note = "2 country codes that detente has no name for: ZZZ, Atlantis"
    assert note in imported_notes(make_imported(tables, "mine"))
    # ARG, BRA and a rest of the world have names.
    tables = read_icio(layouts.icio(tmp_path, layouts.Economy()))
    assert imported_notes(make_imported(tables, "mine", trade_elasticity=5.0)) == list(tables.notes)


def test_an_elasticity_that_nobody_gave_is_said(tmp_path):
    note = (
        "trade elasticity 4 in every sector, since none was given: --elasticity takes a number, "
        "or a CSV of sector and value"
    )
    tables = read_icio(layouts.icio(tmp_path, layouts.Economy()))
    world = make_imported(tables, "mine")
    assert note in imported_notes(world) and world.values("trade_elasticity").tolist() == [4, 4]
    assert note not in imported_notes(make_imported(tables, "mine", trade_elasticity=4.0))
    own = read_kite(layouts.kite(tmp_path, layouts.Economy()))
    assert note not in imported_notes(make_imported(own, "mine"))


def test_value_added_has_a_floor(tmp_path):
    economy = layouts.Economy()
    economy.z[0, 0, 0, 1] += economy.va[0, 1] + economy.tls[0, 1] + 5
    economy.out = economy.z.sum(axis=(2, 3)) + economy.f.sum(axis=(2, 3))
    economy.va = economy.out - economy.z.sum(axis=(0, 1)) - economy.tls
    assert economy.va[0, 1] + economy.tls[0, 1] < 0
    tables = read_icio(layouts.icio(tmp_path, economy))
    assert (tables.value_added > 0).all()
    assert any("ARG C10" in note and "scaled down" in note for note in tables.notes)
    null_is_exact(make_imported(tables, "mine"))


def test_what_nobody_buys_is_sold_at_home_and_inputs_stay_below_purchases(tmp_path):
    economy = layouts.Economy()
    # BRA A01 is small and has no buyers; ARG has no final use of A01, and inputs of it rise.
    economy.z[1, 0] = economy.f[1, 0] = economy.f[:, 0, 0] = 0
    economy.z[:, :, 1, 0] *= 0.001
    economy.va[1, 0], economy.tls[1, 0] = 0.05, 0.0
    economy.out = economy.z.sum(axis=(2, 3)) + economy.f.sum(axis=(2, 3))
    economy.va[[0, 2]] = (economy.out - economy.z.sum(axis=(0, 1)) - economy.tls)[[0, 2]]
    economy.va[1, 1] = (economy.out - economy.z.sum(axis=(0, 1)) - economy.tls)[1, 1]
    economy.va[0, 0] -= 0.5
    economy.out = economy_cost(economy)
    with_gaps = read_icio(layouts.icio(tmp_path, economy))
    text = " ".join(with_gaps.notes)
    assert "sold at home in 1 cells" in text and "inputs exceed purchases in 1 markets" in text
    bought = with_gaps.input_use.sum(axis=2) + with_gaps.final_use
    assert np.allclose(bought.sum(axis=0), economy_cost(economy).sum(axis=0), rtol=1e-9)
    world = make_imported(with_gaps, "mine")
    assert world.meta["balance"]["method"] == "ras"
    assert np.isclose(world.values("flow")[1, :, 0].sum(), economy_cost(economy)[1, 0], rtol=1e-8)
    null_is_exact(world)


def economy_cost(economy):
    return economy.z.sum(axis=(0, 1)) + economy.va + economy.tls


def test_kite_tariffs_are_multipliers(tmp_path):
    economy = layouts.Economy()
    tables = read_kite(layouts.kite(tmp_path, economy, rate=0.1))
    assert np.allclose(tables.flow, economy.flow)
    assert np.isclose(tables.tariff_rate[0, 1, 0], 0.1) and tables.tariff_rate[0, 0, 0] == 0
    world = make_imported(tables, "mine")
    assert world.values("trade_elasticity").tolist() == [6.0, 3.0]
    assert world.values("deficit").sum() == pytest.approx(0, abs=1e-9)
    null_is_exact(world)


def mat(folder, economy, transpose=False, inside=None, labels=True):
    h5py = pytest.importorskip("h5py", reason="skipped, since h5py is not installed")
    place = folder / "EMERGING_V2_2023_m.mat"
    csvs = layouts.emerging(folder, economy)
    z, _ = layouts.square(economy)
    f = np.loadtxt(csvs / "f.csv", delimiter=",")
    with h5py.File(place, "w") as stream:
        group = stream.create_group(inside) if inside else stream
        # MATLAB writes columns first: HDF5 shows the transpose.
        group["z"] = z if transpose else z.T
        group["f"] = f.T
        group["va"] = (economy.va + economy.tls).reshape(-1, 1)
        if labels:
            for name, words in (
                ("country_list", layouts.COUNTRIES),
                ("sector_list", layouts.SECTORS),
            ):
                refs = np.empty((1, len(words)), dtype=h5py.ref_dtype)
                for i, word in enumerate(words):
                    letters = np.array([[ord(letter)] for letter in word], dtype=np.uint16)
                    refs[0, i] = stream.create_dataset(f"#refs#/{name}{i}", data=letters).ref
                group.create_dataset(name, data=refs, dtype=h5py.ref_dtype)
        else:
            for name in ("countries.csv", "sectors.csv"):
                (folder / name).write_bytes((csvs / name).read_bytes())
    return place


@pytest.mark.parametrize("inside", [None, "EMERGING_V2_2023"])
@pytest.mark.parametrize("labels", [True, False])
def test_the_matlab_file_is_the_folder(inside, labels, tmp_path):
    economy = layouts.Economy()
    tables = read_emerging(mat(tmp_path, economy, inside=inside, labels=labels))
    assert tables.countries == list(layouts.COUNTRIES) and tables.year == 2023
    assert np.allclose(tables.flow, economy.flow) and np.allclose(tables.input_use, economy.use)


def test_a_transposed_matrix_is_refused(tmp_path):
    economy = layouts.Economy()
    with pytest.raises(dt.DetenteError, match="differ by"):
        read_emerging(mat(tmp_path, economy, transpose=True))


def test_without_h5py_the_way_out_is_named(tmp_path, monkeypatch):
    (tmp_path / "EMERGING_V2_2023_m.mat").write_bytes(b"MATLAB 7.3")
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(dt.DetenteError, match=r"pip install 'detente\[importers\]'"):
        read_emerging(tmp_path / "EMERGING_V2_2023_m.mat")
