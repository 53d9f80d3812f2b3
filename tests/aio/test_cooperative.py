"""Work in slices lets others have the loop, and is done in order."""

import asyncio
from collections.abc import Iterator
from typing import Self

from exporter.aio.cooperative import LONGEST, run_in_slices
from exporter.core.clock import SystemClock


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


class Bystander:
    """Another task of the loop, which counts its turns while the block lasts."""

    def __init__(self) -> None:
        self.turns = 0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._turn())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()

    async def _turn(self) -> None:
        while True:
            self.turns += 1
            await asyncio.sleep(0)


async def turns_between(clock: Ticking, steps: int) -> list[int]:
    """How often another task had its turn before each step."""
    seen: list[int] = []

    def work() -> Iterator[None]:
        for _ in range(steps):
            seen.append(other.turns)
            yield

    async with Bystander() as other:
        await run_in_slices(work(), clock)
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
    await run_in_slices((), SystemClock())
