"""One small economy, written in the layout of every source."""

import csv
import re

import numpy as np
import pandas as pd

COUNTRIES, SECTORS = ("ARG", "BRA", "ROW"), ("A01", "C10")
KINDS = ("HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "DPABR")
N, M = len(COUNTRIES), len(SECTORS)


class Economy:
    """Sales for production z[o, r, d, s], final use f[o, r, d, kind], taxes, value added."""

    def __init__(self, seed=3, stocks=1.0):
        rng = np.random.default_rng(seed)
        home = np.where(np.eye(N)[:, None, :, None] > 0, 8.0, 1.0)
        self.z = rng.uniform(1, 4, (N, M, N, M)) * home
        self.f = rng.uniform(1, 6, (N, M, N, len(KINDS))) * home
        self.f[..., KINDS.index("INVNT")] *= stocks
        self.out = self.z.sum(axis=(2, 3)) + self.f.sum(axis=(2, 3))
        self.tls = rng.uniform(0.1, 0.4, (N, M))
        self.va = self.out - self.z.sum(axis=(0, 1)) - self.tls
        assert (self.va > 0).all()

    @property
    def flow(self):
        return (self.z.sum(axis=3) + self.f.sum(axis=3)).transpose(0, 2, 1)

    @property
    def use(self):
        return self.z.sum(axis=0).transpose(1, 0, 2)


def square(economy):
    """Return cells [row, column] of industries and of final use."""
    return economy.z.reshape(N * M, N * M), economy.f.reshape(N * M, N * len(KINDS))


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


def icio_rows(economy):
    labels = [f"{c}_{s}" for c in COUNTRIES for s in SECTORS]
    final = [f"{c}_{k}" for c in COUNTRIES for k in KINDS]
    z, f = square(economy)
    rows = [["V1", *labels, *final, "OUT"]]
    for label, inputs, bought, total in zip(labels, z, f, economy.out.ravel(), strict=True):
        rows.append([label, *map(repr, map(float, [*inputs, *bought, total]))])
    nothing = [0.0] * len(final)
    rows.append(["TLS", *map(repr, map(float, economy.tls.ravel())), *[0.25] * len(final), 0.0])
    rows.append(["VA", *map(repr, map(float, economy.va.ravel())), *nothing, 0.0])
    rows.append(["OUT", *map(repr, map(float, economy.out.ravel())), *nothing, 0.0])
    return rows


def icio(folder, economy, name="2022_SML.csv"):
    return write(folder / name, icio_rows(economy))


def wiod_rows(economy):
    """Five kinds of final use: the last holds inventories; direct purchases go with households."""
    order = [0, 1, 2, 3, 4]
    f = economy.f[..., order].copy()
    f[..., 0] += economy.f[..., 5]
    inputs = [f"{c}{i}" for c in COUNTRIES for i in range(1, M + 1)]
    final = [f"{c}{i}" for c in COUNTRIES for i in range(57, 62)]
    head = ["IndustryCode", "IndustryDescription", "Country", "RNr", "Year", *inputs, *final, "TOT"]
    rows = [head]
    z = economy.z.reshape(N * M, N * M)
    for i in range(N * M):
        c, s = divmod(i, M)
        cells = [*z[i], *f[c, s].reshape(-1), economy.out[c, s]]
        rows.append([SECTORS[s], f"Industry {s}", COUNTRIES[c], s + 1, 2014, *map(float, cells)])
    tax = 0.6 * economy.tls.ravel(), 0.4 * economy.tls.ravel()
    summary = [("II_fob", 65, z.sum(axis=0)), ("TXSP", 66, tax[0]), ("EXP_adj", 67, 0 * tax[0]),
               ("PURR", 68, 0 * tax[0]), ("PURNR", 69, 0 * tax[0]), ("VA", 70, economy.va.ravel()),
               ("IntTTM", 71, tax[1]), ("GO", 73, economy.out.ravel())]  # fmt: skip
    for code, number, values in summary:
        cells = [*map(float, values), *[0.0] * len(final), 0.0]
        rows.append([code, code, "TOT", number, 2014, *cells])
    return rows


def wiod(folder, economy, name="WIOT2014_October16_ROW.csv"):
    return write(folder / name, wiod_rows(economy))


def wiod_long(folder, economy, name="wiot2014_long.csv"):
    head, *rows = wiod_rows(economy)
    frame = pd.DataFrame(rows, columns=head)
    long = frame.melt(id_vars=head[:5], var_name="variable", value_name="value")
    long.to_csv(folder / name, index=False)
    return folder / name


def wiod_sheet(folder, economy, name="WIOT2014_sheet.csv"):
    head, *rows = wiod_rows(economy)
    kinds = [re.sub("[A-Z]", "", one) for one in head[5:]]
    countries = [re.sub("[0-9]", "", one) for one in head[5:]]
    codes = [SECTORS[int(k) - 1] if k and int(k) <= M else "CONS_h" for k in kinds]
    top = [["World Input-Output Table"], ["2014"], ["", "", "", "", *codes],
           ["", "", "", "", *codes], ["", "", "", "", *countries],
           ["", "", "", "", *[f"c{k}" if k else "c62" for k in kinds]]]  # fmt: skip
    body = [[code, words, country, f"r{n}", *cells] for code, words, country, n, _, *cells in rows]
    return write(folder / name, [*top, *body])


def emerging(folder, economy):
    """Three columns of final use a country; no row of taxes: they are in value added."""
    place = folder / "EMERGING_2023"
    place.mkdir()
    z, _ = square(economy)
    f = np.stack([economy.f[..., :2].sum(-1), economy.f[..., 2], economy.f[..., 3:].sum(-1)], -1)
    write(place / "z.csv", [[repr(float(v)) for v in row] for row in z])
    write(place / "f.csv", [[repr(float(v)) for v in row] for row in f.reshape(N * M, -1)])
    write(place / "va.csv", [[repr(float(v)) for v in (economy.va + economy.tls).ravel()]])
    rows = [[i, c.title(), c] for i, c in enumerate(COUNTRIES)]
    write(place / "countries.csv", [["Number", "Country", "ISO3"], *rows])
    write(place / "sectors.csv", [[s] for s in SECTORS])
    return place


def kite(folder, economy, rate=0.0):
    place = folder / "kite2022"
    place.mkdir()
    flow, use = economy.flow, economy.use
    tariff = np.where(np.eye(N)[:, :, None] > 0, 0.0, rate) * np.ones(M)
    paid = flow * (1 + tariff)
    bought, output = paid.sum(axis=0), flow.sum(axis=1)
    spent = use.sum(axis=1)
    trade = ("origin", "destination", "sector")
    tables = {
        "trade_share": (trade, paid / bought[None]),
        "intermediate_share": (("country", "input", "output"), use / spent[:, None, :]),
        "factor_share": (("country", "sector"), 1 - spent / output),
        "expenditure": (("country", "sector"), bought),
        "consumption_share": (("country", "sector"), bought / bought.sum(axis=1)[:, None]),
        "value_added": (("country",), (output - spent).sum(axis=1)),
        "trade_elasticity": (("sector",), np.array([6.0, 3.0])),
        "tariff": (trade, 1 + tariff),
    }
    for name, (keys, values) in tables.items():
        rows = []
        for cell in np.ndindex(values.shape):
            labels = [
                (COUNTRIES if key in ("origin", "destination", "country") else SECTORS)[i]
                for key, i in zip(keys, cell, strict=True)
            ]
            if name != "tariff" or values[cell] != 1:
                rows.append([*labels, repr(float(values[cell]))])
        if not rows:
            rows = [["ARG", "BRA", "A01", 1.0]]
        write(place / f"{name}.csv", [[*keys, "value"], *rows])
    return place


NUMBERS = {"ARG": "32", "BRA": "76", "ROW": "999"}


def baci(folder, flow):
    """Write BACI rows of two HS chapters and its table of codes; flow in thousand USD."""
    rows = [["t", "i", "j", "k", "v", "q"]]
    for o in range(N):
        for d in range(N):
            for s, product in enumerate((10121, 840734)):
                if o != d:
                    a, b = NUMBERS[COUNTRIES[o]], NUMBERS[COUNTRIES[d]]
                    rows.append([2023, a, b, product, repr(float(flow[o, d, s])), "NA"])
    write(folder / "country_codes_V202501.csv",
          [["country_code", "country_name", "country_iso2", "country_iso3"],
           *([number, iso3, iso3[:2], iso3] for iso3, number in NUMBERS.items())])  # fmt: skip
    return write(folder / "BACI_HS22_Y2023_V202501.csv", rows)
