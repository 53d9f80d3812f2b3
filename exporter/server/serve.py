"""Starts and stops the HTTP server, and says in one sentence why it cannot."""

import errno
import socket

from aiohttp import web

from exporter.errors import UsageError
from exporter.server.listen import Listen

GOODBYE = 1.0
"""Seconds that an answer in progress gets when the server stops."""

IDLE = 75.0
"""Seconds after which a connection that asks nothing is closed."""

_ELSEWHERE = "choose another address with --listen HOST:PORT"
_WHY = {
    errno.EADDRINUSE: f"the port is in use; stop what uses it or {_ELSEWHERE}",
    errno.EACCES: f"this user may not use the port; {_ELSEWHERE} (ports below 1024 need privileges)",
    errno.EADDRNOTAVAIL: f"this machine has no such address; {_ELSEWHERE}",
}


class Server:
    """An application at an address. `port` is the real one after `start`, also where any free one was asked for."""

    def __init__(self, app: web.Application, listen: Listen) -> None:
        self._runner = web.AppRunner(app, access_log=None, keepalive_timeout=IDLE, shutdown_timeout=GOODBYE)
        self._listen = listen
        self.port = listen.port

    @property
    def url(self) -> str:
        """Where a browser on this machine finds it."""
        return f"http://{Listen(self._listen.host or 'localhost', self.port)}/"

    async def start(self) -> None:
        """Listen; UsageError if that cannot be."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._listen.host, self._listen.port).start()
        except OSError as problem:
            await self._runner.cleanup()
            raise UsageError(f"cannot listen on {self._listen}: {_why(problem)}") from problem
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening, let answers in progress end, close what is left."""
        await self._runner.cleanup()


def _why(problem: OSError) -> str:
    if isinstance(problem, socket.gaierror):
        return f"the host is not known; {_ELSEWHERE}"
    return _WHY.get(problem.errno or 0, f"{problem.strerror or problem}; {_ELSEWHERE}")
