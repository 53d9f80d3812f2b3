"""Freshness: nonces of one form, and never the same question twice."""

import pytest

from exporter.probes.base import draw, make_nonce


@pytest.mark.parametrize(("drawn", "expected"), [(0, "00000000"), (0xBEEF, "0000beef"), (16**8 - 1, "ffffffff")])
def test_a_nonce_is_eight_digits_of_what_was_drawn(drawn: int, expected: str) -> None:
    assert make_nonce(lambda bound: min(drawn, bound - 1)) == expected


def test_nonces_differ() -> None:
    assert len({make_nonce(draw) for _ in range(100)}) == 100
