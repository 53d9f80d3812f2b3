"""Connections kept for another request: given out again while they stand, dropped at the first thing that comes."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from functools import partial

from yarl import URL

from exporter.transport.http.connection import Connection

Way = tuple[str, str | None, int | None, URL | None]
"""Scheme, host and port of the server, and the proxy on the way."""

_IDLE_SECONDS = 180.0
"""Longer than the pause between most probes, shorter than the patience of the address translators of large clouds
(240 s and 350 s), which forget a connection without a word."""


_LOOK_EVERY = 25.0
"""Seconds after which the name of a kept connection is looked up again: who moves away is followed within a minute."""

HasMoved = Callable[[Way, Connection], Awaitable[bool]]


class ConnectionPool:
    """Idle connections by where they lead, the one used last first. `has_moved` looks a connection's name up again."""

    def __init__(
        self, has_moved: HasMoved, look_every: float = _LOOK_EVERY, idle_seconds: float = _IDLE_SECONDS
    ) -> None:
        self._has_moved = has_moved
        self._look_every = look_every
        self._idle_seconds = idle_seconds
        self._lines: dict[Way, list[Connection]] = defaultdict(list)
        self._timers: dict[Connection, list[asyncio.TimerHandle]] = {}
        self._looking: set[asyncio.Task[None]] = set()

    def add(self, way: Way, line: Connection) -> None:
        """Keep a connection, as long as it stands, for three minutes at most, and only while its name leads there."""
        loop = asyncio.get_running_loop()
        drop = partial(self._drop, way, line)
        self._lines[way].append(line)
        self._timers[line] = [loop.call_later(self._idle_seconds, drop)]
        self._plan_look(way, line)
        line.set_idle(drop)

    def take(self, way: Way) -> Connection | None:
        """One that leads there, if any is left. What it has heard since is no answer to what will be asked on it."""
        while self._lines[way]:
            line = self._lines[way].pop()
            self._cancel_timers(line)
            if line.is_quiet:
                line.wake()
                return line
            line.close()
        return None

    def _plan_look(self, way: Way, line: Connection) -> None:
        loop = asyncio.get_running_loop()
        due = max(line.checked_at + self._look_every, loop.time())
        self._timers[line].append(loop.call_at(due, self._start_look, way, line))

    def _start_look(self, way: Way, line: Connection) -> None:
        task = asyncio.get_running_loop().create_task(self._look(way, line))
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _look(self, way: Way, line: Connection) -> None:
        """Drop a connection whose name leads elsewhere by now; one that is in use meanwhile is looked at later.

        A look does not prolong how long a connection is kept.
        """
        asked_at = asyncio.get_running_loop().time()
        moved = await self._has_moved(way, line)
        if not moved:
            line.checked_at = asked_at
        if moved:
            self._drop(way, line)
        elif line in self._timers:
            self._plan_look(way, line)

    def _drop(self, way: Way, line: Connection) -> None:
        """Drop an idle connection on which something arrived (its end, an error, a timeout of the server)."""
        if line in self._timers:
            self._cancel_timers(line)
            self._lines[way].remove(line)
            line.close()

    def _cancel_timers(self, line: Connection) -> None:
        for timer in self._timers.pop(line):
            timer.cancel()
