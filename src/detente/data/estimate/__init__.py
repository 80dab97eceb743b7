"""Estimation of the numbers that the ensemble draws from.

Each script is one family of specifications, run as `python -m detente.data.estimate.NAME --raw DIR
--out DIR`; `python -m detente.data.estimate --raw DIR` runs all of them, one process per fit, and
rewrites `estimates.csv` and `parameters.csv`. Only estimates leave this room, never the panels.
"""
