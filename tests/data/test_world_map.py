"""The embedded map holds every shape once, within its frame, and says what is disputed."""

import json
import os
import re
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from detente.data.recipes import world_map
from detente.data.recipes.simplify import simplified

RAW = Path(os.environ.get("DETENTE_RAW", Path(__file__).parents[3] / "shared" / "data"))


@pytest.fixture(scope="module")
def text() -> str:
    return (resources.files("detente") / "data" / "world_map.json").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def shapes(text) -> dict[str, dict]:
    return {shape["id"]: shape for shape in json.loads(text)["shapes"]}


def rings(d: str) -> list[np.ndarray]:
    """Read a path back: one absolute start and relative steps a ring."""
    found = []
    for part in d.split("z")[:-1]:
        numbers = [float(n) for n in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", part)]
        assert len(numbers) % 2 == 0
        found.append(np.cumsum(np.array(numbers).reshape(-1, 2), axis=0))
    return found


def test_map_is_complete_and_small(text, shapes):
    assert len(text.encode()) < 300_000
    assert len(shapes) == 241
    assert sum(shape["small"] for shape in shapes.values()) == 72


def test_every_country_of_the_worlds_is_on_the_map(shapes):
    codes = {"USA", "RUS", "CHN", "TWN", "PRK", "CUB", "HKG", "MAC", "SGP", "XKX", "PSE", "SXM"}
    assert codes <= set(shapes)


def test_paths_stay_within_the_frame(text, shapes):
    _, _, width, height = json.loads(text)["view_box"]
    for code, shape in shapes.items():
        for ring in rings(shape["d"]):
            assert ring[:, 0].min() >= 0 and ring[:, 0].max() <= width, code
            assert ring[:, 1].min() >= 0 and ring[:, 1].max() <= height, code
        assert 0 <= shape["x"] <= width and 0 <= shape["y"] <= height


def test_russia_is_not_smeared_across_the_antimeridian(shapes):
    pieces = rings(shapes["RUS"]["d"])
    # a smeared ring would run from one rim of the map to the other
    assert max(np.ptp(piece[:, 0]) for piece in pieces) < 330
    assert min(piece[:, 0].min() for piece in pieces) < 200 < 500
    assert shapes["RUS"]["x"] > 600


def test_shape_without_a_path_is_drawn_as_a_dot(shapes):
    for code, shape in shapes.items():
        assert shape["d"] or shape["small"], code


def test_disputed_shapes_are_marked(text, shapes):
    marked = {code for code, shape in shapes.items() if "disputed" in shape}
    assert marked == set(world_map.DISPUTED)
    assert {"CYN", "SOL", "ESH"} <= marked
    assert shapes["CYN"]["shown_with"] == "CYP" and shapes["SOL"]["shown_with"] == "SOM"
    assert "imply no opinion" in json.loads(text)["note"]
    assert json.loads(text)["attribution"]


def test_crimea_is_drawn_with_ukraine(shapes):
    x, y = (float(value[0]) for value in world_map.equal_earth(np.array([34.2]), np.array([45.3])))
    half = float(world_map.equal_earth(np.array([180.0]), np.array([0.0]))[0][0])
    scale = (world_map.WIDTH - 2 * world_map.MARGIN) / (2 * half)
    # the frame begins above the northernmost point: take it from a point that is known
    kyiv = shapes["UKR"]
    top = -float(world_map.equal_earth(np.array([0.0]), np.array([83.6]))[1][0]) * scale
    point = np.array([world_map.WIDTH / 2 + scale * x, -scale * y - top + world_map.MARGIN])
    assert any(holds(ring, point) for ring in rings(kyiv["d"]))
    assert not any(holds(ring, point) for ring in rings(shapes["RUS"]["d"]))


def holds(ring: np.ndarray, point: np.ndarray) -> bool:
    """Even-odd test of a point in a ring."""
    x, y = ring[:, 0], ring[:, 1]
    x2, y2 = np.roll(x, -1), np.roll(y, -1)
    straddles = (y > point[1]) != (y2 > point[1])
    safe = np.where(y2 == y, 1.0, y2 - y)
    crossing = x + (point[1] - y) / safe * (x2 - x)
    return bool(np.sum(straddles & (point[0] < crossing)) % 2)


@pytest.mark.skipif(not (RAW / "world_map").is_dir(), reason="raw map absent (set DETENTE_RAW)")
def test_embedded_map_is_what_the_recipe_gives(text):
    assert world_map.map_text(RAW) == text


def test_cut_keeps_the_area_of_a_box_across_the_rim():
    box = np.array([[170.0, 0], [200, 0], [200, 10], [170, 10], [170, 0]])
    pieces = world_map.cut_at_antimeridian(box)
    assert len(pieces) == 2
    assert sum(abs(world_map._area(piece)) for piece in pieces) == pytest.approx(300)
    assert all(abs(piece[:, 0]).max() <= 180 for piece in pieces)


def test_simplification_keeps_ends_and_area_of_closed_lines():
    angle = np.linspace(0, 2 * np.pi, 200)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    kept = simplified(circle, 100.0)
    assert kept[0] == 0 and kept[-1] == 199
    assert len(kept) >= 4
    line = np.column_stack([np.arange(50.0), np.zeros(50)])
    assert simplified(line, 1e-9).tolist() == [0, 49]


def test_equal_earth_matches_published_values():
    # Savric, Patterson and Jenny (2019): half width 2.70663, height 1.31737 at the pole
    x, y = world_map.equal_earth(np.array([180.0, 0.0]), np.array([0.0, 90.0]))
    assert x[0] == pytest.approx(2.70663, abs=1e-5)
    assert y[1] == pytest.approx(1.31737, abs=1e-5)
