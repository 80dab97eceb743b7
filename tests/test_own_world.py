"""A user's own tables: what they become, and what is refused."""

import numpy as np
import pandas as pd
import pytest

import detente as dt
from detente.accounts import accounts
from detente.errors import WorldError

PLACES = ("Atlantis", "Borduria", "Syldavia")
SECTORS = ("goods", "other things")


def flows(sectors=SECTORS):
    rng = np.random.default_rng(7)
    rows = [
        (o, d, s, float(rng.uniform(5, 20) * (12 if o == d else 1)))
        for o in PLACES
        for d in PLACES
        for s in sectors
    ]
    return pd.DataFrame(rows, columns=["origin", "destination", "sector", "value"])


def full_tables():
    """Return tables with inputs and tariffs that add up exactly."""
    flow = flows()
    tariff = flow.copy()
    tariff["value"] = np.where(tariff.origin == tariff.destination, 0.0, 0.1)
    sales = flow.groupby(["origin", "sector"])["value"].sum()
    use = pd.DataFrame(
        [(c, r, s, 0.2 * sales[c, s]) for c in PLACES for r in SECTORS for s in SECTORS],
        columns=["country", "supplying_sector", "using_sector", "value"],
    )
    added = sales.mul(0.6).rename("value").reset_index().rename(columns={"origin": "country"})
    paid = flow.assign(value=flow["value"] * (1 + tariff["value"]))
    bought = paid.groupby(["destination", "sector"])["value"].sum()
    final = pd.DataFrame(
        [
            (c, r, bought[c, r] - sum(0.2 * sales[c, s] for s in SECTORS))
            for c in PLACES
            for r in SECTORS
        ],
        columns=["country", "sector", "value"],
    )
    return {"flows": flow, "input_use": use, "value_added": added, "final_use": final,
            "tariff_rate": tariff}  # fmt: skip


def tariff_on(origin, destination, rate=0.2):
    edit = dt.Edit(
        layer="tariff_rate", where={"origin": origin, "destination": destination}, add=rate
    )
    return dt.Scenario(name="tariff", edits=[edit])


def test_flows_alone_are_the_armington_model():
    world = dt.world_from_tables(flows(), trade_elasticity=5.0, name="tiny")
    assert world.countries == list(PLACES) and world.sectors == list(SECTORS)
    assert (world.values("input_share") == 0).all()
    outcome = dt.run(world, tariff_on("Syldavia", "Atlantis"), draws=0, deficits="zero")
    table = outcome.table("real_wage")
    assert set(table["iso3"]) == set(PLACES)
    assert table.set_index("iso3").loc["Syldavia", "median"] < 0
    assert len(outcome.flows()) == len(PLACES) ** 2 * len(SECTORS)


def test_one_sector_needs_no_sector_column():
    one = flows(("x",)).drop(columns="sector")
    world = dt.world_from_tables(one, tariff_rate=one.assign(value=0.0), name="one")
    assert world.sectors == ["total"]


def test_all_tables_give_the_same_accounts():
    given = full_tables()
    world = dt.world_from_tables(**given, name="full")
    sums = accounts(world.values("flow"), world.values("tariff_rate"), world.values("input_share"))
    stated = given["final_use"].set_index(["country", "sector"])["value"]
    mine = pd.DataFrame(sums.final_use, index=world.countries, columns=world.sectors).stack()
    assert np.allclose(mine.to_numpy(), stated.reindex(mine.index).to_numpy())
    deficits = pd.DataFrame({"country": world.countries, "value": sums.deficit})
    assert dt.world_from_tables(**given, deficits=deficits).digest == world.digest


def test_the_null_scenario_changes_nothing():
    world = dt.world_from_tables(**full_tables())
    nothing = dt.Scenario(name="null", edits=[dt.Edit(layer="trade_cost", multiply=1.0)])
    outcome = dt.run(world, nothing, draws=0)
    assert max(float(np.abs(outcome.data[v]).max()) for v in outcome.data.data_vars) <= 1e-12


