"""Money as whole nano-dollars: sums stay exact however many are added, which floats do not.

A nano-dollar is a thousandth of what the cheapest token costs in any price list, so rounding an answer to it loses
nothing that a bill would show.
"""

from decimal import ROUND_HALF_EVEN, Decimal

NANO = 10**9
"""Nano-dollars of a dollar."""

PER_TOKEN = Decimal(1000)
"""Nano-dollars per token of a price of one dollar per million tokens."""


def to_nano(usd: Decimal) -> int:
    """Convert dollars to whole nano-dollars."""
    return int((usd * NANO).to_integral_value(ROUND_HALF_EVEN))


def to_decimal(usd: float) -> Decimal:
    """Convert a float to the decimal number that was written: 0.1 is a tenth, not the nearest binary fraction."""
    return Decimal(repr(usd))


def to_dollars(amount: int) -> float:
    """Convert nano-dollars to dollars, for display."""
    return amount / NANO
