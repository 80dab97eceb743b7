"""A brief of the fabricated outcome, made once."""

import pytest
from weighing import weighed

from detente.brief import write_brief
from fabricate import fabricate


@pytest.fixture(scope="session")
def outcome():
    return weighed(fabricate(draws=60, fail=(3, 7)))


@pytest.fixture(scope="session")
def brief(outcome):
    return write_brief(outcome)


@pytest.fixture(scope="session")
def page(brief):
    return brief.page


@pytest.fixture(scope="session")
def html(brief):
    return brief.to_html()
