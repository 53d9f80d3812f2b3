"""Money stays exact."""

from decimal import Decimal

import pytest

from exporter.money.amount import to_decimal, to_dollars, to_nano


@pytest.mark.parametrize(
    ("usd", "amount"),
    [
        pytest.param("1", 10**9, id="a dollar"),
        pytest.param("0.000000001", 1, id="the smallest"),
        pytest.param("0.0000000005", 0, id="half of it, to even"),
        pytest.param("0.0000000015", 2, id="one and a half, to even"),
        pytest.param("123456789.123456789", 123456789123456789, id="many digits"),
    ],
)
def test_dollars_become_whole_nano_dollars(usd: str, amount: int) -> None:
    assert to_nano(Decimal(usd)) == amount


def test_a_float_is_what_was_written() -> None:
    assert to_decimal(0.1) == Decimal("0.1")
    assert sum(to_nano(to_decimal(0.1)) for _ in range(10)) == to_nano(Decimal(1))
    assert to_dollars(to_nano(to_decimal(0.1))) == 0.1
