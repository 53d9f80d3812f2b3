"""What pages are given besides the board: nothing by default, exchanges to loopback only."""

import pytest

from exporter.server.sources import PageSources, is_loopback
from tests.metrics.make import check


def test_nothing_is_known_by_default() -> None:
    sources = PageSources()
    assert (dict(sources.costs()), list(sources.notices()), sources.exchange(check())) == ({}, [], None)


@pytest.mark.parametrize(
    ("own", "loopback"),
    [
        (("127.0.0.1", 10115), True),
        (("127.8.0.1", 10115), True),
        (("::1", 10115, 0, 0), True),
        (("::ffff:127.0.0.1", 10115, 0, 0), True),
        (("10.0.0.7", 10115), False),
        (("fe80::1%eth0", 10115, 0, 2), False),
        (("::", 10115, 0, 0), False),
        ("/run/exporter.sock", False),
        (None, False),
    ],
)
def test_a_loopback_address(own: object, loopback: bool) -> None:
    assert is_loopback(own) is loopback
