"""Connections kept for another request: given out again while they stand, dropped at the first thing that comes."""

import asyncio
from collections import defaultdict
from functools import partial

from yarl import URL

from exporter.transport.http.connection import Connection

Way = tuple[str, str | None, int | None, URL | None]
"""Scheme, host and port of the server, and the proxy on the way."""

_IDLE_SECONDS = 180.0
"""Longer than the pause between most probes, shorter than the patience of the address translators of large clouds
(240 s and 350 s), which forget a connection without a word."""


class ConnectionPool:
    """Idle connections by where they lead, the one used last first."""

    def __init__(self) -> None:
        self._lines: dict[Way, list[Connection]] = defaultdict(list)
        self._ends: dict[Connection, asyncio.TimerHandle] = {}

    def add(self, way: Way, line: Connection) -> None:
        """Keep a connection, as long as it stands and for three minutes at most."""
        drop = partial(self._drop, way, line)
        self._lines[way].append(line)
        self._ends[line] = asyncio.get_running_loop().call_later(_IDLE_SECONDS, drop)
        line.set_idle(drop)

    def take(self, way: Way) -> Connection | None:
        """One that leads there, if any is left. What it has heard since is no answer to what will be asked on it."""
        while self._lines[way]:
            line = self._lines[way].pop()
            self._ends.pop(line).cancel()
            if line.is_quiet:
                line.wake()
                return line
            line.close()
        return None

    def _drop(self, way: Way, line: Connection) -> None:
        """Drop an idle connection on which something arrived (its end, an error, a timeout of the server)."""
        if line in self._ends:
            self._ends.pop(line).cancel()
            self._lines[way].remove(line)
            line.close()
