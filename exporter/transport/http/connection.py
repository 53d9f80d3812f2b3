"""One connection as this package uses it: whole writes out, arrivals in with their moment, TLS in between.

Reading is split in two on purpose. What the event loop calls when bytes are there does no more than take them and
note when they came; everything else (TLS, HTTP, the vendor's protocol) happens afterwards and in turn, where it cannot
delay a stamp. It happens without waking the task that waits for the answer: that one hears of the end of it, or of
what went wrong.
"""

import asyncio
import contextlib
import ssl
import sys
from collections import deque
from collections.abc import Callable
from copy import copy

from exporter.transport.failures import CAUGHT, EndedError
from exporter.transport.http.tls import TlsSession
from exporter.transport.timing.fair_queue import FairQueue
from exporter.transport.timing.stamps import StampedSocket

_MOST_AT_ONCE = 16 * 1024
"""Bytes that are read, and then worked on, at a time: the smallest events there are take milliseconds."""

_MOST_WAITING = 64
"""Arrivals that may wait to be taken before reading pauses: a flood must not become memory."""

Hear = Callable[[bytes, int], bool]
"""Takes what came and when it arrived (monotonic nanoseconds), no bytes where the other side is done; whether that is
enough. At the end it is, or it raises."""


class Connection:
    """An open connection. `tls` is the session nearest to the request; `on_close` is called once at the end.

    `peer` is the address of the other end; `checked_at` (loop time) is when its name was last known to have it.
    """

    def __init__(self, socket: StampedSocket, turns: FairQueue) -> None:
        self.socket = socket
        self.closed = False
        self.peer = _read_peer(socket)
        self.on_close: Callable[[Connection], None] | None = None
        self._turns = turns
        self._loop = asyncio.get_running_loop()
        self.checked_at = self._loop.time()
        self._sessions: tuple[TlsSession, ...] = ()
        self._arrived: deque[tuple[bytes, int] | OSError] = deque()
        self._listener: _PendingRead | None = None
        self._on_arrival: Callable[[], None] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._number = socket.fileno()
        self._loop.add_reader(self._number, self._on_readable)
        self._reading = True

    @property
    def is_quiet(self) -> bool:
        """Whether no arrival waits to be read."""
        return not self._arrived

    @property
    def tls(self) -> ssl.SSLObject | None:
        return self._sessions[-1].tls if self._sessions else None

    async def secure(self, context: ssl.SSLContext, hostname: str) -> None:
        """Speak TLS from here on, inside of what is spoken already. What ends the handshake goes out with `send`.

        Raises ssl.SSLError, OSError, EndedError.
        """
        session, received = TlsSession(context, hostname), b""
        try:
            while not session.shake_hands(received):
                await self._write(session.take_outgoing())
                received, _ = await self.receive()
                if not received:
                    raise EndedError
        except ssl.SSLError:
            with contextlib.suppress(OSError):  # tell the other side why, if it still listens
                await self._write(session.take_outgoing())
            raise
        self._sessions = (*self._sessions, session)

    async def send(self, data: bytes) -> None:
        """Write all of it. Raises OSError, ssl.SSLError."""
        if self._sessions:
            self._sessions[-1].encrypt(data)
            data = self._sessions[-1].take_outgoing()
        await self._write(data, self._sessions[:-1])

    async def listen(self, hear: Hear) -> None:
        """Hand over what came and what comes, as it comes and in turn, until it is enough.

        Raises OSError, ssl.SSLError and what `hear` raises.
        """
        if self._hand_over(hear):
            return
        self._listener = listener = _PendingRead(hear, self._loop.create_future())
        if self._arrived:
            self._turns.schedule(self._continue_reading)
        try:
            await listener.over
        finally:
            self._listener = None
        if listener.error is not None:
            raise listener.take_error()

    async def receive(self) -> tuple[bytes, int]:
        """Return what comes next and when it arrived (monotonic nanoseconds); no bytes if the other side is done.

        Raises OSError, ssl.SSLError.
        """
        came: list[tuple[bytes, int]] = []

        def one(data: bytes, at: int) -> bool:
            came.append((data, at))
            return True

        await self.listen(one)
        return came[0]

    def set_idle(self, on_arrival: Callable[[], None]) -> None:
        """Nothing is expected any more: call this at whatever comes, the end or an error too."""
        self._on_arrival = on_arrival
        if self._arrived:
            self._loop.call_soon(on_arrival)

    def wake(self) -> None:
        """Prepare for a new request on the connection."""
        self._on_arrival = None

    def close(self, error: OSError | None = None) -> None:
        """Close at once: no TLS farewell that a lingering server could leave unanswered. Who waits gets the error."""
        if self.closed:
            return
        self.closed = True
        self._pause()
        self._loop.remove_writer(self._number)
        self.socket.close()
        if self.on_close is not None:
            self.on_close(self)
        gone = error or ConnectionAbortedError()
        self._arrived.append(gone)
        if self._writable is not None:
            _settle(self._writable)
        if self._listener is not None:
            self._listener.error = gone
            _settle(self._listener.over)
        if self._on_arrival is not None:
            self._on_arrival()

    def _hand_over(self, hear: Hear) -> bool:
        """Hand over the next arrival; whether it was enough. The others wait for another turn."""
        while self._arrived:
            data, at = self._take_next()
            if data and self._sessions:
                data = self._decrypt(data, at)
                if not data:
                    continue
            return hear(data, at)
        return False

    def _take_next(self) -> tuple[bytes, int]:
        first = self._arrived[0]
        if isinstance(first, OSError):
            raise copy(first)  # the one that is kept must not hold the frames that it passes through
        if first[0]:  # the end stays for the next reader
            self._arrived.popleft()
            self._resume()
        return first

    def _decrypt(self, data: bytes, at: int) -> bytes:
        for session in self._sessions:
            data = session.decrypt(data)
            if session.ended:  # TLS's farewell is the end, be the connection closed or not
                self._arrived.appendleft((b"", at))
        return data

    def _on_readable(self) -> None:
        try:
            data = self.socket.recv(_MOST_AT_ONCE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._arrived.append(error.with_traceback(None))  # its frames hold this connection
            self._pause()
        else:
            self._arrived.append((data, self.socket.received_ns or 0))
            if not data or len(self._arrived) >= _MOST_WAITING:
                self._pause()
        # a turn that was asked for at an earlier arrival handles this one too
        if len(self._arrived) == 1 and (self._listener is not None or self._on_arrival is not None):
            self._turns.schedule(self._continue_reading)

    def _continue_reading(self) -> None:
        if self._listener is not None and not self._listener.over.done():
            self._notify(self._listener)
            if self._arrived and not self._listener.over.done():
                self._turns.schedule(self._continue_reading)
        if self._on_arrival is not None:
            self._on_arrival()

    def _notify(self, listener: "_PendingRead") -> None:
        """Hand over what is there. An error goes to the pending read; the event loop also logs one that is a bug."""
        bug = True
        try:
            over, bug = self._hand_over(listener.hear), False
        except CAUGHT as error:
            listener.error, over, bug = error, True, False
        finally:
            if bug:
                listener.error, over = sys.exc_info()[1], True
            if over:
                _settle(listener.over)

    def _pause(self) -> None:
        if self._reading:
            self._reading = False
            self._loop.remove_reader(self._number)

    def _resume(self) -> None:
        if not self._reading and not self._arrived:  # of a closed line the error stays
            self._reading = True
            self._loop.add_reader(self._number, self._on_readable)

    async def _write(self, data: bytes, through: tuple[TlsSession, ...] | None = None) -> None:
        for session in reversed(self._sessions if through is None else through):
            session.encrypt(data)
            data = session.take_outgoing()
        rest = data[self._send_now(data) :]
        while rest:
            await self._wait_for_room()
            rest = rest[self._send_now(rest) :]

    def _send_now(self, data: bytes) -> int:
        """As much as the system takes at once, in bytes."""
        if self.closed:
            raise ConnectionAbortedError
        try:
            return self.socket.send(data) if data else 0
        except (BlockingIOError, InterruptedError):
            return 0

    async def _wait_for_room(self) -> None:
        """Wait until the system takes more, or the line is closed."""
        self._writable = self._loop.create_future()
        self._loop.add_writer(self._number, _settle, self._writable)
        try:
            await self._writable
        finally:
            self._writable = None
            if not self.closed:
                self._loop.remove_writer(self._number)


def _read_peer(socket: StampedSocket) -> str:
    try:
        return str(socket.getpeername()[0])
    except (OSError, IndexError):  # gone already, or no socket of the internet
        return ""


class _PendingRead:
    """A pending read: `hear` receives what comes. `error` is what ended it, unless `hear` had enough."""

    __slots__ = ("error", "hear", "over")

    def __init__(self, hear: Hear, over: asyncio.Future[None]) -> None:
        self.hear = hear
        self.over = over
        self.error: BaseException | None = None

    def take_error(self) -> BaseException:
        """Return the error and forget it: raised, it holds the frames that hold this."""
        assert self.error is not None
        error, self.error = self.error, None
        return error


def _settle(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
