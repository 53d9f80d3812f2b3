"""Work in slices lets others have the loop, and is done in order."""

import asyncio
from collections.abc import Iterator

from exporter.clock import SystemClock
from exporter.slices import LONGEST, in_slices


class Ticking:
    """A clock that goes on by a fixed time whenever it is read."""

    def __init__(self, seconds: float) -> None:
        self._step = int(seconds * 1e9)
        self._now = 0

    def monotonic_ns(self) -> int:
        self._now += self._step
        return self._now

    def wall(self) -> float:
        return self._now / 1e9


async def turns_between(clock: Ticking, steps: int) -> list[int]:
    """How often another task had its turn before each step."""
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    def work() -> Iterator[None]:
        for _ in range(steps):
            seen.append(turns)
            yield

    seen: list[int] = []
    task = asyncio.create_task(other())
    await in_slices(work(), clock)
    task.cancel()
    return seen


async def test_long_steps_give_the_loop_back_after_each() -> None:
    seen = await turns_between(Ticking(LONGEST), 4)
    assert seen == [0, 1, 2, 3]


async def test_short_steps_share_a_slice() -> None:
    seen = await turns_between(Ticking(LONGEST / 100), 50)
    assert seen == [0] * 50


async def test_each_slice_is_as_long_as_the_one_before() -> None:
    seen = await turns_between(Ticking(LONGEST / 3), 9)
    assert seen == [0, 0, 0, 1, 1, 1, 2, 2, 2]


async def test_nothing_to_do_is_done_at_once() -> None:
    await in_slices((), SystemClock())
