# %% [markdown]
# # A first scenario, from the world to a brief
#
# This page runs the founding question of detente with a few draws: *what if the United States
# settled with Russia and turned away from the European Union, Canada and Mexico?* It takes about
# a minute and shows every step: the world, the run, a table, the claims, the brief, a scenario of
# your own, and tables of your own.
#
# The code below is [a script](first-scenario.py) that the tests execute. The printed numbers are
# those of the world that shipped when the page was rendered.

# %%
import pandas as pd

import detente as dt

pd.set_option("display.width", 100)

# %% [markdown]
# ## The world
#
# A world is a set of countries with layers of ties between them: trade, tariffs, sanctions,
# agreements, pacts, votes, distances. `world2023` ships with the package.

# %%
world = dt.load_world("world2023")
print(len(world.countries), "countries,", len(world.sectors), "sectors, year", world.year)
print(", ".join(world.sectors))

# %% [markdown]
# Each layer is a labelled array. Origin is the seller or the sender, destination the buyer or the
# target. Goods trade of the United States with Russia, Canada and Mexico, in billion US dollars:

# %%
goods = list(world.sector_groups["goods"])
flow = world.layers["flow"].sel(sector=goods).sum("sector") / 1000
for partner in ("RUS", "CAN", "MEX"):
    sold = float(flow.sel(origin="USA", destination=partner))
    bought = float(flow.sel(origin=partner, destination="USA"))
    print(f"{partner}: exports {sold:7.1f}, imports {bought:7.1f}")

# %% [markdown]
# Sanctions have levels (0 none, 1 partial, 2 broad, 3 complete), from sender to target. How many
# countries sanction Russia's trade at each level?

# %%
level = world.layers["sanction_trade"].sel(destination="RUS").to_series()
print(level.value_counts().sort_index().to_string())

# %% [markdown]
# At the command line `detente world --country RUS` shows the same and more: the state of the
# country, its sectors, partners and ties, what is observed and what imputed.
#
# ## The scenario
#
# A scenario is a list of edits to ties. Presets come with the package; each says in one sentence
# per edit what it changes in this world.

# %%
scenario = dt.load_scenario("us-russia-realignment")
print(scenario.why)
for label, sentence in zip(scenario.edit_labels, scenario.describe(world), strict=True):
    print(f"- {label}: {sentence}")

# %% [markdown]
# ## The run
#
# What is uncertain (how strongly trade reacts to prices, what sanctions do to trade) is drawn from
# [priors](../explanation/estimates.md). Ten draws are enough to see how it works; the default is
# 200. `alongside=False` leaves out the variant with retaliation, which otherwise runs beside it
# over the same draws.

# %%
outcome = dt.run(world, scenario, draws=10, seed=1, alongside=False)
print(outcome.failed(), "draws failed; largest residual", outcome.draws["residual"].max())

# %% [markdown]
# Every solve carries its residual: the largest relative gap in its equations, be it a market that
# does not clear or a price that is not what costs imply. Above 1e-10 a draw counts as failed, is
# left out of every table and is counted beside it.
#
# ## A table
#
# `table` gives one row per country: the median, the 5 and 95 per cent quantiles over the draws, and
# the share of draws above zero. Real income is the income of residents (value added and tariff
# revenue, without the trade deficit) at final prices, in per cent of the base.

# %%
table = outcome.table("real_income", country=["USA", "RUS", "CAN", "MEX", "DEU", "CHN"])
print(table[["name", "median", "p05", "p95", "share_positive"]].round(3).to_string(index=False))

# %% [markdown]
# The sign for the United States differs between draws: that is a result, and the claims say so.
# For a group, add up its members, weighted by their base income:

# %%
for group in ("@EU", "@USMCA", "@WORLD"):
    change = 100 * outcome.group_change("real_income", group)
    print(f"{group}: between {change.min():.3f} and {change.max():.3f} per cent")

# %% [markdown]
# ## The claims
#
# A claim has a side, a variable, a direction and a threshold that were fixed before the run. It
# *holds* when at least 90 per cent of the draws lie beyond the threshold in its direction, is
# *contradicted* when they lie beyond it in the other, *negligible* when they lie inside, and
# *undecided* otherwise. Each is judged on the edits that it is about, run by themselves, so that
# an effect of tariffs is never credited to the end of sanctions.

# %%
for claim in outcome.claims:
    if claim["computed"]:
        found = f"{claim['median']:9.2f} {claim['unit']}"
        print(f"{claim['id']:4s}{claim['side']:8s}{claim['verdict']:13s}{found}  {claim['text']}")
    else:
        print(f"{claim['id']:4s}{claim['side']:8s}{claim['verdict']}  {claim['text']}")

# %% [markdown]
# Claims that no model computes yet stay in the list by name. With 200 draws a claim also says which
# parameter explains most of the variance and what value of it would move the verdict; ten draws are
# too few for that.
#
# To which edits is a change due? The parts are the same edits run alone:

# %%
claim = next(one for one in outcome.claims if one["id"] == "T2")
print(claim["text"], "judged on:", ", ".join(claim["edits"]))
for label in ("lift-sanctions", "tariffs-eu", "tariffs-canada-mexico"):
    alone = outcome.table("real_income", "RUS", f"us-russia-realignment / {label}")
    print(f"Russia, {label} alone: {alone['median'].item():.3f} per cent")

# %% [markdown]
# ## The brief
#
# The brief puts the case for and the case against side by side, from these draws alone. It can be
# written as a self-contained page, as Markdown, JSON or PDF.

# %%
brief = dt.write_brief(outcome)
brief.to_html("brief.html")
print("\n".join(brief.to_markdown().splitlines()[:12]))

# %% [markdown]
# ## Change the scenario
#
# A scenario of your own takes a name, a question and edits. `draws=0` gives the point estimate at
# the medians of the priors; it is quick, and carries no interval and no verdict.

# %%
mine = dt.Scenario(
    name="us-10-on-canada-mexico",
    why="What if the United States added 10 points, not 25, on goods from Canada and Mexico?",
    edits=[
        {
            "layer": "tariff_rate",
            "where": {"origin": ["CAN", "MEX"], "destination": "USA"},
            "add": 0.10,
        }
    ],
)
print(mine.describe(world)[0])
point = dt.run(world, mine, draws=0)
print(point.table("real_income", "@USMCA")[["name", "median"]].round(3).to_string(index=False))

# %% [markdown]
# The same in a file, for the command line: [write a scenario](../how-to/write-a-scenario.md).
#
# ## Bring your own tables
#
# The same model runs on your own numbers, with labels of your own. Flows are net of tariffs and
# contain what each country sells at home:

# %%
flows = pd.DataFrame(
    [
        ("north", "north", 80.0),
        ("north", "south", 20.0),
        ("south", "north", 15.0),
        ("south", "south", 45.0),
    ],
    columns=["origin", "destination", "value"],
).assign(sector="all")
small = dt.world_from_tables(flows, trade_elasticity=5.0, name="two-countries")
tariff = dt.Scenario(
    name="tariff",
    why="What if the north levied 20 per cent on everything from the south?",
    edits=[
        {"layer": "tariff_rate", "where": {"origin": "south", "destination": "north"}, "set": 0.2}
    ],
)
answer = dt.run(small, tariff, draws=0)
print(answer.table("real_income")[["iso3", "median"]].round(3).to_string(index=False))

# %% [markdown]
# With input use, value added and several sectors: [bring your own
# tables](../how-to/bring-your-own-tables.md). What none of this can tell you stands on [a page of
# its own](../explanation/what-this-cannot-tell-you.md).
