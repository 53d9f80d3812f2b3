"""Starts spread as designed, confirmations and reloads keep the rest, and nothing runs after stop."""

import asyncio
import itertools
from dataclasses import replace

import pytest

from exporter.clock import SystemClock
from exporter.scheduler import Scheduler, first_runs, next_slot, slot
from exporter.target import Check, Deadlines, Kind, Provider, Target


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


def test_a_slot_is_stable_and_lies_in_the_interval() -> None:
    check = make_check(interval=60)

    assert slot(check) == slot(make_check(interval=60))
    assert 0 <= slot(check) < 60
    assert (next_slot(check, 1_000_000.0) - slot(check)) % 60 == pytest.approx(0, abs=1e-6)
    assert 1_000_000.0 <= next_slot(check, 1_000_000.0) < 1_000_060.0


def test_slots_spread_over_the_interval() -> None:
    slots = sorted(slot(make_check(f"model-{n}", interval=60)) for n in range(600))
    per_quarter = [sum(1 for each in slots if 15 * q <= each < 15 * (q + 1)) for q in range(4)]

    assert all(100 < count < 200 for count in per_quarter)


def test_free_checks_start_at_once_and_paid_ones_spread() -> None:
    checks = [make_check("", paid=False, probe="models"), *(make_check(f"m{n}") for n in range(10))]

    starts = {each.check.id: each for each in first_runs(checks, 1000.0)}

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
    starts = first_runs([make_check(f"m{n}", interval=interval) for n in range(checks)], 0.0)

    assert max(each.at for each in starts) == pytest.approx(spread * (checks - 1) / checks)


def test_the_regular_slot_keeps_a_distance_from_the_first_run() -> None:
    for first in first_runs([make_check(f"m{n}") for n in range(200)], 5000.0):
        assert 30 <= first.regular - first.at <= 90


async def test_a_check_runs_again_and_again_with_the_moment_it_was_due() -> None:
    log = Log()
    scheduler = Scheduler(log.run, SystemClock())
    scheduler.start()
    scheduler.apply([make_check(interval=0.2)])

    async with asyncio.timeout(5):
        seen = [await log.runs.get() for _ in range(4)]
    await scheduler.stop()

    dues = [due for _, due in seen]
    assert dues[3] - dues[2] == pytest.approx(0.2, abs=1e-3)


async def test_a_confirmation_runs_beside_the_schedule() -> None:
    log = Log()
    scheduler = Scheduler(log.run, SystemClock())
    scheduler.start()
    check = make_check(interval=3600)
    scheduler.apply([check])
    async with asyncio.timeout(5):
        await log.runs.get()
        scheduler.confirm(check, 0.05)
        again = await log.runs.get()
    await scheduler.stop()

    assert again[0] == check.id


async def test_a_reload_drops_what_is_gone_and_starts_what_is_new() -> None:
    log = Log()
    scheduler = Scheduler(log.run, SystemClock())
    scheduler.start()
    old, kept = make_check("old", interval=0.1), make_check("kept", interval=3600)
    scheduler.apply([old, kept])
    async with asyncio.timeout(5):
        while (await log.runs.get())[0] != kept.id:
            pass
        fresh = make_check("fresh", interval=0.1)
        scheduler.apply([replace(kept, required=False), fresh])
        while not log.runs.empty():
            log.runs.get_nowait()
        seen = {(await log.runs.get())[0] for _ in range(5)}
    await scheduler.stop()

    assert seen == {fresh.id}


async def test_stop_cancels_what_is_under_way_and_waits_for_it() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def run(_check: Check, _due: float) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    scheduler = Scheduler(run, SystemClock())
    scheduler.start()
    scheduler.apply([make_check(interval=0.1)])
    async with asyncio.timeout(5):
        await begun.wait()
        await scheduler.stop()

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


async def test_a_clock_step_is_noticed_once() -> None:
    clock = SteppedClock()
    scheduler = Scheduler(Log().run, clock)
    scheduler.start()
    scheduler.apply([make_check()])

    assert not scheduler.realign()
    clock.step = -3600.0
    assert scheduler.realign()
    assert not scheduler.realign()
    await scheduler.stop()
