"""What the tests of lines share: the two ends of one, rounds of the loop, and turns that do not come at once."""

import asyncio
import socket
from collections.abc import Callable

from exporter.transport.http.connection import Connection
from exporter.transport.timing.fair_queue import FairQueue

Ends = tuple[Connection, socket.socket]
"""A line, and the socket at its other end."""


class HeldTurns(FairQueue):
    """On a busy loop: whoever asks waits until it is told to go on."""

    def __init__(self) -> None:
        super().__init__(asyncio.get_running_loop())
        self.held = False
        self._asked: list[Callable[[], None]] = []

    def schedule(self, go_on: Callable[[], None]) -> None:
        if self.held:
            self._asked.append(go_on)
        else:
            super().schedule(go_on)

    def go_on(self) -> None:
        """All who asked get their turn."""
        while self._asked:
            self._asked.pop(0)()

    @property
    def asked(self) -> int:
        """How many wait."""
        return len(self._asked)


async def passed(condition: Callable[[], bool]) -> None:
    """Let the event loop go round until the condition holds."""
    while not condition():  # noqa: ASYNC110 (the very rounds of the loop are what is waited for)
        await asyncio.sleep(0)


async def arrived(line: Connection, theirs: socket.socket, data: bytes) -> None:
    """Send it, and see it come."""
    before = line.socket.received_ns
    theirs.sendall(data)
    await passed(lambda: line.socket.received_ns != before)
