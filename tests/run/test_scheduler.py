"""Starts spread as designed, confirmations and reloads keep the rest, and nothing runs after stop."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.core.clock import SystemClock
from exporter.core.target import Check, Deadlines, Kind, Provider, Target
from exporter.run.scheduler import (
    FirstRun,
    Pace,
    PacedTrigger,
    Run,
    Scheduler,
    cron_begins_between,
    next_regular_run,
    next_slot,
    plan_first_runs,
    resume_first_runs,
    slot_offset,
)


class NoKey:
    """A credential that is none."""

    def reveal(self) -> None:
        return None


def make_check(model: str = "m", *, interval: float = 60.0, paid: bool = True, probe: str = "chat") -> Check:
    provider = Provider(
        name="p",
        preset="openai-compatible",
        kind=Kind.DIRECT,
        dialects=("openai-chat",),
        base_url="http://127.0.0.1:1",
        credential=NoKey(),
    )
    return Check(
        target=Target(provider=provider, model=model, dialect="openai-chat"),
        probe=probe,
        kind=probe,
        settings=None,
        interval=interval,
        deadlines=Deadlines(connect=1, first_token=1, total=1),
        required=True,
        paid=paid,
    )


class Log:
    """Notes each run and lets a test wait for the next one."""

    def __init__(self) -> None:
        self.runs: asyncio.Queue[tuple[str, float]] = asyncio.Queue()

    async def run(self, check: Check, due: float) -> None:
        await self.runs.put((check.id, due))


@asynccontextmanager
async def scheduling(run: Run, pace: Pace = next_regular_run) -> AsyncIterator[Scheduler]:
    """A scheduler that has begun to count time; what it is asked for comes in time, or the test has failed."""
    scheduler = Scheduler(run, SystemClock(), pace)
    scheduler.start()
    try:
        async with asyncio.timeout(60):
            yield scheduler
    finally:
        await scheduler.stop()


def test_a_slot_is_stable_and_lies_in_the_interval() -> None:
    check = make_check(interval=60)

    assert slot_offset(check) == slot_offset(make_check(interval=60))
    assert 0 <= slot_offset(check) < 60
    assert (next_slot(check, 1_000_000.0) - slot_offset(check)) % 60 == pytest.approx(0, abs=1e-6)
    assert 1_000_000.0 <= next_slot(check, 1_000_000.0) < 1_000_060.0


def test_slots_spread_over_the_interval() -> None:
    slots = sorted(slot_offset(make_check(f"model-{n}", interval=60)) for n in range(600))
    per_quarter = [sum(1 for each in slots if 15 * q <= each < 15 * (q + 1)) for q in range(4)]

    assert all(100 < count < 200 for count in per_quarter)


def test_free_checks_start_at_once_and_paid_ones_spread() -> None:
    checks = [make_check("", paid=False, probe="models"), *(make_check(f"m{n}") for n in range(10))]

    starts = {each.check.id: each for each in plan_first_runs(checks, 1000.0)}

    assert starts["p//models"].at == 1000.0
    paid = sorted(each.at for each in starts.values() if each.check.paid)
    assert paid[0] == 1000.0
    assert paid[-1] == pytest.approx(1004.5)
    gaps = [later - earlier for earlier, later in itertools.pairwise(paid)]
    assert gaps == pytest.approx([0.5] * 9)


@pytest.mark.parametrize(("checks", "interval", "spread"), [(1000, 60.0, 20.0), (10, 2.0, 2.0), (10_000, 30.0, 30.0)])
def test_the_spread_grows_with_the_checks_and_stays_within_an_interval(
    checks: int, interval: float, spread: float
) -> None:
    starts = plan_first_runs([make_check(f"m{n}", interval=interval) for n in range(checks)], 0.0)

    assert max(each.at for each in starts) == pytest.approx(spread * (checks - 1) / checks)


def test_the_regular_slot_keeps_a_distance_from_the_first_run() -> None:
    for first in plan_first_runs([make_check(f"m{n}") for n in range(200)], 5000.0):
        assert 30 <= first.regular - first.at <= 90


def test_what_an_earlier_process_ran_keeps_its_pace() -> None:
    lately, long_ago, never = make_check("lately"), make_check("long-ago"), make_check("never")

    starts = {
        each.check.id: each
        for each in resume_first_runs(
            [lately, long_ago, never], {lately.id: 990.0, long_ago.id: 100.0}, 1000.0, next_regular_run
        )
    }

    assert starts[lately.id].at == starts[lately.id].regular == next_regular_run(lately, 990.0)
    assert starts[lately.id].at > 1000.0
    assert sorted([starts[long_ago.id].at, starts[never.id].at]) == [1000.0, 1002.5]


async def test_the_pace_is_asked_each_time() -> None:
    log, asked = Log(), set()

    def pace(check: Check, due: float) -> float:
        asked.add(due)
        return due + 0.1 * len(asked)

    async with scheduling(log.run, pace) as scheduler:
        check = make_check(interval=3600)
        list(scheduler.apply([check], {check.id: SystemClock().wall()}))
        dues = [(await log.runs.get())[1] for _ in range(4)]

    gaps = [later - earlier for earlier, later in itertools.pairwise(dues)]
    # Longer where the machine was late: the pace then goes on from there.
    assert [gap >= least - 1e-3 for gap, least in zip(gaps, (0.2, 0.3, 0.4), strict=True)] == [True] * 3


@given(first=st.floats(1.7e9, 1.8e9), gap=st.floats(0.0, 90.0), passed=st.floats(-100.0, 200.0))
def test_each_moment_comes_after_the_one_before(first: float, gap: float, passed: float) -> None:
    """The library keeps microseconds: what rounding puts before itself would be due for ever."""
    rhythm = PacedTrigger(FirstRun(make_check(), first, first + gap), next_regular_run)
    now = datetime.fromtimestamp(first + gap + passed, UTC)
    moments = [rhythm.get_next_fire_time(None, now)]
    while len(moments) < 5:
        moments.append(rhythm.get_next_fire_time(moments[-1], max(now, moments[-1])))

    assert all(later > earlier for earlier, later in itertools.pairwise(moments))
    assert moments[0].timestamp() == pytest.approx(first, abs=1e-6)
    if gap > 1e-3 and passed < -1e-3:
        assert moments[1].timestamp() == pytest.approx(first + gap, abs=1e-6)


async def test_a_check_is_due_once_where_it_begins_in_its_slot() -> None:
    log = Log()
    async with scheduling(log.run, lambda _check, due: due + 3600) as scheduler:
        check = make_check(interval=3600)
        list(scheduler.apply([check], {check.id: SystemClock().wall() - 3599.8}))
        await log.runs.get()
        scheduler.confirm(check, 0.05)
        await log.runs.get()

    assert log.runs.empty()


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        pytest.param(1030.0, 1060.0, id="in time"),
        pytest.param(5000.0, 5060.0, id="many intervals late"),
    ],
)
def test_missed_moments_are_not_made_up_for(asked: float, answer: float) -> None:
    rhythm = PacedTrigger(FirstRun(make_check(), 1000.0, 1000.0), lambda _check, due: due + 60)
    first, now = (datetime.fromtimestamp(at, UTC) for at in (1000.0, asked))

    assert rhythm.get_next_fire_time(None, now) == first
    assert rhythm.get_next_fire_time(first, now).timestamp() == answer
    assert rhythm.due == 1000.0


@pytest.mark.parametrize(
    ("schedule", "after", "until", "begins"),
    [
        pytest.param("0 3 * * sun", "2026-11-22T02:59:59", "2026-11-22T03:00:00", True, id="up to it"),
        pytest.param("0 3 * * sun", "2026-11-22T03:00:00", "2026-11-22T04:00:00", False, id="from it on"),
        pytest.param("0 3 * * sun", "2026-11-23T02:00:00", "2026-11-23T04:00:00", False, id="another day"),
        pytest.param("*/15 * * * *", "2026-11-23T02:01:00", "2026-11-23T02:14:59", False, id="between two"),
        pytest.param("*/15 * * * *", "2026-11-23T02:01:00", "2026-11-23T02:20:00", True, id="over one"),
        pytest.param("0 0 30 2 *", "2026-11-23T02:01:00", "2027-11-23T02:20:00", False, id="a day that never comes"),
    ],
)
def test_when_cron_fields_begin(schedule: str, after: str, until: str, begins: bool) -> None:
    span = [datetime.fromisoformat(f"{each}+00:00").timestamp() for each in (after, until)]
    assert cron_begins_between(schedule, *span) is begins


async def test_a_check_runs_again_and_again_with_the_moment_it_was_due() -> None:
    log = Log()
    async with scheduling(log.run) as scheduler:
        list(scheduler.apply([make_check(interval=0.2)]))
        dues = [(await log.runs.get())[1] for _ in range(4)]

    intervals = (dues[3] - dues[2]) / 0.2
    assert round(intervals) >= 1, "more than one where the machine was late"
    assert intervals == pytest.approx(round(intervals), abs=0.01)


async def test_a_confirmation_runs_beside_the_schedule() -> None:
    log = Log()
    async with scheduling(log.run) as scheduler:
        check = make_check(interval=3600)
        list(scheduler.apply([check]))
        await log.runs.get()
        scheduler.confirm(check, 0.05)
        again = await log.runs.get()

    assert again[0] == check.id


async def test_a_reload_drops_what_is_gone_and_starts_what_is_new() -> None:
    log = Log()
    async with scheduling(log.run) as scheduler:
        old, kept = make_check("old", interval=0.1), make_check("kept", interval=3600)
        list(scheduler.apply([old, kept]))
        while (await log.runs.get())[0] != kept.id:
            pass
        fresh = make_check("fresh", interval=0.1)
        list(scheduler.apply([replace(kept, required=False), fresh]))
        await asyncio.sleep(0)  # what had begun before still notes its run
        while not log.runs.empty():
            log.runs.get_nowait()
        seen = {(await log.runs.get())[0] for _ in range(5)}

    assert seen == {fresh.id}


async def test_stop_cancels_what_is_under_way_and_waits_for_it() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def run(_check: Check, _due: float) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with scheduling(run) as scheduler:
        list(scheduler.apply([make_check(interval=0.1)]))
        await begun.wait()

    assert ended.is_set()


class SteppedClock:
    """The machine's clock, with a wall clock that a test may set."""

    def __init__(self) -> None:
        self.step = 0.0
        self._real = SystemClock()

    def monotonic_ns(self) -> int:
        return self._real.monotonic_ns()

    def wall(self) -> float:
        return self._real.wall() + self.step


