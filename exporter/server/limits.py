"""Limits of one client: its connections, the time to send a request, the time to take the answer.

The HTTP library has no such limits: a client that sends one byte a minute, or never reads, would be kept for ever.
"""

import asyncio
import resource
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from ssl import SSLContext
from typing import Any, cast

from aiohttp import hdrs, web
from aiohttp.web_protocol import RequestHandler

from exporter.server.headers import HEADERS, SERVER
from exporter.server.request_heads import END_OF_HEAD, HeadError, HeadSplitter, make_refusal

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _count_allowed_connections() -> int:
    """Return half of the files this process may open; the other half is for probing."""
    return min(4096, max(64, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds for a TLS handshake, for the head of a request, and for a client that takes nothing of its answer.

    `farewell` are the seconds in which a refused client may read its answer; `connections` are those open at once.
    """

    handshake: float = 10.0
    head: float = 10.0
    stalled: float = 30.0
    farewell: float = 1.0
    connections: int = field(default_factory=_count_allowed_connections)


class ConnectionLimiter:
    """The connections that are open. The one that would be too many takes the place of one that waits idly."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._open: dict[asyncio.BaseTransport, LimitedConnection] = {}

    def __len__(self) -> int:
        return len(self._open)

    def join(self, transport: asyncio.BaseTransport, connection: "LimitedConnection") -> bool:
        """Return whether there is a place for it."""
        if len(self._open) >= self.limits.connections:
            idle = next((each for each in self._open.values() if not each.busy), None)
            if idle is None:
                return False
            idle.cut()
        self._open[transport] = connection
        return True

    def leave(self, transport: asyncio.BaseTransport) -> None:
        """Note that the connection is closed."""
        self._open.pop(transport, None)

    @web.middleware
    async def mark(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Tell the connection that its request is whole, and when it is answered."""
        connection = None if request.transport is None else self._open.get(request.transport)
        if connection is None:
            return await handler(request)
        connection.begin()
        try:
            return await handler(request)
        except ConnectionResetError:
            # The client left, or was cut off, in the middle of its answer: nothing is wrong here.
            return web.Response()
        finally:
            connection.end()


class LimitedConnection(asyncio.Protocol):
    """Stands between one connection and the protocol that serves it, and passes everything on in time."""

    def __init__(self, serve: Callable[[], asyncio.Protocol], connections: ConnectionLimiter) -> None:
        self._serve = serve
        self._connections = connections
        self._inner: asyncio.Protocol | None = None
        self._transport: asyncio.Transport | None = None
        self._asking: asyncio.TimerHandle | None = None
        self._taking: asyncio.TimerHandle | None = None
        self._heads = HeadSplitter()
        self._is_refused = False
        self._unanswered = 0
        self.busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Those of other event loops behave as this class says without being of it.
        transport = self._transport = cast("asyncio.Transport", transport)
        if not self._connections.join(transport, self):
            transport.abort()
            return
        self._inner = self._serve()
        self._inner.connection_made(transport)
        self._start_head_timer()

    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        if not self.busy:
            self._start_head_timer()
        try:
            heads = self._heads.feed(data)
        except HeadError as error:
            self._refuse(error)
            return
        if heads and self._inner is not None:
            self._unanswered += heads.count(END_OF_HEAD)
            self._inner.data_received(heads)

    def eof_received(self) -> bool | None:
        return None if self._inner is None else self._inner.eof_received()

    def pause_writing(self) -> None:
        loop = asyncio.get_running_loop()
        self._taking = self._taking or loop.call_later(self._connections.limits.stalled, self.cut)
        if self._inner is not None:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        _cancel_timer(self._taking)
        self._taking = None
        if self._inner is not None:
            self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        _cancel_timer(self._asking)
        _cancel_timer(self._taking)
        if self._transport is not None:
            self._connections.leave(self._transport)
        if self._inner is not None:
            self._inner.connection_lost(exc)

    def begin(self) -> None:
        """Note that the request is complete: from here on time is ours."""
        self.busy = True
        _cancel_timer(self._asking)
        self._asking = None

    def end(self) -> None:
        """Note that the request is answered."""
        self.busy = False
        self._unanswered -= 1

    def cut(self) -> None:
        """Close at once, whatever is left to say."""
        if self._transport is not None:
            self._connections.leave(self._transport)
            self._transport.abort()

    def _refuse(self, error: HeadError) -> None:
        """Answer, then read on for a moment: closing at once would reset the connection before the answer is read.

        With earlier requests unanswered the connection is cut: the refusal would pass for the answer to one of them.
        """
        self._is_refused = True
        if self._unanswered > 0:
            self.cut()
        elif self._transport is not None and not self._transport.is_closing():
            self._transport.write(make_refusal(error, HEADERS))
            asyncio.get_running_loop().call_later(self._connections.limits.farewell, self._transport.close)

    def _start_head_timer(self) -> None:
        """Start the timer of a request, which has to be complete in time."""
        if self._asking is None:
            self._asking = asyncio.get_running_loop().call_later(self._connections.limits.head, self.cut)


class PlainErrorHandler(RequestHandler):
    """aiohttp's protocol, whose own error answers (to what is not HTTP) name no versions."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        answer = super().handle_error(request, status, exc, message)
        plain = web.Response(status=answer.status, text=f"{HTTPStatus(answer.status).phrase}\n", headers=HEADERS)
        plain.headers[hdrs.SERVER] = SERVER
        plain.force_close()
        return plain


class LimitedSite(web.BaseSite):
    """Listens at an address, within limits. `tls` None is plain HTTP; `options` are those of aiohttp's protocol."""

    __slots__ = ("_connections", "_host", "_options", "_port")

    def __init__(
        self,
        runner: web.AppRunner,
        host: str | None,
        port: int,
        tls: SSLContext | None,
        connections: ConnectionLimiter,
        *,
        options: Mapping[str, Any],
    ) -> None:
        super().__init__(runner, ssl_context=tls)
        self._options = options
        self._host = host
        self._port = port
        self._connections = connections

    @property
    def name(self) -> str:
        """Where it listens, for messages."""
        return f"{'http' if self._ssl_context is None else 'https'}://{self._host or '0.0.0.0'}:{self._port}"  # noqa: S104

    async def start(self) -> None:
        """Listen. Raises OSError."""
        await super().start()
        serve = self._runner.server
        assert serve is not None
        loop, server, options = asyncio.get_running_loop(), serve, dict(self._options)

        def make_handler() -> asyncio.Protocol:
            return PlainErrorHandler(server, loop=loop, **options)

        self._server = await loop.create_server(
            lambda: LimitedConnection(make_handler, self._connections),
            self._host,
            self._port,
            ssl=self._ssl_context,
            backlog=self._backlog,
            ssl_handshake_timeout=None if self._ssl_context is None else self._connections.limits.handshake,
        )


def _cancel_timer(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
