"""A held loop is seen, and seconds are counted."""

import asyncio
import contextlib
import time

from hypothesis import example, given
from hypothesis import strategies as st

from exporter.aio.lag_monitor import PERIOD, LagMonitor
from exporter.core.clock import SystemClock

HOLD = 0.2


async def test_a_held_loop_is_reported_and_remembered() -> None:
    clock, delays, reported = SystemClock(), list[float](), asyncio.Event()

    def report(delay: float) -> None:
        delays.append(delay)
        reported.set()

    watch = LagMonitor(clock, report, lambda: None)
    task = asyncio.create_task(watch.run())
    await reported.wait()
    before = clock.monotonic_ns()
    time.sleep(HOLD)  # noqa: ASYNC251  (holding the loop is what is tested)
    reported.clear()
    await reported.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task

    assert watch.worst_delay_since(before) > HOLD / 2
    assert max(delays) == watch.worst_delay_since(0)
    assert watch.worst_delay_since(clock.monotonic_ns()) == 0.0


@given(st.lists(st.floats(0, 1), max_size=30), st.integers(0, 30))
@example([1.0, *[0.5] * 12], 0)
def test_the_longest_of_those_that_ended_since(delays: list[float], since: int) -> None:
    watch = LagMonitor(SystemClock(), lambda _: None, lambda: None)
    for second, delay in enumerate(delays):
        watch.record_delay(second * 1_000_000_000, delay)
        lately = [each for at, each in enumerate(delays[: second + 1]) if at >= max(since, second - 10)]
        assert watch.worst_delay_since(since * 1_000_000_000) == max(lately, default=0.0)


async def test_each_second_is_told() -> None:
    second, delays = asyncio.Event(), list[float]()
    watch = LagMonitor(SystemClock(), delays.append, second.set)
    task = asyncio.create_task(watch.run())

    await second.wait()
    assert len(delays) * PERIOD == 1.0

    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