@pytest.mark.parametrize("step", [86_400.0, -86_400.0, 3600.0])
async def test_a_clock_step_is_no_lag(step: float) -> None:
    clock = SteppedClock()
    scheduler = Scheduler(Log().run, clock)
    scheduler.start()
    due = clock.wall()
    clock.step = step
    assert scheduler.lag_since(due) < 10
    await scheduler.stop()


async def test_a_clock_step_is_noticed_once() -> None:
    clock = SteppedClock()
    scheduler = Scheduler(Log().run, clock)
    scheduler.start()
    list(scheduler.apply([make_check()]))

    assert not scheduler.realign()
    clock.step = -3600.0
    assert scheduler.realign()
    assert not scheduler.realign()
    await scheduler.stop()


async def test_a_confirmation_keeps_its_delay_when_the_clock_is_set_back() -> None:
    clock, log = SteppedClock(), Log()
    clock.step = 3600.0
    scheduler = Scheduler(log.run, clock)
    scheduler.start()
    check = make_check(interval=86_400)
    list(scheduler.apply([check], {check.id: clock.wall()}))
    scheduler.confirm(check, 0.5)

    clock.step = 0.0
    assert scheduler.realign()
    async with asyncio.timeout(30):
        assert (await log.runs.get())[0] == check.id
    await scheduler.stop()
