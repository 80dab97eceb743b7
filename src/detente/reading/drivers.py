"""Which parameter the interval of an outcome hangs on, for any country and any variable."""

import pandas as pd

from detente.outcome import Countries, Outcome
from detente.sensitivity import SMALLEST_SHARE, named, variance_shares

COLUMNS = ["iso3", "variable", "scenario", "parameter", "share", "r2", "fit", "note"]


def drivers(
    outcome: Outcome,
    variable: str = "real_income",
    country: Countries | None = None,
    scenario: str | None = None,
    total: bool = False,
    smallest: float = SMALLEST_SHARE,
) -> pd.DataFrame:
    """Return the shares of the variance of an outcome by parameter, the largest first.

    Parameters
    ----------
    outcome
        With draws.
    variable
        An outcome of one country.
    country
        A code, a "@GROUP" or a list; all when None.
    scenario
        Label on the scenario axis; the main scenario when None.
    total
        Whether the total of the group is read, and not each member.
    smallest
        Share of the variance below which a parameter is left out; 0 lists them all.

    Returns
    -------
    DataFrame
        iso3 (the words asked for, for a total), variable, scenario, parameter, share (of the
        variance over draws, 0 to 1; with `smallest=0` a country's shares add up to r2), r2, fit
        (`linear` or of `rank`s), note. A country without shares has one row that says why.

    Notes
    -----
    `detente.sensitivity.variance_shares`: squared standardised regression coefficients over
    parameters that are drawn independently.

    Raises
    ------
    ScenarioError
        If a name is unknown.
    ConvergenceError
        If no draw of the scenario solved.
    """
    label, name = outcome.scenario_label(scenario), outcome.variable_name(variable)
    codes = outcome.members(country)
    if total:
        words = "all" if country is None else country
        called = words if isinstance(words, str) else " + ".join(words)
        answers = {called: outcome.group_change(name, codes, label)}
    else:
        table = outcome.values(name, codes, label)
        answers = {code: table[:, n] for n, code in enumerate(codes)}
    drawn = outcome.parameters.loc[outcome.ok_draws(label)]
    rows = []
    for code, values in answers.items():
        found = named(variance_shares(drawn, values), smallest)
        shares = found.shares or (("", float("nan")),)
        for parameter, share in shares:
            rows.append((code, name, label, parameter, share, found.r2, found.fit, found.note))
    return pd.DataFrame(rows, columns=COLUMNS)
