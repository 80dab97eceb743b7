"""The political layers say what their sources say, and keep their labels and symmetries."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from detente.data.politics import SOVIET_SUCCESSORS, political_layers
from detente.data.recipes import blocs, sanctions, tables
from detente.data.recipes.codes import country_names
from detente.data.recipes.trade_agreements import compare_lists
from detente.errors import MissingDataError
from detente.vocabulary import terms

RAW = Path(os.environ.get("DETENTE_RAW", Path(__file__).parents[3] / "shared" / "data"))
needs_raw = pytest.mark.skipif(
    not (RAW / "blocs_handcoded").is_dir(), reason="raw tables absent (set DETENTE_RAW)"
)


MEMBERS = {
    "ARAB_LEAGUE": 21,
    "ASEAN": 11,
    "AUKUS": 3,
    "BRICS": 10,
    "CPTPP": 12,
    "CSTO": 6,
    "EAEU": 5,
    "EASTERN_EUROPE": 13,
    "EAST_ASIA": 8,
    "EFTA": 3,
    "EU": 27,
    "FIVE_EYES": 5,
    "G7": 7,
    "G20": 19,
    "GCC": 6,
    "MAJOR_POWERS": 7,
    "MERCOSUR": 5,
    "MIDDLE_EAST": 15,
    "OPEC": 12,
    "QUAD": 4,
    "RCEP": 14,
    "RUSSIA_NEIGHBOURS": 18,
    "SCO": 10,
    "USMCA": 3,
    "WORLD": 197,
}


@pytest.fixture(scope="module")
def built() -> tuple[xr.Dataset, dict[str, tuple[str, ...]]]:
    names = pd.read_csv(RAW / "baci2023/countries.csv", keep_default_na=False).iso3
    return political_layers(RAW, sorted({*names, "TWN", "PRK", "CUB"}))


@pytest.fixture(scope="module")
def layers(built) -> xr.Dataset:
    return built[0]


@pytest.fixture(scope="module")
def groups(built) -> dict[str, tuple[str, ...]]:
    return built[1]


def cell(layers: xr.Dataset, name: str, origin: str, destination: str) -> float:
    return layers[name].sel(origin=origin, destination=destination).item()


@needs_raw
def test_every_layer_is_in_the_vocabulary_with_source_and_note(layers):
    known = terms("layer")
    for name, layer in layers.data_vars.items():
        assert known[name].dims == layer.dims, name
        assert layer.attrs["unit"] == known[name].unit
        for key in ("vintage", "source", "note"):
            assert layer.attrs[key], f"{name} has no {key}"


@needs_raw
def test_values_keep_the_bounds_of_the_vocabulary(layers):
    for name, layer in layers.data_vars.items():
        values = layer.values.astype(float)
        values = values[~np.isnan(values)]
        rule = terms("layer")[name]
        assert rule.lower <= values.min() and values.max() <= rule.upper, name
        if rule.values:
            assert set(values) <= {float(value) for value in rule.values.values()}, name


@needs_raw
def test_symmetric_layers_are_symmetric(layers):
    for name, layer in layers.data_vars.items():
        if terms("layer")[name].symmetric:
            # equal_nan: a pair unknown in one direction must be unknown in the other
            assert np.array_equal(
                layer.values.astype(float), layer.values.T.astype(float), equal_nan=True
            ), name


@needs_raw
def test_nato_is_496_pairs_in_both_directions(layers, groups):
    inside = list(groups["NATO"])
    pact = layers.defence_pact.sel(origin=inside, destination=inside).values
    assert len(inside) == 32
    assert pact.sum() == 2 * 496
    assert np.trace(pact) == 0


@needs_raw
def test_one_sided_pacts_stand_in_the_row_of_the_guarantor(layers):
    assert cell(layers, "defence_pact", "USA", "JPN") == 1
    assert cell(layers, "defence_pact", "JPN", "USA") == 0
    assert cell(layers, "alliance", "USA", "JPN") & blocs.DEFEND
    assert cell(layers, "alliance", "JPN", "USA") & blocs.DEFENDED
    assert cell(layers, "defence_pact", "FRA", "DJI") == 1
    assert cell(layers, "defence_pact", "DJI", "FRA") == 0
    assert cell(layers, "defence_pact", "USA", "TWN") == 0


@needs_raw
def test_alliance_mask_mirrors_between_the_two_directions(layers):
    mask = layers.alliance.values.astype(int)
    back = ((mask & 0b010101) << 1) | ((mask & 0b101010) >> 1)
    assert np.array_equal(back, mask.T)
    assert np.array_equal(mask & 1, layers.defence_pact.values)
    assert cell(layers, "alliance", "CHN", "RUS") == (
        blocs.CONSULT | blocs.CONSULTED | blocs.PEACE | blocs.PEACE_BACK
    )


@needs_raw
def test_pacts_not_in_force_at_the_end_of_2025_are_left_out(layers):
    # Nancy treaty: January 2026; Pukpuk treaty: not ratified; Kensington treaty: not in force
    assert cell(layers, "alliance", "AUS", "PNG") & blocs.DEFEND == 0
    assert cell(layers, "defence_pact", "RUS", "PRK") == 1


@needs_raw
def test_reliability_is_one_as_written_and_unknown_without_a_pact(layers):
    reliability = layers.alliance_reliability.values
    assert np.array_equal(~np.isnan(reliability), layers.defence_pact.values == 1)
    assert np.nanmin(reliability) == np.nanmax(reliability) == 1


@needs_raw
@pytest.mark.parametrize(
    ("group", "count"),
    list(MEMBERS.items()),
)
def test_groups_have_their_members(groups, group, count):
    assert len(groups[group]) == count
    assert list(groups[group]) == sorted(set(groups[group]))


@needs_raw
def test_membership_agrees_with_the_groups(layers, groups):
    for name in layers.organisation.values:
        column = layers.membership.sel(organisation=name)
        assert tuple(column.country.values[column.values == 1]) == groups[name]
    assert layers.eu_42_7.values.sum() == 27 * 26


@needs_raw
def test_the_two_lists_of_members_agree():
    table = compare_lists(RAW)
    assert len(table) == 10
    odd = table[(table.only_blocs != "") | (table.only_agreements != "")]
    assert odd.empty, odd.to_string()


@needs_raw
def test_sanction_levels_follow_the_rule(layers, groups):
    assert cell(layers, "sanction_trade", "USA", "CUB") == sanctions.COMPLETE
    assert cell(layers, "sanction_trade", "CUB", "USA") == 0
    assert cell(layers, "sanction_trade", "USA", "RUS") == sanctions.BROAD
    assert cell(layers, "sanction_trade", "SGP", "RUS") == sanctions.BROAD
    assert cell(layers, "sanction_trade", "UKR", "RUS") == sanctions.COMPLETE
    assert cell(layers, "sanction_trade", "RUS", "UKR") == sanctions.COMPLETE
    assert cell(layers, "sanction_trade", "CHN", "RUS") == 0
    # 44 senders in the source, less Liechtenstein, which is part of Switzerland in the data
    assert len(groups["RUSSIA_SANCTIONERS"]) == 43
    assert set(groups["EU"]) < set(groups["RUSSIA_SANCTIONERS"])


@needs_raw
def test_only_russia_is_under_broad_sanctions(layers):
    broad = layers.sanction_trade == sanctions.BROAD
    assert set(layers.destination.values[broad.any("origin").values]) == {"RUS"}


@needs_raw
def test_confidence_covers_exactly_the_sanctioned_pairs(layers):
    kinds = ("sanction_trade", "sanction_financial", "sanction_arms", "sanction_travel")
    some = np.maximum.reduce([layers[kind].values for kind in kinds]) > 0
    assert np.array_equal(some, layers.sanction_confidence.values > 0)


@needs_raw
def test_neighbours_of_russia_are_its_land_neighbours_and_the_successor_states(layers, groups):
    near = set(groups["RUSSIA_NEIGHBOURS"])
    assert near >= SOVIET_SUCCESSORS
    assert near - SOVIET_SUCCESSORS == {"CHN", "FIN", "MNG", "NOR"}


@needs_raw
def test_ideal_points_are_those_of_2024(layers):
    point = layers.ideal_point.to_series()
    assert point["USA"] == pytest.approx(2.21, abs=0.005)
    assert point["RUS"] == pytest.approx(-0.60, abs=0.005)
    assert point["DEU"] == pytest.approx(1.24, abs=0.005)
    known = layers.ideal_point.notnull()
    assert int(known.sum()) == 183
    assert bool((layers.ideal_point_p05 < layers.ideal_point_p95)[known].all())
    assert np.isnan(point["TWN"])


@needs_raw
def test_votes_are_pooled_by_common_votes(layers):
    table = pd.read_parquet(RAW / "unga_votes/agreement_dyad_year.parquet")
    pair = table[(table.iso3_a == "RUS") & (table.iso3_b == "USA")].set_index("year")
    pooled = pair.loc[[2021, 2022, 2023]]
    by_hand = np.average(pooled.agree.astype(float), weights=pooled.n_common)
    assert cell(layers, "un_agreement", "RUS", "USA") == pytest.approx(by_hand, rel=1e-12)
    assert cell(layers, "un_agreement_2025", "RUS", "USA") == pytest.approx(0.19, abs=0.005)
    assert cell(layers, "un_agreement_2025", "DEU", "USA") == pytest.approx(0.25, abs=0.005)
    assert cell(layers, "un_agreement", "USA", "USA") == 1
    assert np.isnan(cell(layers, "un_agreement", "TWN", "TWN"))


@needs_raw
def test_states_and_their_means(layers):
    assert float(layers.warheads.sum()) == 9604
    assert int((layers.warheads > 0).sum()) == 9
    assert float(layers.polyarchy.sel(country="USA")) == pytest.approx(0.735)
    assert cell(layers, "troops", "USA", "JPN") == 55154
    assert cell(layers, "troops", "USA", "FRA") > 0
    assert np.isnan(cell(layers, "troops", "USA", "IRQ"))
    assert np.isnan(cell(layers, "troops", "RUS", "BLR"))


@needs_raw
def test_distances_and_borders(layers):
    assert cell(layers, "distance_capital", "FRA", "GBR") == pytest.approx(342, abs=1)
    assert cell(layers, "distance_min", "RUS", "USA") == pytest.approx(85, abs=1)
    assert cell(layers, "land_border", "CAN", "USA") == 1
    assert cell(layers, "land_border", "FRA", "GBR") == 0
    assert layers.distance_min.notnull().all()


@needs_raw
def test_output_and_population_are_known_for_all(layers):
    assert layers.gdp.notnull().all() and layers.population.notnull().all()
    assert float(layers.gdp.sel(country="RUS")) == pytest.approx(2.05e6, rel=0.05)
    late = layers.gdp_year.to_series()
    assert set(late[late != 2023].index) == {"CUB", "ERI", "SSD", "SYR", "YEM"}
    assert float(layers.population.sum()) == pytest.approx(8.13e9, rel=0.01)


@needs_raw
def test_trade_agreements(layers):
    assert cell(layers, "trade_agreement", "CAN", "USA") == 1
    assert cell(layers, "trade_agreement", "DEU", "NOR") == 1
    assert cell(layers, "trade_agreement", "DEU", "TUR") == 1
    assert cell(layers, "trade_agreement", "RUS", "KAZ") == 1
    assert cell(layers, "trade_agreement", "RUS", "UKR") == 0
    assert cell(layers, "trade_agreement", "DEU", "USA") == 0
    assert cell(layers, "trade_agreement", "CHN", "USA") == 0


@needs_raw
def test_order_of_countries_permutes_the_layers(layers):
    few = ["USA", "RUS", "DEU", "CHN", "CUB"]
    small, _ = political_layers(RAW, few)
    for name in small.data_vars:
        dims = {d: few for d in ("country", "origin", "destination") if d in small[name].dims}
        if name != "membership":
            xr.testing.assert_equal(small[name], layers[name].sel(dims))


@needs_raw
def test_names_are_readable():
    names = country_names(RAW)
    assert names["TUR"] == "Türkiye" and names["NAM"] == "Namibia" and names["TWN"] == "Taiwan"


def test_missing_raw_table_is_named(tmp_path):
    with pytest.raises(MissingDataError, match=r"nuclear/warheads\.parquet") as caught:
        tables.read_table(tmp_path, "nuclear/warheads.parquet")
    assert caught.value.exit_code == 4


def test_pair_grid_refuses_a_pair_given_twice():
    rows = pd.DataFrame({"a": ["X", "X"], "b": ["Y", "Y"], "v": [1.0, 2.0]})
    with pytest.raises(ValueError, match="more than one v"):
        tables.pair_grid(rows, ("a", "b"), "v", ["X", "Y"])


def test_country_vector_leaves_unknown_countries_unknown():
    vector = tables.country_vector(pd.Series({"B": 2.0, "Z": 9.0}), ["A", "B"])
    assert np.isnan(vector[0]) and vector[1] == 2


def test_flags_refuse_missing_and_broken_values():
    for bad in (np.nan, -1.0, 256.0, 0.5):
        with pytest.raises(ValueError, match="whole numbers"):
            tables.flags(xr.DataArray([bad], name="x"))


def test_significant_rounds_to_digits_and_keeps_signs():
    rounded = tables.significant(np.array([123456.789, -0.00123456789, 0.0]), 3)
    assert rounded.tolist() == [123000.0, -0.00123, 0.0]
