"""Starts and stops the HTTP server, and says in one sentence why it cannot."""

import errno
import socket
import ssl
from collections.abc import MutableMapping
from dataclasses import dataclass
from logging import Logger, LoggerAdapter
from typing import Any

from aiohttp import web
from aiohttp.http import HttpProcessingError
from aiohttp.log import server_logger

from exporter.core.errors import UsageError
from exporter.server.limits import ConnectionLimiter, LimitedSite, Limits

GOODBYE = 1.0
"""Seconds that an answer in progress gets when the server stops."""

IDLE = 75.0
"""Seconds after which a connection that asks nothing is closed."""

MOST_HEADERS = 64
"""Headers of a request; each may have 8190 bytes."""

_ELSEWHERE = "choose another address with --listen HOST:PORT"
_WHY = {
    errno.EADDRINUSE: f"the port is in use; stop what uses it or {_ELSEWHERE}",
    errno.EACCES: f"this user may not use the port; {_ELSEWHERE} (ports below 1024 need privileges)",
    errno.EADDRNOTAVAIL: f"this machine has no such address; {_ELSEWHERE}",
}

# What asyncio says, without a number, where the machine has none of a host's addresses (seen with Python 3.13.0).
_NONE_LEFT = "could not bind on any address"


@dataclass(frozen=True, slots=True)
class Listen:
    """An address to listen on. `host` None means all addresses of the machine, port 0 any free port."""

    host: str | None
    port: int

    def __str__(self) -> str:
        host = self.host or ""
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"


class ClientErrors(LoggerAdapter[Logger]):
    """A client that does not speak HTTP is worth a line in the log, not a traceback with what it sent."""

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        if isinstance(kwargs.get("exc_info"), HttpProcessingError):
            return f"{msg}: not HTTP", {**kwargs, "exc_info": None}
        return msg, kwargs


class Server:
    """An application at an address, within limits; with `tls` by HTTPS.

    `port` is the real one after `start`, also where any free one was asked for.
    """

    def __init__(
        self,
        app: web.Application,
        listen: Listen,
        *,
        tls: ssl.SSLContext | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._connections = ConnectionLimiter(limits or Limits())
        app.middlewares.insert(0, self._connections.mark)
        self._tls = tls
        self._options: dict[str, Any] = {
            "access_log": None,
            "auto_decompress": False,
            "keepalive_timeout": IDLE,
            "logger": ClientErrors(server_logger),
            "max_headers": MOST_HEADERS,
        }
        self._runner = web.AppRunner(app, shutdown_timeout=GOODBYE, **self._options)
        self._listen = listen
        self.port = listen.port

    @property
    def url(self) -> str:
        """Where a browser on this machine finds it."""
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://{Listen(self._listen.host or 'localhost', self.port)}/"

    async def start(self) -> None:
        """Listen; UsageError if that cannot be."""
        await self._runner.setup()
        try:
            site = LimitedSite(
                self._runner, self._listen.host, self._listen.port, self._tls, self._connections, options=self._options
            )
            await site.start()
        except (OSError, UnicodeError) as problem:
            await self._runner.cleanup()
            raise UsageError(f"cannot listen on {self._listen}: {explain_listen_error(problem)}") from problem
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening, let answers in progress end, close what is left."""
        await self._runner.cleanup()


def explain_listen_error(problem: OSError | UnicodeError) -> str:
    """Why an address cannot be listened on, and what to do instead."""
    if isinstance(problem, (socket.gaierror, UnicodeError)):
        return f"the host is not known; {_ELSEWHERE}"
    code = problem.errno or (errno.EADDRNOTAVAIL if str(problem).startswith(_NONE_LEFT) else 0)
    return _WHY.get(code, f"{problem.strerror or problem}; {_ELSEWHERE}")
