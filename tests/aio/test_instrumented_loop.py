"""A loop that knows how long it has not looked: held, idle, and with somebody else's data."""

import asyncio
import socket
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from exporter.aio.instrumented_loop import InstrumentedLoop, run_instrumented
from exporter.core.clock import SystemClock

HOLD = 0.05


def watched(work: Callable[[InstrumentedLoop], Coroutine[Any, Any, int]]) -> int:
    async def on_loop() -> int:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, InstrumentedLoop)
        return await work(loop)

    return run_instrumented(on_loop)


def note(loop: InstrumentedLoop, came: asyncio.Future[int]) -> None:
    if not came.done():
        came.set_result(loop.last_empty_poll_ns())


async def read(loop: InstrumentedLoop, send: Callable[[socket.socket], object]) -> tuple[int, int]:
    """What is sent is read: since when it may have waited, and when the sending began, in monotonic nanoseconds."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0)
        came: asyncio.Future[int] = loop.create_future()
        loop.add_reader(ours, partial(note, loop, came))
        await asyncio.sleep(0)
        began = time.monotonic_ns()
        send(theirs)
        since = await came
        loop.remove_reader(ours)
    return since, began


def send_and_hold(theirs: socket.socket) -> None:
    theirs.send(b"x")
    time.sleep(HOLD)


def test_what_came_while_the_loop_was_held_may_have_waited_so_long() -> None:
    async def work(loop: InstrumentedLoop) -> int:
        since, began = await read(loop, send_and_hold)
        assert since <= began
        return 0

    assert watched(work) == 0


def send_later(theirs: socket.socket) -> None:
    time.sleep(HOLD)
    theirs.send(b"x")


def test_what_an_idle_loop_waited_for_has_not() -> None:
    async def work(loop: InstrumentedLoop) -> int:
        since, began = await read(loop, lambda theirs: loop.run_in_executor(None, send_later, theirs))
        assert since > began
        return 0

    assert watched(work) == 0


def test_the_result_of_the_work_is_returned() -> None:
    async def work(loop: InstrumentedLoop) -> int:
        assert loop.last_empty_poll_ns() <= SystemClock().monotonic_ns()
        return 7

    assert watched(work) == 7
