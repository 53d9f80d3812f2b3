"""Notes when each step of one request was done: asked of the socket, of the connection and of the request object.

aiohttp makes connections and writes requests deep inside; three of its openings let us look on: sockets come from our
factory, the request is written by our request class, and the connection's protocol is wrapped in a `Tap`. The current
request's recorder travels to them in a context variable.
"""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import AddrInfoType, Connection

from exporter.clock import Clock
from exporter.transport.stamps import StampedSocket
from exporter.wire import Moments

_SECOND_NS = 1e9
_STEPS = ("resolved", "connected", "secured", "sent", "first_byte")

RECORDER: ContextVar["Recorder"] = ContextVar("recorder")


class Tap(asyncio.Protocol):
    """Stands between a connection and aiohttp's protocol: notes arrivals, passes everything on.

    It stays with a connection that is kept alive. `arrived_ns` is when the last data came, or the end; `answered`
    says that something came since the last request, `ended` that the other side is done.
    """

    def __init__(self, inner: ResponseHandler, transport: asyncio.Transport, clock: Clock) -> None:
        self.transport = transport
        # Kept from the start: a closed connection cannot be asked any more who was at its other end.
        self.tls = transport.get_extra_info("ssl_object")
        self.socket: StampedSocket | None = None
        self.arrived_ns = 0
        self.answered = False
        self.ended = False
        self._inner = inner
        self._clock = clock
        self._request: Recorder | None = None

    def begin(self, request: "Recorder") -> None:
        """A new request goes out; it is told of the first byte after it, and of the loss of the connection."""
        self.answered = False
        self._request = request
        if self.socket is not None:
            self.socket.rewind()

    def rest(self) -> None:
        """The request is over; the connection may wait for another."""
        self._request = None

    def data_received(self, data: bytes) -> None:
        self._note()
        if not self.answered and self._request is not None:
            self.answered = True
            self._request.answered(self.arrived_ns)
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        self._note()
        self.ended = True
        self._inner.eof_received()
        return None

    def connection_lost(self, exc: Exception | None) -> None:
        # To be asked now: the next line replaces what was wrong with the bytes by the loss of the connection.
        wrong = self._inner.exception()
        self.ended = self.ended or wrong is None
        self._inner.connection_lost(exc)
        if self._request is not None:
            self._request.lost(wrong)

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def _note(self) -> None:
        stamp = self.socket.received_ns if self.socket else None
        self.arrived_ns = self._clock.monotonic_ns() if stamp is None else stamp


