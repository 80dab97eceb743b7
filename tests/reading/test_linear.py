"""First-order exposures and previews: equal to the derivative of the exact solution."""

from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

import detente as dt
from detente.errors import DataError, ScenarioError
from detente.models import trade, trade_linear, trade_measures, trade_world
from detente.runs import lift
from economies import COUNTRIES, economy, scenario, tariff

OPTIONS = lift._options()
SHOCKS = ("productivity", "tariff", "tariff_faced", "trade_cost", "import_cost", "export_cost")


@cache
def world():
    return economy(3, closed=False)


@cache
def line(variable="real_income", deficits="fixed", horizon="long"):
    return dt.reading.linearise(world(), variable, deficits, horizon)


def tables(shock: str, place: int, size: float) -> tuple[np.ndarray, np.ndarray]:
    """Return log costs and log tariffs [s, o, d] of a shock in one country."""
    cost, tau = np.zeros((2, 2, 4, 4))
    if shock == "productivity":
        cost[:, place, :] = -size
    if shock in ("trade_cost", "export_cost"):
        cost[:, place, :] = size
    if shock in ("trade_cost", "import_cost"):
        cost[:, :, place] = size
    if shock == "tariff":
        tau[:, :, place] = size
    if shock == "tariff_faced":
        tau[:, place, :] = size
    if shock != "productivity":
        cost[:, place, place] = tau[:, place, place] = 0
    return cost, tau


@cache
def solver(variable: str, rule: str, specific: bool):
    frame = line(variable, rule, "short" if specific else "long").frame
    first = trade.at_base(frame.base, None, specific)

    def exact(cost, tau):
        change = trade_linear.every_pair(frame.base, cost, tau)
        found = trade.solve(frame.base, change, frame.theta, rule, 1e-14, first, frame.aids)
        every = trade_measures.measures(frame.base, change, found, frame.goods, frame.aids)
        return every.country[variable]

    return jax.jit(exact, compiler_options=OPTIONS)


def richardson(change) -> np.ndarray:
    """Return the derivative at nothing by central differences, extrapolated twice."""
    step = 0.02
    rows = [np.asarray((change(h) - change(-h)) / (2 * h)) for h in (step, step / 2, step / 4)]
    finer = [(4 * rows[k + 1] - rows[k]) / 3 for k in range(2)]
    return (16 * finer[1] - finer[0]) / 15


@pytest.mark.parametrize(
    ("variable", "rule", "horizon"),
    [
        ("real_income", "fixed", "long"),
        ("exports", "zero", "long"),
        ("real_wage", "own_share", "short"),
    ],
)
def test_exposures_are_derivatives_of_the_exact_solution(variable, rule, horizon):
    """Along one random mix of countries for each shock, so that every column counts."""
    exact = solver(variable, rule, horizon == "short")
    rng = np.random.default_rng(7)
    for shock in SHOCKS:
        weights = rng.uniform(-1, 1, len(COUNTRIES))
        each = [tables(shock, place, weight) for place, weight in enumerate(weights)]
        cost, tau = (sum(parts) for parts in zip(*each, strict=True))

        def change(size, cost=cost, tau=tau):
            return exact(jnp.asarray(size * cost), jnp.asarray(size * tau))

        found = line(variable, rule, horizon).exposure(shock).to_numpy() @ weights
        np.testing.assert_allclose(found, richardson(change), atol=1e-8)


def closed_form(base, theta: float) -> tuple[np.ndarray, np.ndarray]:
    """Return W and U of Kleinman, Liu and Redding (2024), from shares alone."""
    share = np.asarray(base.share)[0].T  # S[n, i]: importer n's share on i
    income = np.asarray(base.value_added)
    sales = share * income[:, None]
    from_ = sales.T / income[:, None]  # T[i, n]: share of i's income from n
    one, world = np.eye(len(income)), np.tile(income, (len(income), 1))
    m = from_ @ share - one
    v = (from_ + theta * from_ @ share) / (theta + 1) - world
    wage = -(theta / (theta + 1)) * np.linalg.solve(one - v, m)
    return wage, (one - share) @ wage + share


