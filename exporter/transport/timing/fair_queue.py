"""Who may go on, a few at a time: between two turns the event loop looks at its sockets again.

A thousand answers that arrive together are a second of work. Were all of it done at once, what arrives meanwhile would
be joined by the kernel and carry the stamp of its last part. So data is taken and stamped as it comes, and the work it
makes waits in a queue.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial

from exporter.aio.instrumented_loop import InstrumentedLoop

AT_A_TIME = 2
"""Each may be a whole run's judgement, half a millisecond; the loop is then free again."""


class FairQueue:
    """Lets a few go on in each round of the loop, in the order in which they asked."""

    def __init__(self, loop: asyncio.AbstractEventLoop, at_a_time: int = AT_A_TIME) -> None:
        self._loop = loop
        self._at_a_time = at_a_time
        self._left = at_a_time
        self._round = loop.poll_count if isinstance(loop, InstrumentedLoop) else _RoundCounter(loop)
        self._counted = -1
        self._waiting: deque[Callable[[], None]] = deque()
        self._called = False

    def schedule(self, go_on: Callable[[], None]) -> None:
        """Call this in this round, or in one of the next."""
        if self._has_room():
            go_on()
        else:
            self._enqueue(go_on)

    async def wait(self) -> None:
        """Wait for a turn; in a calm round there is nothing to wait for."""
        if self._has_room():
            return
        given = self._loop.create_future()
        self._enqueue(partial(_wake, given))
        await given

    def _has_room(self) -> bool:
        """Return whether one more may go on at once; if so it is counted."""
        now = self._round()
        if now != self._counted:
            self._counted, self._left = now, self._at_a_time
        if self._waiting or not self._left:
            return False
        self._left -= 1
        return True

    def _enqueue(self, go_on: Callable[[], None]) -> None:
        self._waiting.append(go_on)
        if not self._called:
            self._called = True
            self._loop.call_soon(self._run_round)

    def _run_round(self) -> None:
        self._called = False
        self._counted, self._left = self._round(), self._at_a_time
        try:
            while self._waiting and self._left:
                self._left -= 1
                self._waiting.popleft()()
        finally:  # an error of one is no reason to forget the others
            if self._waiting and not self._called:
                self._called = True
                self._loop.call_soon(self._run_round)


class _RoundCounter:
    """Counts the rounds of a loop that does not count them itself, while it is asked."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._number = 0
        self._called = False

    def __call__(self) -> int:
        if not self._called:
            self._called = True
            self._loop.call_soon(self._count_round)
        return self._number

    def _count_round(self) -> None:
        self._called = False
        self._number += 1


def _wake(given: asyncio.Future[None]) -> None:
    if not given.done():
        given.set_result(None)
