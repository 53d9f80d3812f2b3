"""A loop that knows how long it has not looked: held, idle, and with somebody else's data."""

import asyncio
import socket
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from exporter.clock import SystemClock
from exporter.watched_loop import WatchedLoop, run_watched

HOLD = 0.05


def watched(work: Callable[[WatchedLoop], Coroutine[Any, Any, int]]) -> int:
    async def on_loop() -> int:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, WatchedLoop)
        return await work(loop)

    return run_watched(on_loop)


def note(loop: WatchedLoop, read: asyncio.Future[int]) -> None:
    if not read.done():
        read.set_result(loop.unseen_since_ns())


async def read_after(loop: WatchedLoop, hold: float) -> tuple[int, int]:
    """A byte that came while the loop was held is read: since when it may have waited, and when it was sent."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0)
        read: asyncio.Future[int] = loop.create_future()
        loop.add_reader(ours, partial(note, loop, read))
        await asyncio.sleep(0)
        sent = time.monotonic_ns()
        theirs.send(b"x")
        time.sleep(hold)  # noqa: ASYNC251  (holding the loop is what is tested)
        since = await read
        loop.remove_reader(ours)
    return since, sent


def test_what_came_while_the_loop_was_held_may_have_waited_so_long() -> None:
    async def work(loop: WatchedLoop) -> int:
        since, sent = await read_after(loop, HOLD)
        assert since <= sent
        return 0

    assert watched(work) == 0


def say_later(theirs: socket.socket) -> None:
    time.sleep(HOLD)
    theirs.send(b"x")


def test_what_an_idle_loop_waited_for_has_not() -> None:
    async def work(loop: WatchedLoop) -> int:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.settimeout(0)
            read: asyncio.Future[int] = loop.create_future()
            loop.add_reader(ours, partial(note, loop, read))
            await asyncio.sleep(0)
            before = time.monotonic_ns()
            loop.run_in_executor(None, say_later, theirs)
            since = await read
            loop.remove_reader(ours)
        assert since > before
        return 0

    assert watched(work) == 0


def test_the_result_of_the_work_is_returned() -> None:
    async def work(loop: WatchedLoop) -> int:
        assert loop.unseen_since_ns() <= SystemClock().monotonic_ns()
        return 7

    assert watched(work) == 7