def balanced() -> dt.World:
    """Return a world of one sector, without inputs, tariffs or deficits."""
    return economy(5, sectors=["all"], inputs=False, tariffs=False)


@cache
def simple(variable):
    return dt.reading.linearise(balanced(), variable)


def test_one_sector_exposures_equal_the_closed_form():
    found = simple("wage")
    base, theta = found.frame.base, float(found.frame.theta[0])
    assert np.abs(np.asarray(base.deficit)).max() < 1e-12
    wage, real = closed_form(base, theta)
    np.testing.assert_allclose(found.exposure("productivity"), wage, atol=1e-10)
    real_income = dt.reading.exposure(simple("real_income"))
    np.testing.assert_allclose(real_income, real, atol=1e-10)


def test_productivity_everywhere_raises_every_real_income_alike_without_deficits():
    found = line("real_income", "zero").exposure("productivity")
    # Without inputs one for one; with them every round of inputs adds to it.
    assert (found.sum(axis=1) > 1).all()
    alone = simple("real_income").exposure("productivity")
    np.testing.assert_allclose(alone.sum(axis=1), 1.0, atol=1e-10)


def test_costs_are_those_of_imports_and_of_exports():
    both = line().exposure("import_cost") + line().exposure("export_cost")
    pd.testing.assert_frame_equal(line().exposure("trade_cost"), both)


def test_sectors_add_up():
    parts = sum(line().exposure("productivity", one) for one in world().sectors)
    np.testing.assert_allclose(parts, line().exposure("productivity"), atol=1e-14)


# ---- previews

EDITS = (
    tariff("MEX", "USA", 0.1),
    {"layer": "trade_cost", "where": {"origin": "RUS", "destination": "CAN"}, "multiply": 1.1},
    {"layer": "sanction_trade", "where": {"origin": "USA", "destination": "RUS"}, "set": 1},
    {"layer": "trade_agreement", "where": {"origin": "CAN", "destination": "MEX"}, "set": 1},
    {"layer": "deficit", "where": {"country": "USA"}, "multiply": 0.9},
    {"layer": "export_tax", "where": {"origin": "MEX", "destination": "CAN"}, "set": 0.1},
)

BAN = {"layer": "export_ban", "where": {"origin": "RUS", "destination": "USA"}, "set": 1}


def direction(edits, variable, rule):
    """Return the derivative of the exact solution along a scenario, by differences."""
    place = line(variable, rule)
    edited = scenario(*edits).apply(world())
    policy = jax.device_put(trade_world.policy(world(), edited))
    engine = place.engine
    from detente.ensemble import ensemble_for
    from detente.runs.edited import senders

    row = ensemble_for(world(), senders(world(), [edited]), "long").medians()
    whole = trade_world.resolve(policy, engine.parameters(row))
    frame = place.frame

    @partial(jax.jit, compiler_options=OPTIONS)
    def exact(part):
        some = trade_linear.towards(whole, frame.base, part)
        first = trade.at_base(frame.base, some.border)
        found = trade.solve(frame.base, some, frame.theta, rule, 1e-14, first, frame.aids)
        every = trade_measures.measures(frame.base, some, found, frame.goods, frame.aids)
        return every.country[variable]

    return richardson(lambda size: exact(jnp.asarray(size)))


def test_a_preview_is_the_derivative_along_the_scenario():
    """A ban counts as the loss of its base flow: it begins like the others, and has no kink."""
    found = line().preview(scenario(*EDITS, BAN))
    wanted = 100 * direction((*EDITS, BAN), "real_income", "fixed")
    np.testing.assert_allclose(found["first_order"], wanted, atol=1e-6)
    alone = line().preview(scenario(BAN)).set_index("iso3")["first_order"]
    assert alone["CAN"] < 0


