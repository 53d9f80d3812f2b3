"""Who may go on, a few at a time: between two turns the event loop looks at its sockets again.

A thousand answers that arrive together are a second of work. Were all of it done at once, what arrives meanwhile would
be joined by the kernel and carry the stamp of its last part. So data is taken and stamped as it comes, and the work it
makes waits in a queue.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial

AT_A_TIME = 2
"""Each may be a whole run's judgement, half a millisecond; the loop is then free again."""


class Turns:
    """Lets so many go on in each round of the loop, in the order in which they asked."""

    def __init__(self, loop: asyncio.AbstractEventLoop, at_a_time: int = AT_A_TIME) -> None:
        self._loop = loop
        self._at_a_time = at_a_time
        self._left = at_a_time
        self._waiting: deque[Callable[[], None]] = deque()
        self._counting = False

    def ask(self, go_on: Callable[[], None]) -> None:
        """Call this in this round, or in one of the next."""
        if self._left:
            self._take(go_on)
        else:
            self._waiting.append(go_on)

    async def mine(self) -> None:
        """Wait for a turn; in a calm round there is nothing to wait for."""
        if self._left:
            self._take(_at_once)
            return
        given = self._loop.create_future()
        self._waiting.append(partial(_give, given))
        await given

    def _take(self, go_on: Callable[[], None]) -> None:
        self._left -= 1
        if not self._counting:
            self._counting = True
            self._loop.call_soon(self._next_round)
        go_on()

    def _next_round(self) -> None:
        self._counting = False
        self._left = self._at_a_time
        while self._waiting and self._left:
            self._take(self._waiting.popleft())


def _give(given: asyncio.Future[None]) -> None:
    if not given.done():
        given.set_result(None)


def _at_once() -> None:
    """Whoever asked goes on by itself."""
