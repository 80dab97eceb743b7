"""Numbers carry no more digits than their interval supports."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.brief import numbers, scale

finite = st.floats(-1e4, 1e4).map(lambda x: round(x, 8))


@given(finite, finite, finite)
def test_the_last_digit_is_not_finer_than_the_interval(a, b, c):
    low, middle, high = sorted((a, b, c))
    places = numbers.decimals(low, high, middle)
    assert places <= numbers.MOST_DECIMALS
    if high > low:
        # Ten steps of the last digit are never less than the spread of the narrow side.
        spread = max(2 * min(middle - low, high - middle), (high - low) / 5) / numbers.WIDTH_IN_SD
        assert 10.0**-places >= spread / 20 or places == numbers.MOST_DECIMALS


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        ((0.18, 0.07, 0.35), "+0.18 % [+0.07, +0.35]"),
        ((533.0, 283.0, 843.0), "+530 % [+280, +840]"),
        ((0.123, 0.03, 0.8), "+0.12 % [+0.03, +0.80]"),
        ((-0.44, -0.53, -0.33), "−0.44 % [−0.53, −0.33]"),
        ((0.00001, -0.00004, 0.00005), "0.000 % [0.000, 0.000]"),
        ((1.2345, None, None), "+1.2 % (point estimate)"),
    ],
)
def test_figures_as_written(figure, text):
    said = numbers.full(dict(zip(("median", "p05", "p95"), figure, strict=True)))
    assert said.replace("\u202f", " ").replace("\u00a0", " ") == text


@given(finite, st.integers(-3, 3))
def test_a_signed_number_reads_back(value, places):
    text = numbers.signed(value, places).replace(",", "").replace(numbers.MINUS, "-")
    assert math.isclose(float(text), round(value, places), abs_tol=1e-9)
    assert (text[0] in "+-") == (round(value, places) != 0)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "100 %"), (0.999, "> 99 %"), (0.5, "50 %"), (0.001, "< 1 %"), (0.0, "0 %")],
)
def test_all_and_none_are_said_only_where_it_is_so(value, text):
    assert numbers.share(value).replace("\u202f", " ") == text


@given(st.lists(finite, min_size=1, max_size=50), st.floats(0.01, 5))
def test_colours_are_symmetric_and_ordered(values, rope):
    found = scale.colours(values, rope)
    assert list(found.edges) == sorted(set(found.edges))
    for value in values:
        one, other = found.shade(value), found.shade(-value)
        assert one[1:] == other[1:]
        assert (one == "n") == (abs(value) <= rope)


@given(st.lists(finite, min_size=1, max_size=20))
def test_an_axis_holds_zero_and_every_value(values):
    found = scale.axis(values)
    for value in [0.0, *values]:
        assert found.low <= value <= found.high
        assert 0 <= found.at(value) <= 100
    assert 0.0 in found.ticks or not found.ticks
