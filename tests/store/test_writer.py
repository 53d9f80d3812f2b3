"""The thread that writes: together, in order, and one call to all who wait."""

import asyncio
import sqlite3
import threading
from collections.abc import Sequence
from functools import partial

from exporter.core.clock import SystemClock
from exporter.store.tables import Statement
from exporter.store.writer import TOGETHER, Job, Writer
from tests.metrics.make import StoppedClock


class Keeper:
    """Keeps what it is given; `slices` says after each rest how many more there are."""

    def __init__(self, slices: int = 0) -> None:
        self.connection = sqlite3.connect(":memory:", check_same_thread=False)
        self.batches: list[list[Job]] = []
        self.slices = slices
        self.rested = threading.Event()
        self.closed = False

    def write(self, batch: Sequence[Job]) -> None:
        self.batches.append(list(batch))
        for job in batch:
            if not isinstance(job.what, Statement):
                job.what(self.connection)

    def clean_slice(self) -> bool:
        self.slices -= 1
        if self.slices <= 0:
            self.rested.set()
        return self.slices > 0

    def close(self) -> None:
        self.connection.close()
        self.closed = True


def note(seen: list[int], number: int, connection: sqlite3.Connection) -> None:
    seen.append(number)


def test_jobs_are_written_in_order_and_the_last_of_them_before_the_end() -> None:
    keeper, seen = Keeper(), list[int]()
    writer = Writer(keeper, SystemClock())
    for number in range(TOGETHER + 100):
        writer.put(Job(partial(note, seen, number)))
    writer.stop()
    assert seen == list(range(TOGETHER + 100))
    assert max(len(batch) for batch in keeper.batches) <= TOGETHER
    assert keeper.closed


async def test_one_who_waits_is_told_when_it_is_written() -> None:
    keeper = Keeper()
    writer = Writer(keeper, SystemClock())
    waits = [asyncio.get_running_loop().create_future() for _ in range(3)]
    for each in waits:
        writer.put(Job(lambda _: None, waiter=each))
    await asyncio.gather(*waits)
    assert sum(len(batch) for batch in keeper.batches) == 3
    await asyncio.to_thread(writer.stop)


async def test_one_who_gave_up_holds_up_nobody() -> None:
    writer = Writer(Keeper(), SystemClock())
    gone, waits = (asyncio.get_running_loop().create_future() for _ in range(2))
    gone.cancel()
    for each in (gone, waits):
        writer.put(Job(lambda _: None, waiter=each))
    await waits
    await asyncio.to_thread(writer.stop)


async def test_who_may_go_ahead_takes_nothing_else_along() -> None:
    keeper, seen = Keeper(), list[int]()
    writer = Writer(keeper, StoppedClock())
    ahead, behind = (asyncio.get_running_loop().create_future() for _ in range(2))
    writer.put(Job(partial(note, seen, 1)))
    writer.put(Job(partial(note, seen, 2), waiter=ahead, ahead=True))
    await ahead
    assert seen == [2]
    writer.put(Job(partial(note, seen, 3), waiter=behind))
    await behind
    assert seen == [2, 1, 3]
    await asyncio.to_thread(writer.stop)


def test_housekeeping_goes_on_while_there_is_more() -> None:
    keeper = Keeper(slices=5)
    writer = Writer(keeper, SystemClock())
    assert keeper.rested.wait(10)
    writer.stop()
    assert keeper.slices <= 0