def test_unbalanced_tables_are_refused_with_the_largest_cells_named():
    given = full_tables()
    given["value_added"] = given["value_added"].copy()
    given["value_added"].loc[0, "value"] *= 1.5
    with pytest.raises(WorldError, match=r"sales differ from input_use plus value_added.*Atlantis"):
        dt.world_from_tables(**given)


@pytest.mark.parametrize("method", ["ras", "model", True])
def test_unbalanced_tables_are_balanced_on_request(method):
    given = full_tables()
    given["value_added"] = given["value_added"].copy()
    given["value_added"]["value"] *= np.linspace(0.97, 1.04, 6)
    world = dt.world_from_tables(**given, balance=method)
    report = world.meta["balance"]
    assert 0 < report["value_moved_share"] < 0.2 and report["largest"]
    assert (world.layers["flow_status"].values[world.values("flow") > 0] == 3).all()
    sums = accounts(world.values("flow"), world.values("tariff_rate"), world.values("input_share"))
    assert abs(sums.deficit.sum()) < 1e-8 * sums.value_added.sum()
    if method != "model":
        stated = given["value_added"].set_index(["country", "sector"])["value"]
        mine = pd.DataFrame(sums.value_added_share * sums.output, world.countries, world.sectors)
        assert np.allclose(mine.stack().to_numpy(), stated.to_numpy(), rtol=1e-6)


def test_ras_meets_stated_deficits():
    flow = flows(("x",))
    deficits = pd.DataFrame({"country": PLACES, "value": [4.0, -1.0, -3.0]})
    with pytest.raises(WorldError, match="deficits differ from spending"):
        dt.world_from_tables(flow, deficits=deficits)
    world = dt.world_from_tables(flow, deficits=deficits, balance="ras")
    assert np.allclose(world.values("deficit"), [4.0, -1.0, -3.0], atol=1e-5)


def test_input_use_beyond_purchases_is_solved_for_and_said(caplog):
    given = full_tables()
    del given["final_use"]
    # One country buys hardly any of a good that it uses as an input.
    flow = given["flows"]
    buys = (flow.destination == "Borduria") & (flow.sector == "goods")
    flow.loc[buys, "value"] *= 0.05
    sales = flow.groupby(["origin", "sector"])["value"].sum()
    use = given["input_use"]
    use["value"] = [
        0.2 * sales[c, s] for c, s in zip(use["country"], use["using_sector"], strict=True)
    ]
    given["value_added"]["value"] = 0.6 * sales.to_numpy()
    world = dt.world_from_tables(**given)
    assert "input use exceeds purchases" in caplog.text
    assert world.meta["balance"]["negative_final_uses_set_to_zero"] >= 1


def wrong(**changes):
    given = full_tables()
    for key, change in changes.items():
        table = given[key].copy()
        change(table)
        given[key] = table
    return given


def put(column, row, value):
    def change(table):
        table[column] = table[column].astype(object)
        table.loc[row, column] = value

    return change


