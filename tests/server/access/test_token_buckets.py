"""Token buckets: how often, for whom, and in how much memory."""

import pytest

from exporter.server.access.token_buckets import ADDRESSES, AddressBuckets, TokenBucket, find_network
from tests.metrics.make import StoppedClock


def test_a_burst_then_one_every_so_often() -> None:
    clock = StoppedClock()
    bucket = TokenBucket(2.0, 3, clock)
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    clock.monotonic += 1_999_000_000
    assert not bucket.take()
    clock.monotonic += 1_000_000
    assert [bucket.take(), bucket.take()] == [True, False]


def test_it_never_holds_more_than_a_burst() -> None:
    clock = StoppedClock()
    bucket = TokenBucket(1.0, 2, clock)
    clock.monotonic += 3_600_000_000_000
    bucket.give_back()
    assert [bucket.take() for _ in range(3)] == [True, True, False]


def test_what_was_not_needed_is_given_back() -> None:
    bucket = TokenBucket(1.0, 1, StoppedClock())
    assert bucket.take()
    bucket.give_back()
    assert bucket.take()


def test_without_a_pace_there_is_no_end() -> None:
    bucket = TokenBucket(0.0, 0, StoppedClock())
    assert all(bucket.take() for _ in range(100))


def test_each_address_has_its_own() -> None:
    buckets = AddressBuckets(60.0, 1, StoppedClock())
    assert buckets.get_bucket("10.0.0.1").take()
    assert not buckets.get_bucket("10.0.0.1").take()
    assert buckets.get_bucket("10.0.0.2").take()


def test_addresses_are_forgotten_in_the_end() -> None:
    buckets = AddressBuckets(60.0, 1, StoppedClock())
    assert buckets.get_bucket("10.0.0.1").take()
    for number in range(ADDRESSES - 1):
        buckets.get_bucket(f"host {number}")
    assert not buckets.get_bucket("10.0.0.1").take()
    for number in range(ADDRESSES):
        buckets.get_bucket(f"other {number}")
    assert buckets.get_bucket("10.0.0.1").take()


@pytest.mark.parametrize(
    ("address", "whose"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_whose_an_address_is(address: str, whose: str) -> None:
    assert find_network(address) == whose
