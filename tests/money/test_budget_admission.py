"""The paid gate over simulated days: the money lasts, is never overspent, and survives crashes."""

import contextlib
import random
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest
import structlog

from exporter.core.clock import SystemClock
from exporter.core.outcome import Reason, Timing
from exporter.core.redaction import Redactor
from exporter.core.sink import Skip
from exporter.dialects import DIALECTS
from exporter.health.tracker import HealthTracker
from exporter.probes import PROBES
from exporter.results.failed_exchanges import FailedExchanges
from exporter.run.admission import Permit
from exporter.run.client import ModelClient
from exporter.run.runner import Runner
from exporter.transport import HttpTransport
from tests.fakes.script import Received, Script, stream
from tests.fakes.server import FakeServer
from tests.metrics.make import answered, failed
from tests.probes.recording import RecordingMetrics
from tests.run.test_client import REFUSED
from tests.simulated_day import COST, DAY, MIDNIGHT, TOKENS, Day, paid_check
from tests.transport.asking import GOOD, provider

WORST = 300_000
"""More nano-dollars than any run of these days can cost."""


def a_fifth(checks: int) -> int:
    """A fifth of what the day would cost unpaced, at a run each minute."""
    return int(checks * DAY / 60 * COST / 5)


def moments(count: int) -> list[float]:
    """Random moments of the day."""
    dice = random.Random(3)
    return sorted(MIDNIGHT + dice.uniform(0, DAY) for _ in range(count))


@pytest.mark.parametrize(
    ("checks", "crashes", "latency"),
    [
        pytest.param(1, 0, 2.0, id="one check"),
        pytest.param(8, 0, 55.0, id="eight in flight"),
        pytest.param(1, 50, 2.0, id="one check, fifty crashes"),
        pytest.param(8, 50, 55.0, id="eight in flight, fifty crashes"),
    ],
)
async def test_the_money_lasts_to_the_end_of_the_day(tmp_path: Path, checks: int, crashes: int, latency: float) -> None:
    day = Day(tmp_path, [paid_check(number) for number in range(checks)], a_fifth(checks), latency)
    await day.pass_by(moments(crashes))
    assert_spent_evenly(day)
    assert Skip.BUDGET not in day.skips


def assert_spent_evenly(day: Day) -> None:
    """All of the budget and no more, with gaps like one another, and a last one that reaches the end of the day."""
    assert day.spent <= day.booked <= day.daily
    assert day.booked > 0.95 * day.daily
    for check in day.checks:
        gaps = day.gaps(check)
        usual = median(gaps)
        assert usual / 2 <= min(gaps)
        assert max(gaps) <= usual * 2
        last = max(run.at for run in day.runs if run.check == check)
        assert MIDNIGHT + DAY - last <= max(day.gate.effective_interval(check), usual)


def flaky(_: float) -> float:
    """One run in ten fails, all day: nearly every failure is a first one."""
    return 0.1


def outages(at: float) -> float:
    """Two hours in which every other run fails, and one in which all do."""
    hour = (at - MIDNIGHT) // 3600
    return 0.5 if hour in (3, 14) else 1.0 if hour == 20 else 0.0


@pytest.mark.parametrize(
    ("fails", "checks", "crashes", "latency"),
    [
        pytest.param(flaky, 1, 0, 2.0, id="one check, flaky"),
        pytest.param(outages, 1, 0, 2.0, id="one check, outages"),
        pytest.param(flaky, 8, 0, 55.0, id="eight in flight, flaky"),
        pytest.param(outages, 8, 50, 55.0, id="eight in flight, outages, fifty crashes"),
    ],
)
async def test_confirming_failures_does_not_overspend_the_day(
    tmp_path: Path, fails: Callable[[float], float], checks: int, crashes: int, latency: float
) -> None:
    """A run that is cut off is charged its worst and confirmed by one more: both are paid by longer intervals."""
    day = Day(tmp_path, [paid_check(number) for number in range(checks)], a_fifth(checks), latency, fails=fails)
    await day.pass_by(moments(crashes))
    confirmed = sum(run.confirms for run in day.runs)
    print(f"{len(day.runs)} runs, {confirmed} confirm, booked {day.booked / day.daily:.1%}")  # noqa: T201  (shown with -s)
    assert confirmed >= 3 * checks
    assert_spent_evenly(day)


