"""Tiny worlds of fixed shape, and hypothesis strategies that draw worlds and scenarios."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from detente.vocabulary import terms
from detente.world import World, make_world

COUNTRIES = ["CAN", "MEX", "RUS", "USA"]
SECTORS = ["food", "metals"]
NAMED = ["CAN", "CHN", "DEU", "GBR", "MEX", "NOR", "RUS", "USA"]
NAMES = {
    "CAN": "Canada", "CHN": "China", "DEU": "Germany", "GBR": "United Kingdom", "MEX": "Mexico",
    "NOR": "Norway", "RUS": "Russia", "USA": "United States",
}  # fmt: skip
GROUPS = {
    "EU": ("DEU",),
    "NATO": ("CAN", "DEU", "GBR", "NOR", "USA"),
    "USMCA": ("CAN", "MEX", "USA"),
}
TARIFF = 0.05


def build(
    countries: list[str], seed: int = 0, name: str = "tiny", political: bool = True, **more: Any
) -> World:
    """Make a world whose accounts close, with 2 sectors and random flows."""
    rng = np.random.default_rng(seed)
    count = len(countries)
    abroad = 1.0 - np.eye(count)
    flow = rng.uniform(1.0, 5.0, (count, count, 2)) + 60.0 * np.eye(count)[:, :, None]
    arrays = {
        "flow": flow,
        "tariff_rate": TARIFF * np.repeat(abroad[:, :, None], 2, axis=2),
        "input_share": np.full((count, 2, 2), 0.2),
        "trade_elasticity": np.array([4.0, 6.0]),
    }
    if political:
        arrays |= {
            "sanction_trade": np.zeros((count, count), np.uint8),
            "sanction_financial": np.zeros((count, count), np.uint8),
            "trade_agreement": np.zeros((count, count), np.uint8),
            "alliance_reliability": np.ones((count, count)),
            "ideal_point": np.where(np.arange(count) == 0, np.nan, 0.5),
            "warheads": np.full(count, 100.0),
        }
    return make_world(name, 2023, arrays, countries, SECTORS, **more)


def tiny_world(seed: int = 0) -> World:
    """Return 4 countries and 2 sectors, without groups of sectors."""
    return build(COUNTRIES, seed, groups={"USMCA": ("CAN", "MEX", "USA")})


def named_world() -> World:
    """Return 8 countries with names and groups, 2 sectors of which one is goods."""
    return build(
        NAMED,
        name="named",
        groups=GROUPS,
        sector_groups={"goods": ("food",), "services": ("metals",)},
        country_names=NAMES,
    )


worlds = st.integers(0, 2**32 - 1).map(tiny_world)
# Words that have meant trouble in one format or another.
LABELS = st.sampled_from(["up", "lift-sanctions", "NO", "null", "true", "1e3", "x.y", "07", "a_b"])
TEXT = st.text(min_size=1, max_size=40)


@st.composite
def edits(draw: st.DrawFn) -> dict[str, Any]:
    """Draw an edit that is right in a tiny world."""
    layer = draw(
        st.sampled_from(
            ["tariff_rate", "trade_cost", "export_ban", "sanction_trade", "trade_agreement"]
        )
    )
    rule = terms("layer")[layer]
    origin, destination = draw(st.permutations(COUNTRIES))[:2]
    where: dict[str, Any] = {
        "origin": origin,
        "destination": draw(st.sampled_from([destination, [destination, origin], "@WORLD"])),
    }
    if "sector" in rule.dims and draw(st.booleans()):
        where["sector"] = draw(st.sampled_from([*SECTORS, SECTORS]))
    edit: dict[str, Any] = {"layer": layer, "where": where}
    if rule.values:
        edit["set"] = draw(st.sampled_from(list(rule.values)))
    else:
        operation = draw(st.sampled_from(["set", "add", "multiply"]))
        edit[operation] = draw(st.floats(0.01, 1.5, allow_subnormal=False))
    for key, values in (("label", LABELS), ("why", TEXT)):
        if draw(st.booleans()):
            edit[key] = draw(values)
    return edit


@st.composite
def scenarios(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the content of a scenario file that is right in a tiny world."""
    page: dict[str, Any] = {
        "name": draw(LABELS),
        "why": draw(TEXT.filter(lambda text: text.strip() != "")),
        "edits": draw(st.lists(edits(), min_size=1, max_size=5)),
    }
    if draw(st.booleans()):
        page["deficits"] = draw(st.sampled_from(["fixed", "zero", "own_share", "world_share"]))
    if draw(st.booleans()):
        claim = {
            "id": draw(LABELS),
            "text": draw(TEXT),
            "side": draw(st.sampled_from(["for", "against"])),
        }
        more = draw(
            st.sampled_from(
                [
                    {"computed_by": "ties"},
                    {"variable": "real_income", "where": {"country": "USA"}, "direction": "rises"},
                ]
            )
        )
        page["claims"] = [claim | more]
    return page
