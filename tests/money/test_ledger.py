"""Sums by scope and period."""

import pytest

from exporter.money.ledger import ALL, LONGEST, Ledger
from exporter.money.period import Calendar, Period, find_zone

NOON = 1_795_435_200.0
"""2026-11-23 12:00 UTC."""
DAY = 86_400.0


def test_an_amount_is_charged_to_all_and_to_its_provider() -> None:
    ledger = Ledger(Calendar())
    ledger.book(NOON, "openai", 100)
    ledger.book(NOON, "gemini", 30, demand=True)
    assert ledger.spent_in(ALL, Period.DAY, NOON) == ledger.spent_in(ALL, Period.MONTH, NOON) == 130
    assert ledger.spent_in("openai", Period.DAY, NOON) == 100
    assert ledger.spent_on_demand(ALL, Period.DAY, NOON) == ledger.spent_on_demand("gemini", Period.DAY, NOON) == 30
    assert ledger.spent_on_demand("openai", Period.DAY, NOON) == 0


def test_what_is_taken_back_is_taken_from_when_it_was_charged() -> None:
    ledger = Ledger(Calendar())
    ledger.book(NOON, "openai", 100)
    ledger.book(NOON, "openai", -40)
    assert ledger.spent_in(ALL, Period.DAY, NOON + DAY) == 0
    assert ledger.spent_in(ALL, Period.DAY, NOON) == 60
    assert ledger.spent_in(ALL, Period.MONTH, NOON + DAY) == 60


def test_what_is_over_is_dropped_and_what_runs_is_kept() -> None:
    ledger = Ledger(Calendar())
    ledger.book(NOON, "openai", 100, demand=True)
    ledger.book(NOON + DAY, "openai", 7)
    ledger.drop_before(NOON + DAY)
    assert ledger.spent_in(ALL, Period.DAY, NOON) == ledger.spent_on_demand(ALL, Period.DAY, NOON) == 0
    assert ledger.spent_in(ALL, Period.DAY, NOON + DAY) == 7
    assert ledger.spent_in("openai", Period.MONTH, NOON) == 107


@pytest.mark.parametrize(
    ("where", "today", "month"),
    [
        pytest.param("UTC", 0b1110, 0b1111, id="the same"),
        pytest.param("Asia/Tokyo", 0b1000, 0b1111, id="east: its day began at 15:00 UTC"),
        pytest.param("America/New_York", 0b1100, 0b1111, id="west: its day began at 05:00 UTC"),
        pytest.param("Asia/Kathmandu", 0b1000, 0b1111, id="by a quarter of an hour: its day began at 18:15 UTC"),
    ],
)
def test_in_another_zone_all_is_counted_once(where: str, today: int, month: int) -> None:
    """Amounts of 1, 2, 4 and 8 at 20:00 the day before, 01:00, 12:00 and 18:30."""
    ledger = Ledger(Calendar())
    evening = NOON + 6.5 * 3600
    for amount, at in ((1, NOON - 16 * 3600), (2, NOON - 11 * 3600), (4, NOON), (8, evening)):
        ledger.book(at, "openai", amount, demand=amount == 8)
    ledger.set_calendar(Calendar(find_zone(where)))
    assert ledger.spent_in(ALL, Period.DAY, evening) == ledger.spent_in("openai", Period.DAY, evening) == today
    assert ledger.spent_in(ALL, Period.MONTH, evening) == month
    assert ledger.spent_on_demand(ALL, Period.DAY, evening) == 8
    ledger.book(evening, "openai", -8, demand=True)
    assert ledger.spent_in(ALL, Period.DAY, evening) == today - 8, "what is settled later is taken from where it counts"


def test_what_is_older_than_any_month_is_forgotten() -> None:
    ledger = Ledger(Calendar())
    ledger.book(NOON, "openai", 5)
    ledger.drop_before(NOON + LONGEST - 900)
    ledger.set_calendar(Calendar())
    assert ledger.spent_in(ALL, Period.DAY, NOON) == 5
    ledger.drop_before(NOON + LONGEST + 900)
    ledger.set_calendar(Calendar())
    assert ledger.spent_in(ALL, Period.DAY, NOON) == 0