async def test_the_vendor_sees_no_burst_after_a_crash(tmp_path: Path) -> None:
    """A crash loop: a start every ten seconds makes no more runs than the pace allows."""
    day = Day(tmp_path, [paid_check(number) for number in range(8)], a_fifth(8))
    await day.pass_by([MIDNIGHT + 10.0 * n for n in range(1, 361)], until=MIDNIGHT + 3600.0)
    assert len(day.runs) <= 8 * 3600 / 300 * 1.3


async def test_without_need_nothing_is_stretched(tmp_path: Path) -> None:
    day = Day(tmp_path, [paid_check()], 2 * 5 * a_fifth(1))
    await day.pass_by(until=MIDNIGHT + 7200.0)
    assert {round(gap) for gap in day.gaps(day.checks[0])[1:]} == {60}
    assert day.gate.effective_interval(day.checks[0]) == 60


async def test_the_next_day_begins_anew(tmp_path: Path) -> None:
    check = paid_check()
    day = Day(tmp_path, [check], a_fifth(1))
    await day.pass_by(until=MIDNIGHT + 2 * DAY)
    second = [run for run in day.runs if run.at >= MIDNIGHT + DAY]
    assert len(second) == pytest.approx(288, rel=0.05)
    assert second[0].at - (MIDNIGHT + DAY) <= 60


async def gated(folder: Path, budget: int) -> Day:
    """A day that has only begun."""
    day = Day(folder, [paid_check()], budget)
    day._begin()
    return day


async def test_nothing_is_sent_that_could_overspend(tmp_path: Path) -> None:
    day = await gated(tmp_path, WORST)
    (check,) = day.checks
    first = await day.gate.admit(check)
    assert isinstance(first, Permit)
    assert await day.gate.admit(check) is Skip.BUDGET
    day.gate.settle(first, answered(tokens=None, cost_usd=0.00001))
    assert isinstance(await day.gate.admit(check), Permit)
    await day.store.close()


@pytest.mark.parametrize(
    ("outcome", "charged"),
    [
        pytest.param(answered(cost_usd=0.000098, tokens=None), 98_000, id="what was told"),
        pytest.param(failed(Reason.TIMEOUT_TOTAL, http_status=200), None, id="a timeout is billed too"),
        pytest.param(failed(Reason.STREAM_INTERRUPTED, http_status=200), None, id="so is a cut answer"),
        pytest.param(failed(Reason.SERVER_ERROR, http_status=502), None, id="and perhaps what broke behind a gateway"),
        pytest.param(failed(Reason.INTERNAL, http_status=None), None, id="our own error: nobody knows"),
        pytest.param(failed(Reason.CONNECT, http_status=None), 0, id="nothing was sent"),
        pytest.param(failed(Reason.RATE_LIMITED, http_status=429), 0, id="refused at the door"),
        pytest.param(failed(Reason.AUTH, http_status=401), 0, id="a key that is not good"),
    ],
)
async def test_what_a_run_is_charged(tmp_path: Path, outcome: object, charged: int | None) -> None:
    day = await gated(tmp_path, 10 * WORST)
    admission = await day.gate.admit(day.checks[0])
    assert isinstance(admission, Permit)
    assert day.booked == admission.reserved > COST
    day.gate.settle(admission, outcome)  # type: ignore[arg-type]  # a table of outcomes
    assert day.booked == (admission.reserved if charged is None else charged)
    await day.store.close()


