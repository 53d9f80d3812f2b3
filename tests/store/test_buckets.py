"""Latencies in buckets: where each falls, and how far off what is told of them is."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.store.buckets import FIRST, LAST, WITHIN, bucket_expression, bucket_middle, estimate_percentile

QUESTION = f"SELECT {bucket_expression(':seconds')}"


def bucket(seconds: float) -> int:
    with closing(sqlite3.connect(":memory:")) as connection:
        (found,) = connection.execute(QUESTION, {"seconds": seconds}).fetchone()
    return int(found)


@given(st.floats(min_value=2.0**FIRST, max_value=2.0**LAST, exclude_max=True))
def test_the_middle_of_a_bucket_is_near_all_that_falls_into_it(seconds: float) -> None:
    assert bucket_middle(bucket(seconds)) == pytest.approx(seconds, rel=WITHIN)


@given(st.lists(st.floats(min_value=0, max_value=5000), min_size=2))
def test_buckets_are_in_the_order_of_what_falls_into_them(several: list[float]) -> None:
    found = [bucket(each) for each in sorted(several)]
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("seconds", "number"),
    [
        pytest.param(0.0, 0, id="nothing"),
        pytest.param(2.0**FIRST, 16, id="the first octave"),
        pytest.param(1.0, 176, id="a second"),
        pytest.param(2.0**LAST, 336, id="the end"),
        pytest.param(1e9, 336, id="beyond the end"),
    ],
)
def test_where_some_fall(seconds: float, number: int) -> None:
    assert bucket(seconds) == number


@pytest.mark.parametrize(
    ("counts", "share", "found"),
    [
        pytest.param([], 0.95, None, id="no runs"),
        pytest.param([(176, 1)], 0.95, bucket_middle(176), id="one run"),
        pytest.param([(176, 95), (200, 5)], 0.95, bucket_middle(176), id="just within"),
        pytest.param([(176, 94), (200, 6)], 0.95, bucket_middle(200), id="just beyond"),
    ],
)
def test_percentiles(counts: list[tuple[int, int]], share: float, found: float | None) -> None:
    assert estimate_percentile(counts, share) == found