BAD = {
    "missing value": (wrong(flows=put("value", 3, float("nan"))), "flows, row 3: value is nan"),
    "text": (wrong(flows=put("value", 2, "ten")), "flows, row 2: value is 'ten'"),
    "negative": (wrong(flows=put("value", 1, -4.0)), "flows, row 1: .* is -4"),
    "infinite": (wrong(flows=put("value", 1, float("inf"))), "not a finite number"),
    "label": (wrong(input_use=put("country", 0, "Atlantida")), "did you mean Atlantis"),
    "blank": (wrong(flows=put("origin", 1, " ")), "flows, row 1: origin ' ' is blank"),
    "spaced": (wrong(flows=put("sector", 2, "goods ")), "row 2: sector 'goods ' begins or ends"),
    "group": (wrong(value_added=put("country", 0, "@EU")), "value_added, row 0: .* begins with @"),
    "no label": (wrong(flows=put("origin", 0, None)), "origin is missing"),
    "tariff": (wrong(tariff_rate=put("value", 2, -1.0)), "must be greater than -1"),
    "own tariff": (wrong(tariff_rate=put("value", 0, 0.3)), "tariff on its own sales"),
    "twice": (wrong(flows=put("destination", 2, "Atlantis")), "occurs twice"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_wrong_table_is_named_with_its_row(fault):
    given, message = BAD[fault]
    with pytest.raises(WorldError, match=message):
        dt.world_from_tables(**given)


@pytest.mark.parametrize("theta", [0.0, -1.0, float("nan"), "4", True, None])
def test_wrong_elasticities_are_refused(theta):
    with pytest.raises(WorldError, match="trade_elasticity"):
        dt.world_from_tables(flows(), trade_elasticity=theta)


def test_elasticities_by_sector_must_name_every_sector():
    table = pd.DataFrame({"sector": ["goods"], "value": [4.0]})
    with pytest.raises(WorldError, match="no row for sector other things"):
        dt.world_from_tables(flows(), trade_elasticity=table)


def test_other_mistakes_are_named():
    with pytest.raises(WorldError, match="must be a pandas DataFrame, not list"):
        dt.world_from_tables([1, 2])
    with pytest.raises(WorldError, match="no column 'value'"):
        dt.world_from_tables(flows().rename(columns={"value": "amount"}))
    with pytest.raises(WorldError, match="has no rows"):
        dt.world_from_tables(flows().iloc[:0])
    abroad = flows()
    with pytest.raises(WorldError, match="no domestic sales"):
        dt.world_from_tables(abroad[abroad.origin != abroad.destination])
    with pytest.raises(WorldError, match="unknown balance"):
        dt.world_from_tables(flows(), balance="rass")
    with pytest.raises(WorldError, match="without input_use all sales are value added"):
        dt.world_from_tables(flows(), value_added=full_tables()["value_added"])


def test_a_world_of_ones_own_is_stored_and_read_back(tmp_path):
    world = dt.world_from_tables(**full_tables(), name="mine")
    path = dt.save_world(world, tmp_path / "mine.dworld")
    again = dt.load_world(path)
    assert again.digest == world.digest and again.name == "mine"
    assert dt.save_world(again, tmp_path / "again.dworld").read_bytes() == path.read_bytes()


def test_a_world_of_one_country_is_refused():
    one = pd.DataFrame([("A", "A", 1.0)], columns=["origin", "destination", "value"])
    with pytest.raises(WorldError, match="one country only, A: a world needs at least two"):
        dt.world_from_tables(one)


def test_a_country_need_not_sell_at_home_in_every_sector():
    some = flows()
    none = (some.origin == "Atlantis") & (some.destination == "Atlantis") & (some.sector == "goods")
    world = dt.world_from_tables(some[~none], trade_elasticity=5.0)
    outcome = dt.run(world, tariff_on("Borduria", "Atlantis"), draws=0)
    assert np.isfinite(outcome.table("real_income")["median"]).all()


def test_a_misspelt_column_is_named_as_it_stands():
    with pytest.raises(WorldError, match="it has 'vlaue': rename it to 'value'"):
        dt.world_from_tables(flows().rename(columns={"value": "vlaue"}))


@pytest.mark.parametrize("name", ["Österreich 2023", "a.b-c_d", "x" * 64])
def test_a_name_that_can_be_shown_and_name_a_file_is_kept(name):
    assert dt.world_from_tables(flows(), name=name).name == name


@pytest.mark.parametrize(
    "name", ["", " ", "a\n", "a\x00b", "a/b", "a\\b", "a:b", "..", ".a", "a ", "x" * 65, 3, None]
)
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(WorldError, match="is no name of a world: it takes 1 to 64 printable"):
        dt.world_from_tables(flows(), name=name)