async def test_another_form_of_a_refused_question_is_reserved_before_it_is_sent(tmp_path: Path) -> None:
    """Two requests of one run: each has an entry of its own, and never is more reserved than one can cost."""
    day = await gated(tmp_path, 10 * WORST)
    known: list[tuple[int, int]] = []

    def vendor(_: Received) -> Script:
        with contextlib.closing(sqlite3.connect(tmp_path / "state.db")) as beside:
            (entries,) = beside.execute("SELECT COUNT(*) FROM ledger").fetchone()
        known.append((entries, day.booked))
        return REFUSED if len(known) == 1 else stream(*GOOD)

    transport = HttpTransport(SystemClock())
    async with FakeServer(vendor) as server:
        check = replace(day.checks[0], target=replace(day.checks[0].target, provider=provider(server.url)))
        redactor = Redactor(lambda: ())
        runner = Runner(
            call_for=ModelClient(transport, DIALECTS).make_call,
            probes=PROBES,
            tracker=HealthTracker(()),
            redactor=redactor,
            clock=SystemClock(),
            max_in_flight=1,
            log=structlog.get_logger(),
            admission=day.gate,
            metrics=RecordingMetrics(),
            exchange_log=FailedExchanges(redactor),
        )
        outcome = await runner.run(check)
    await transport.close()
    assert outcome is not None
    assert outcome.ok
    (first, most), (second, again) = known
    assert (first, second) == (1, 2)
    assert most == again > 0
    assert day.booked == most, "no tokens were told, so the worst of one request stays"
    await day.store.close()


async def test_runs_on_demand_have_a_fifth(tmp_path: Path) -> None:
    day = await gated(tmp_path, 10 * WORST)
    (check,) = day.checks
    admitted = 0
    while isinstance(admission := await day.gate.admit(check, demand=True), Permit):
        day.gate.settle(admission, failed(Reason.TIMEOUT_TOTAL, http_status=200))
        admitted += 1
    assert admission is Skip.BUDGET
    assert 1 <= day.booked // (WORST // 2) <= 10 * 2 // 5
    assert day.booked <= 10 * WORST // 5
    assert isinstance(await day.gate.admit(check), Permit)
    await day.store.close()


async def test_what_is_free_goes_on(tmp_path: Path) -> None:
    day = await gated(tmp_path, 1)
    free = replace(paid_check(), paid=False)
    admission = await day.gate.admit(free)
    assert isinstance(admission, Permit)
    assert day.gate.next_due(free, MIDNIGHT) <= MIDNIGHT + 90
    assert day.gate.settle(admission, answered(timing=Timing(duration=1.0))).ok
    assert day.booked == 0
    await day.store.close()


async def test_in_maintenance_paid_probes_rest(tmp_path: Path) -> None:
    day = await gated(tmp_path, 10 * WORST)
    (check,) = day.checks
    day.gate.configure([check], day.budgets, lambda of, at: of == check and at == MIDNIGHT)
    assert await day.gate.admit(check) is Skip.MAINTENANCE
    assert isinstance(await day.gate.admit(check, demand=True), Permit)
    assert isinstance(await day.gate.admit(replace(check, paid=False)), Permit)
    day.clock.now += 1
    assert isinstance(await day.gate.admit(check), Permit)
    await day.store.close()


async def test_what_is_left_says_when_nothing_is(tmp_path: Path) -> None:
    """With nothing left the check comes back in its slot of the next period."""
    day = await gated(tmp_path, WORST)
    (check,) = day.checks
    admission = await day.gate.admit(check)
    assert isinstance(admission, Permit)
    day.gate.settle(admission, answered(tokens=None, cost_usd=1.0))
    day.clock.now += 5
    due = day.gate.next_due(check, MIDNIGHT + 5)
    assert MIDNIGHT + DAY <= due < MIDNIGHT + DAY + 60
    assert day.gate.effective_interval(check) == due - MIDNIGHT - 5
    await day.store.close()


