"""What a world holds, as plain pages: layers with vintage and source, and one country at a time."""

from typing import Any

import numpy as np

from detente import labels
from detente.errors import WorldError
from detente.vocabulary import terms
from detente.world import World, accounts_of

STATUS = {0: "absent", 1: "observed", 2: "imputed", 3: "moved"}
PARTNERS = 8


def world_page(world: World) -> dict[str, Any]:
    """Return every layer with its unit, vintage and sources, and the shares of value by status.

    Parameters
    ----------
    world
        Any world.

    Examples
    --------
    >>> from detente.files.worlds import load_world
    >>> world_page(load_world("campos2019"))["countries"]
    151
    """
    origin: Any = world.meta.get("layer_sources", {})
    used: Any = world.meta.get("sources", {})
    rows = []
    for name, term in terms("layer").items():
        if name not in world.layers:
            continue
        keys = [key for key in origin.get(name, ()) if key in used]
        attrs = world.layers[name].attrs
        stated = attrs.get("source")
        if stated and not keys:
            keys = [stated]
        vintage = attrs.get("vintage") or ", ".join(dict.fromkeys(str(used[k]) for k in keys))
        rows.append(
            {"layer": name, "unit": term.unit, "vintage": str(vintage or world.year or ""),
             "sources": keys, "description": term.description, **_shares(world, name)}
        )  # fmt: skip
    return {
        "name": world.name,
        "year": world.year,
        "digest": world.digest,
        "countries": len(world.countries),
        "sectors": len(world.sectors),
        "sector_names": {code: world.sector_names.get(code, code) for code in world.sectors},
        "layers": rows,
        "groups": list(world.groups),
        "notes": _notes(world),
    }


def _shares(world: World, name: str) -> dict[str, float | None]:
    """Return the share of value (flows) or of cells in each status; None when not stated."""
    companion = f"{name}_status"
    if companion not in world.layers:
        return {"observed": None, "imputed": None, "moved": None}
    status = world.layers[companion].values
    weight = np.ones(status.shape)
    if name == "flow":
        weight = world.values("flow")
    total = weight[status > 0].sum()
    return {
        STATUS[code]: float(weight[status == code].sum() / total) if total else None
        for code in (1, 2, 3)
    }


def _notes(world: World) -> list[str]:
    notes = []
    if "value_imputed" in world.layers:
        imputed = world.layers["value_imputed"].values
        moved = world.layers["value_moved"].values
        notes.append(
            "flow counts domestic sales, which no source observes for most countries. Of "
            "cross-border trade value is imputed: median country "
            f"{100 * np.median(imputed):.0f} %; moved by the recipe: median country "
            f"{100 * np.median(moved):.1f} % (see --country)"
        )
    done: Any = world.meta.get("import")
    if done:
        balance: Any = world.meta.get("balance", {})
        notes.append(
            f"imported from {done['source']}: rules of the layout moved "
            f"{100 * done['moved_share']:.3f}% of sales, balancing ({balance.get('method')}) "
            f"{100 * balance.get('value_moved_share', 0.0):.3f}%"
        )
        notes += [f"- {note}" for note in done["notes"]]
    return notes


def country_page(world: World, country: str) -> dict[str, Any]:
    """Return what a world says of one country: state, economy by sector, partners, ties.

    Parameters
    ----------
    world
        Any world.
    country
        Its code.

    Raises
    ------
    WorldError
        If the world has no such country; the message offers the nearest one.
    """
    if country not in world.countries:
        raise WorldError(labels.unknown_label(world, "country", country))
    place = world.countries.index(country)
    tables = {
        "State": _state(world, place),
        "Sectors": _sectors(world, place),
        "Goods partners" if "goods" in world.sector_groups else "Partners": _partners(world, place),
    }
    ties = _ties(world, place)
    if ties:
        tables["Ties"] = ties
    return {
        "iso3": country,
        "name": world.country_names.get(country, country),
        "world": world.name,
        "tables": tables,
        "groups": [group for group, members in world.groups.items() if country in members],
    }


def _state(world: World, place: int) -> list[dict[str, Any]]:
    rows = []
    origin: Any = world.meta.get("layer_sources", {})
    for name, term in terms("layer").items():
        if name not in world.layers or term.dims != ("country",):
            continue
        value = float(world.layers[name].values[place])
        rows.append(
            {
                "what": name,
                "value": "not known" if np.isnan(value) else _shown(value),
                "unit": term.unit,
                "source": ", ".join(origin.get(name, ())),
            }
        )
    return rows


def _shown(value: float) -> str:
    """Return whole numbers with thousands marked, small ones with three digits."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _sectors(world: World, place: int) -> list[dict[str, Any]]:
    flow = world.values("flow")
    sums = accounts_of(world)
    status = world.layers.get("flow_status")
    rows = []
    for s, sector in enumerate(world.sectors):
        at_home = flow[place, place, s]
        exports, imports = flow[place, :, s].sum() - at_home, flow[:, place, s].sum() - at_home
        bought = sums.expenditure[place, s]
        row = {
            "sector": sector,
            "output": f"{sums.output[place, s]:,.0f}",
            "exports": f"{exports:,.0f}",
            "imports": f"{imports:,.0f}",
            "domestic share %": f"{100 * at_home / bought:.1f}" if bought else "",
            "value added share %": f"{100 * sums.value_added_share[place, s]:.0f}",
            "elasticity": f"{world.values('trade_elasticity')[s]:.2f}",
        }
        if status is not None:
            codes = np.concatenate([status.values[place, :, s], status.values[:, place, s]])
            value = np.concatenate([flow[place, :, s], flow[:, place, s]])
            seen = value[codes == 1].sum() / max(value.sum(), 1e-300)
            row["observed %"] = f"{100 * seen:.0f}"
        rows.append(row)
    return rows


def _partners(world: World, place: int) -> list[dict[str, Any]]:
    chosen = world.sector_groups.get("goods", tuple(world.sectors))
    mask = [sector in chosen for sector in world.sectors]
    flow = world.values("flow")[:, :, mask].sum(axis=2)
    sold, bought = flow[place].copy(), flow[:, place].copy()
    sold[place] = bought[place] = 0
    order = np.argsort(-(sold + bought))[:PARTNERS]
    return [
        {
            "partner": world.country_names.get(world.countries[i], world.countries[i]),
            "exports, million USD": f"{sold[i]:,.0f}",
            "imports, million USD": f"{bought[i]:,.0f}",
        }
        for i in order
    ]


def _ties(world: World, place: int) -> list[dict[str, Any]]:
    """Count the ties that the country sends and receives, by layer and word."""
    rows = []
    for name, term in terms("layer").items():
        if name not in world.layers or term.dims != ("origin", "destination") or not term.values:
            continue
        values = world.layers[name].values
        for word, code in term.values.items():
            if code == 0:
                continue
            sent = [world.countries[i] for i in np.flatnonzero(values[place] == code)]
            received = [world.countries[i] for i in np.flatnonzero(values[:, place] == code)]
            if sent or received:
                rows.append(
                    {
                        "what": f"{name}: {word}",
                        "sent to": _some(sent),
                        "received from": _some(received),
                    }
                )
    return rows


def _some(codes: list[str]) -> str:
    return ", ".join(codes[:6]) + (f" and {len(codes) - 6} more" if len(codes) > 6 else "")
