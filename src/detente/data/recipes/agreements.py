"""Membership of trade blocs and bilateral trade agreements (compiled by hand)."""

from pathlib import Path

import numpy as np

from detente.data.recipes.tables import read_table

SOURCE = "agreements"
# Blocs whose members levy no duty on one another's goods; G7, BRICS and SCO are not among them.
FREE_TRADE = (
    "EU", "EFTA", "EEA_nonEU", "EU_customs_union", "NAFTA_USMCA", "CPTPP", "EAEU", "CIS_FTA",
    "MERCOSUR", "ASEAN", "GCC", "SACU", "ANZCERTA", "CEFTA", "EU_DCFTA",
)  # fmt: skip
# Blocs whose outside members trade freely with the whole European Union.
WITH_EU = ("EEA_nonEU", "EU_customs_union", "EU_DCFTA", "CEFTA", "EFTA")


def free_trade(raw: Path, countries: list[str], year: int = 2023) -> np.ndarray:
    """Say which pairs trade goods without duties under an agreement in force.

    RCEP is left out: its tariff cuts run over twenty years and had barely begun in 2023. The
    Russian suspension of the CIS agreement towards Ukraine (2016) and the Ukrainian one towards
    Russia are applied.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list.
    year
        The agreement must have been in force by then.

    Returns
    -------
    numpy.ndarray
        bool [origin, destination], symmetric, False on the diagonal.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.
    """
    members = read_table(raw, "agreements/members.csv", ["agreement", "iso3", "since"])
    members = members[members["since"].astype(int) <= year]
    parties = {name: sorted(set(rows["iso3"])) for name, rows in members.groupby("agreement")}
    place = {code: i for i, code in enumerate(countries)}
    free = np.zeros((len(countries), len(countries)), dtype=bool)

    def join(left: list[str], right: list[str]) -> None:
        a = [place[code] for code in left if code in place]
        b = [place[code] for code in right if code in place]
        free[np.ix_(a, b)] = True
        free[np.ix_(b, a)] = True

    for name in FREE_TRADE:
        join(parties.get(name, []), parties.get(name, []))
    for name in WITH_EU:
        join(parties.get(name, []), parties["EU"])
    pairs = read_table(raw, "agreements/bilateral_rtas.csv")
    pairs = pairs[pairs["since"].astype(int) <= year].astype({"party_a": str, "party_b": str})
    for left, right in zip(pairs["party_a"], pairs["party_b"], strict=True):
        join(parties.get(left, [left]), parties.get(right, [right]))
    if {"RUS", "UKR"} <= set(place):
        a, b = place["RUS"], place["UKR"]
        free[a, b] = free[b, a] = False
    np.fill_diagonal(free, False)
    return free