async def test_a_run_under_way_over_reloads_leaves_nothing_reserved(tmp_path: Path) -> None:
    """Its check was taken out and put back meanwhile: what is left of the money is told as it is."""
    day = await gated(tmp_path, 10 * WORST)
    (check,) = day.checks
    admission = await day.gate.admit(check)
    assert isinstance(admission, Permit)
    day.gate.configure([], day.budgets)
    day.gate.configure([check], day.budgets)
    day.gate.settle(admission, answered(cost_usd=0.000098, tokens=None))
    assert day.gate._excess == {check.target.provider.name: 0}
    await day.store.close()


async def test_another_interval_is_told_at_once(tmp_path: Path) -> None:
    day = await gated(tmp_path, 10 * WORST)
    (check,) = day.checks
    hourly = replace(check, interval=3600.0)
    day.gate.configure([hourly], day.budgets)
    day.gate.next_due(hourly, MIDNIGHT)
    assert day.gate.effective_interval(hourly) == 3600
    day.gate.configure([check], day.budgets)
    assert day.gate.effective_interval(check) == check.interval
    await day.store.close()


async def test_a_stretched_interval_outlives_a_reload(tmp_path: Path) -> None:
    day = await gated(tmp_path, WORST)
    (check,) = day.checks
    due = day.gate.next_due(check, MIDNIGHT)
    assert due - MIDNIGHT > 2 * check.interval
    day.gate.configure([check], day.budgets)
    assert day.gate.effective_interval(check) == due - MIDNIGHT
    await day.store.close()


@pytest.mark.parametrize(
    ("gap", "interval"),
    [(60.0, 60.0), (90.0, 60.0), (90.1, 90.1), (140.0, 140.0)],
    ids=["as configured", "half as long again may be the slot", "a little longer is a stretch", "far longer"],
)
async def test_the_interval_in_effect(tmp_path: Path, gap: float, interval: float) -> None:
    day = await gated(tmp_path, 10 * WORST)
    (check,) = day.checks
    day.gate._gaps[check.id] = gap
    assert check.interval == 60.0
    assert day.gate.effective_interval(check) == interval
    await day.store.close()


async def test_two_checks_share_what_one_had(tmp_path: Path) -> None:
    """Twice as many runs are paid from the same money, so each check comes half as often."""
    gaps = []
    for checks in ([paid_check()], [paid_check(), paid_check(1)]):
        day = await gated(tmp_path / str(len(checks)), a_fifth(1))
        day.gate.configure(checks, day.budgets)
        gaps.append(day.gate.next_due(checks[0], MIDNIGHT) - MIDNIGHT)
        await day.store.close()
    assert gaps[1] == pytest.approx(2 * gaps[0], rel=0.05)


async def test_what_a_run_costs_is_learnt_from_those_that_were_billed(tmp_path: Path) -> None:
    """A vendor that refuses for an hour has not become free; what was learnt outlives a reload, not another price."""
    day = await gated(tmp_path, 10 * WORST)
    (check,) = day.checks
    learnt = []
    for outcome in (answered(cost_usd=0.00001, tokens=None), failed(Reason.RATE_LIMITED, http_status=429)):
        admission = await day.gate.admit(check)
        assert isinstance(admission, Permit)
        day.gate.settle(admission, outcome)
        learnt.append(day.gate.usual_charge(check))
    day.gate.configure([replace(check, required=not check.required)], day.budgets)
    assert learnt == [day.gate.usual_charge(check)] * 2 != [None] * 2
    another = replace(check, target=replace(check.target, alias="another"))
    day.gate.configure([another], day.budgets)
    assert day.gate.usual_charge(another) is None
    await day.store.close()


async def test_tokens_of_an_unknown_price_are_charged_as_assumed(tmp_path: Path) -> None:
    day = await gated(tmp_path, 100 * WORST)
    (check,) = day.checks
    unpriced = replace(check, target=replace(check.target, price=None))
    admission = await day.gate.admit(unpriced)
    assert isinstance(admission, Permit)
    outcome = day.gate.settle(admission, answered(tokens=TOKENS, cost_usd=None))
    assert outcome.cost_nano_usd is None
    assert day.booked == (TOKENS.input + TOKENS.output) * 15_000, "15 USD per million tokens"
    await day.store.close()
