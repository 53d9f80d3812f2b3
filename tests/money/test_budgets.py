"""How much may be spent, and by how much intervals stretch: the arithmetic, one moment at a time."""

from math import inf

import pytest

from exporter.money.budgets import LET_GO, Budgets, Limit, Load
from exporter.money.ledger import ALL, Ledger
from exporter.money.period import Calendar, Period

MIDNIGHT = 1_795_392_000.0
DAY = 86_400.0
FAIR = 100.0
"""Nano-dollars per second that use up the limit below in a day."""
AMOUNT = int(FAIR * DAY)


def made(*limits: Limit, spent: int = 0, provider: str = "a", forgot_at: float | None = None) -> Budgets:
    ledger, calendar = Ledger(Calendar()), Calendar()
    ledger.book(MIDNIGHT, provider, spent)
    return Budgets(limits or [Limit(ALL, Period.DAY, AMOUNT)], ledger, calendar, forgot_at=forgot_at)


@pytest.mark.parametrize(
    ("rate", "spent", "hour", "factor"),
    [
        pytest.param(FAIR / 2, 0, 0, 1.0, id="enough"),
        pytest.param(FAIR, 0, 0, 1.0, id="just enough"),
        pytest.param(5 * FAIR, 0, 0, 5.0, id="a fifth of what is wanted"),
        pytest.param(5 * FAIR, AMOUNT // 2, 12, 5.0, id="as planned at noon"),
        pytest.param(5 * FAIR, AMOUNT * 3 // 4, 12, 10.0, id="twice too fast until noon"),
        pytest.param(5 * FAIR, AMOUNT // 4, 12, 10 / 3, id="too slow until noon"),
        pytest.param(5 * FAIR, AMOUNT, 12, inf, id="all is spent"),
        pytest.param(0.0, AMOUNT, 12, 1.0, id="nothing is planned"),
    ],
)
def test_the_stretch(rate: float, spent: int, hour: int, factor: float) -> None:
    stretch = made(spent=spent).compute_stretches({"a": Load(rate=rate)}, MIDNIGHT + hour * 3600)["a"]
    assert stretch.factor == pytest.approx(factor)
    assert stretch.until == (inf if factor == 1 else MIDNIGHT + DAY)


def test_the_tighter_of_two_periods_counts() -> None:
    month = Limit(ALL, Period.MONTH, AMOUNT)
    stretch = made(Limit(ALL, Period.DAY, AMOUNT), month).compute_stretches({"a": Load(rate=FAIR)}, MIDNIGHT)["a"]
    assert stretch.factor == pytest.approx(8.0), "eight days of November are left"
    assert stretch.until == MIDNIGHT + 8 * DAY


def test_a_provider_with_a_budget_of_its_own_leaves_more_to_the_others() -> None:
    budgets = made(Limit(ALL, Period.DAY, AMOUNT), Limit("b", Period.DAY, AMOUNT // 10))
    found = budgets.compute_stretches({"a": Load(rate=2 * FAIR), "b": Load(rate=2 * FAIR)}, MIDNIGHT)
    assert found["a"].factor == pytest.approx(2.1)
    assert found["b"].factor == pytest.approx(20 * 2.1)


def test_the_worst_case_is_kept_back_but_never_much() -> None:
    load = Load(rate=5 * FAIR, keep=AMOUNT // 50)
    assert made().compute_stretches({"a": load}, MIDNIGHT)["a"].factor == pytest.approx(5 / 0.98)
    load = Load(rate=5 * FAIR, keep=AMOUNT)
    assert made().compute_stretches({"a": load}, MIDNIGHT)["a"].factor == pytest.approx(5 / 0.95)


@pytest.mark.parametrize(
    ("before", "left", "kept"),
    [
        pytest.param(DAY / 2, 0.5, 0.03, id="three times for most of the day"),
        pytest.param(LET_GO * 300 / 2, 0.1, 0.02, id="twice in the middle of the last rounds"),
        pytest.param(1.0, 0.02, 0.01, id="once in the end"),
    ],
)
def test_what_is_kept_back_besides_is_let_go_before_the_end(before: float, left: float, kept: float) -> None:
    """Seconds before the end, and parts of the amount. Rounds are of 60 s, at a fifth of the money of 300 s."""
    load = Load(rate=5 * FAIR, keep=AMOUNT // 100, round=60.0)
    spent = round(AMOUNT * (1 - left))
    factor = made(spent=spent).compute_stretches({"a": load}, MIDNIGHT + DAY - before)["a"].factor
    assert factor == pytest.approx(5 * (before + 300) / (DAY * (left - kept) + 300), rel=1e-3)


def test_what_is_reserved_too_high_does_not_slow() -> None:
    load = Load(rate=5 * FAIR, unsettled=AMOUNT // 4)
    assert made(spent=AMOUNT // 4).compute_stretches({"a": load}, MIDNIGHT)["a"].factor == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("provider", "worst", "demand", "allowed"),
    [
        pytest.param("a", 400, False, True, id="to the last of it"),
        pytest.param("a", 401, False, False, id="one more"),
        pytest.param("b", 101, False, False, id="over its own"),
        pytest.param("a", 200, True, True, id="a fifth on demand"),
        pytest.param("a", 201, True, False, id="more on demand"),
    ],
)
def test_what_is_allowed(provider: str, worst: int, demand: bool, allowed: bool) -> None:
    budgets = made(Limit(ALL, Period.DAY, 1000), Limit("b", Period.MONTH, 100), spent=600)
    assert budgets.allows(provider, worst, MIDNIGHT + 5, demand=demand) is allowed


@pytest.mark.parametrize(("worst", "allowed"), [(50, True), (51, False)])
def test_what_was_spent_on_demand_before_counts_into_the_fifth(worst: int, allowed: bool) -> None:
    ledger = Ledger(Calendar())
    ledger.book(MIDNIGHT, "a", 150, demand=True)
    budgets = Budgets([Limit(ALL, Period.DAY, 1000)], ledger, Calendar())
    assert budgets.allows("a", worst, MIDNIGHT + 5, demand=True) is allowed


def test_whoever_forgot_may_spend_what_the_clock_leaves() -> None:
    budgets = made(Limit(ALL, Period.DAY, 1000), forgot_at=MIDNIGHT + 18 * 3600)
    (limit,) = [Limit(ALL, Period.DAY, 1000)]
    assert budgets.available(limit, MIDNIGHT + 20 * 3600) == 250
    assert budgets.available(limit, MIDNIGHT + DAY) == 1000
    assert budgets.report_spending(MIDNIGHT + 20 * 3600) == {("all", "day"): (250, 0)}
