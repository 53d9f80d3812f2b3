"""Sums by scope and period."""

from exporter.money.ledger import ALL, Ledger
from exporter.money.period import Calendar, Period

NOON = 1_795_435_200.0
"""2026-11-23 12:00 UTC."""
DAY = 86_400.0


def test_an_amount_is_charged_to_all_and_to_its_provider() -> None:
    ledger = Ledger(Calendar())
    ledger.book(NOON, "openai", 100)
    ledger.book(NOON, "gemini", 30, demand=True)
    assert ledger.spent(ALL, Period.DAY, NOON) == ledger.spent(ALL, Period.MONTH, NOON) == 130
    assert ledger.spent("openai", Period.DAY, NOON) == 100
    assert ledger.on_demand(ALL, Period.DAY, NOON) == ledger.on_demand("gemini", Period.DAY, NOON) == 30
    assert ledger.on_demand("openai", Period.DAY, NOON) == 0


def test_what_is_taken_back_is_taken_from_when_it_was_charged() -> None:
    ledger = Ledger(Calendar())
    ledger.book(NOON, "openai", 100)
    ledger.book(NOON, "openai", -40)
    assert ledger.spent(ALL, Period.DAY, NOON + DAY) == 0
    assert ledger.spent(ALL, Period.DAY, NOON) == 60
    assert ledger.spent(ALL, Period.MONTH, NOON + DAY) == 60


def test_what_is_over_is_dropped_and_what_runs_is_kept() -> None:
    ledger = Ledger(Calendar())
    ledger.book(NOON, "openai", 100, demand=True)
    ledger.book(NOON + DAY, "openai", 7)
    ledger.drop_before(NOON + DAY)
    assert ledger.spent(ALL, Period.DAY, NOON) == ledger.on_demand(ALL, Period.DAY, NOON) == 0
    assert ledger.spent(ALL, Period.DAY, NOON + DAY) == 7
    assert ledger.spent("openai", Period.MONTH, NOON) == 107