class Recorder:
    """The moments of one request, in monotonic nanoseconds; t0 is when it is made.

    `on_ready` is called when the connection can be written to. `reused` says that it had served a request before.
    `body` is to be set when the answer has begun.
    """

    def __init__(self, clock: Clock, *, kernel: bool, proxied: bool, on_ready: Callable[[], None]) -> None:
        self.t0 = clock.monotonic_ns()
        self.started_at = clock.wall()
        self.tap: Tap | None = None
        self.reused = False
        self.body: aiohttp.StreamReader | None = None
        self._clock = clock
        self._kernel = kernel
        self._proxied = proxied
        self._on_ready = on_ready
        self._sockets: list[StampedSocket] = []
        self._ready_ns: int | None = None
        self._opening: tuple[int | None, ...] | None = None
        self._sent_ns: int | None = None
        self._first_byte_ns: int | None = None

    def open_socket(self, address: AddrInfoType) -> StampedSocket:
        """A socket for this request; of several tried at once (IPv6, IPv4) one will win."""
        made = StampedSocket.open(address[0], address[1], address[2], self._clock, kernel=self._kernel)
        self._sockets.append(made)
        return made

    def ready(self, connection: Connection) -> None:
        """The connection stands: look on from here, and let the request go."""
        transport = connection.transport
        if transport is None:
            raise aiohttp.ClientConnectionResetError("lost as soon as it was made")
        protocol = transport.get_protocol()
        self.reused = isinstance(protocol, Tap)
        self.tap = protocol if isinstance(protocol, Tap) else self._tapped(transport, protocol)
        self._ready_ns = self._clock.monotonic_ns()
        self._opening = (self.t0,) * 3 if self.reused else self._opened(self.tap, self._ready_ns)
        self.tap.begin(self)
        self._on_ready()

    def written(self) -> None:
        """The request was handed to the connection; the socket knows better where it is ours."""
        self._sent_ns = self._clock.monotonic_ns()

    def answered(self, moment: int) -> None:
        """The first byte after the request arrived."""
        self._sent_ns = self._sent() or self._ready_ns
        self._first_byte_ns = moment

    def lost(self, wrong: BaseException | None) -> None:
        """The connection is gone; `wrong` is what broke the rules of HTTP before.

        aiohttp tells a body of its cut, but lets one wait for ever whose bytes were wrong.
        """
        if self.body is not None and not self.body.is_eof() and self.body.exception() is None:
            self.body.set_exception(wrong or aiohttp.ClientPayloadError())

    @property
    def connected(self) -> bool:
        """Whether some TCP connection was made."""
        return self._connected() is not None

    @property
    def kernel(self) -> bool:
        """Whether the arrivals of this request are the kernel's own stamps."""
        if self.tap is None or not self._kernel:
            return self._kernel
        return self.tap.socket is not None and self.tap.socket.kernel

    @property
    def held(self) -> float:
        """The longest that data waited for this process to read it, in seconds."""
        return self.tap.socket.held_ns / _SECOND_NS if self.tap and self.tap.socket else 0.0

    def arrival(self) -> int:
        """When what was read last had arrived."""
        return self.tap.arrived_ns if self.tap and self.tap.arrived_ns else self._clock.monotonic_ns()

    def moments(self, ended_ns: int) -> Moments:
        """The moments reached, in seconds since t0: never one before another, none after the end."""
        opening = self._opening or (self._resolved(), self._connected(), None)
        reached: list[float | None] = []
        last = self.t0
        for step in (*opening, self._sent(), self._first_byte_ns):
            last = last if step is None else min(max(step, last), ended_ns)
            reached.append(None if step is None else (last - self.t0) / _SECOND_NS)
        return Moments(**dict(zip(_STEPS, reached, strict=True)))

    def _tapped(self, transport: asyncio.Transport, protocol: Any) -> Tap:
        tap = Tap(protocol, transport, self._clock)
        number = transport.get_extra_info("socket").fileno()
        tap.socket = next((each for each in self._sockets if each.fileno() == number), None)
        transport.set_protocol(tap)
        return tap

    def _opened(self, tap: Tap, ready_ns: int) -> tuple[int, int, int]:
        """When a fresh connection was resolved, connected and secured; what no socket of ours saw was done by now.

        Through a tunnel the far connection stands when the proxy says so, with the first bytes that come. TLS is over
        with our own last message since TLS 1.3, before that with the server's.
        """
        if tap.socket is None:
            return (ready_ns,) * 3
        resolved = tap.socket.connecting_ns or ready_ns
        connected = tap.socket.connected_ns or ready_ns
        if tap.tls is None:
            return resolved, connected, connected
        if self._proxied:
            connected = tap.socket.first_received_ns or connected
        secured = tap.socket.sent_ns if tap.tls.version() == "TLSv1.3" else tap.socket.received_ns
        return resolved, connected, secured or ready_ns

    def _resolved(self) -> int | None:
        return min((each.connecting_ns for each in self._sockets if each.connecting_ns), default=None)

    def _connected(self) -> int | None:
        return max((each.connected_ns for each in self._sockets if each.connected_ns), default=None)

    def _sent(self) -> int | None:
        """The last write on the socket, once one followed the moment the connection was ready."""
        if self._first_byte_ns is not None or self._ready_ns is None:
            return self._sent_ns
        stamp = self.tap.socket.sent_ns if self.tap and self.tap.socket else None
        if stamp is None:
            return self._sent_ns
        return stamp if stamp >= self._ready_ns else None


class ProbeRequest(aiohttp.ClientRequest):
    """aiohttp's request, telling the current recorder when its connection stands and when it was written."""

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        recorder = RECORDER.get()
        recorder.ready(conn)
        response = await super().send(conn)
        recorder.written()
        return response