def test_previews_of_scenarios_of_disjoint_edits_add_up():
    both = line().preview(scenario(*EDITS[:2]))["first_order"]
    each = [line().preview(scenario(edit))["first_order"] for edit in EDITS[:2]]
    np.testing.assert_allclose(both, sum(each), atol=1e-12)


def test_the_gap_to_the_exact_answer_grows_with_the_square_of_the_change():
    gaps = []
    for points in (0.002, 0.004):
        found = line().preview(scenario(tariff("MEX", "USA", points)), exact=True)
        assert (found["gap"] - (found["first_order"] - found["exact"])).abs().max() == 0
        gaps.append(found["gap"].abs().max())
    assert 3.8 < gaps[1] / gaps[0] < 4.2


def test_an_empty_preview_is_zero_and_countries_are_chosen():
    nothing = scenario({"layer": "tariff_rate", "where": {}, "multiply": 1.0})
    found = dt.reading.preview(line(), nothing, countries=["USA", "CAN"], exact=True)
    assert list(found["iso3"]) == ["CAN", "USA"]
    assert found[["first_order", "exact"]].abs().max(axis=None) < 1e-10


def test_previews_without_a_linearisation_make_one():
    asked = scenario(EDITS[0], deficits="zero")
    alone = dt.reading.preview(world(), asked)
    made = line(deficits="zero").preview(asked)
    pd.testing.assert_frame_equal(alone, made)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (
            {"layer": "quota", "where": {"origin": "RUS", "destination": "CAN"}, "set": 0.5},
            "quotas",
        ),
        ({"layer": "compensation", "where": {"country": ["CAN", "USA"]}, "set": 1}, "a pool"),
    ],
)
def test_what_has_no_first_order_is_refused(edit, words):
    with pytest.raises(ScenarioError, match=f"{words}.* use detente.run"):
        line().preview(scenario(edit))


def test_unknown_names_are_refused_with_the_nearest():
    with pytest.raises(ScenarioError, match="productivity"):
        line().exposure("productivty")
    with pytest.raises(ScenarioError, match="real_wage"):
        dt.reading.linearise(world(), "real_wages")
    with pytest.raises(ScenarioError, match="food"):
        line().exposure("tariff", "foods")
    with pytest.raises(ScenarioError, match="horizon"):
        dt.reading.linearise(world(), horizon="middle")


@pytest.mark.parametrize(
    "other", [{"variable": "real_wage"}, {"deficits": "zero"}, {"horizon": "short"}]
)
def test_a_linearisation_answers_for_nothing_else(other):
    ((name, word),) = other.items()
    with pytest.raises(ScenarioError, match=f"of {name} '.*', not '{word}'"):
        dt.reading.preview(line(), scenario(EDITS[0]), **other)
    same = {"variable": "real_income", "deficits": "fixed", "horizon": "long"}
    found = [dt.reading.preview(line(), scenario(EDITS[0]), **more) for more in (same, {})]
    pd.testing.assert_frame_equal(*found)


def test_a_linearisation_is_kept_and_read_again(tmp_path):
    first = dt.reading.linearise(world(), keep=tmp_path)
    (file,) = tmp_path.iterdir()
    stamp = file.stat().st_mtime_ns
    again = dt.reading.linearise(world(), keep=tmp_path)
    assert file.stat().st_mtime_ns == stamp and first.residual == again.residual
    edit = scenario(tariff("MEX", "USA", 0.1))
    pd.testing.assert_frame_equal(first.preview(edit), again.preview(edit))
    pd.testing.assert_frame_equal(first.exposure("tariff"), again.exposure("tariff"))
    # Another world has a file of its own.
    dt.reading.linearise(economy(4, closed=False), keep=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_damaged_file_of_a_linearisation_is_named(tmp_path):
    dt.reading.linearise(world(), keep=tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(DataError, match="is damaged"):
        dt.reading.linearise(world(), keep=tmp_path)
