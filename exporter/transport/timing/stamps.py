"""Sockets that note when bytes really left and arrived, whatever the event loop was doing meanwhile.

On Linux the kernel attaches to received data the time it came in (SO_TIMESTAMPNS); asyncio's own loop reads through
the methods of the socket object it was given, so a subclass can ask for that stamp, under TLS too. Elsewhere (other
systems, uvloop, which reads the descriptor itself) moments are taken where the bytes are handed over.

Two limits: what the kernel joined in its queue before it was read carries the stamp of the later part, and the end of
a connection carries no stamp at all.
"""

import socket
import struct
import sys
from collections.abc import Callable, Iterable
from typing import Any, Self

from exporter.core.clock import Clock

# Linux: asm-generic/socket.h. The socket module has no names for them.
_SO_TIMESTAMPNS = 35
_TIMESPEC = struct.Struct("@ll")
_ANCILLARY_SPACE = 64

# struct tcp_info of linux/tcp.h: eight bytes of flags, then 32-bit counters.
_TCP_INFO = struct.Struct("=8B24I")
_TCP_INFO_RTT = 8 + 15
_TCP_INFO_TOTAL_RETRANSMITS = 8 + 23

# A wall clock that is set (not slewed) between two reads makes a stamp worthless: taken when it moved more than this
# against the monotonic one. Slewing moves it at most 0.5 ms a second.
_STEP_NS = 20_000_000
# Two clocks read "at once" were not, when reading both took longer than this.
_AT_ONCE_NS = 20_000
# The wall clock is read as float seconds: a quarter of a microsecond is lost.
_READING_NS = 1_000
_SECOND_NS = 1_000_000_000

Ancillary = Iterable[tuple[int, int, bytes]]


def supports_kernel_stamps() -> bool:
    """Return whether this system lets the kernel tell when data arrived."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        open_stamp_switch().close()
    except OSError:
        return False
    return True


def open_stamp_switch() -> socket.socket:
    """Open an idle socket that asks for stamps; keep it open as long as stamps are wanted.

    The kernel stamps packets while at least one such socket exists; its switch is costly to flip with every connection.
    """
    switch = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        switch.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    except OSError:
        switch.close()
        raise
    return switch


class StampedSocket(socket.socket):
    """A TCP socket that knows its moments, in monotonic nanoseconds; None where one was not reached.

    connecting_ns: connect was called. connected_ns: the TCP handshake was done. sent_ns: the last bytes were handed
    to the kernel (taken just before: a system call that wakes the receiver may give it our processor).
    received_ns: the last bytes (or the end) arrived. Since the last `rewind` - held_ns: the longest that received data
    lay in the kernel before it was read; unseen_ns: the longest that any part of it can have lain there, None where
    the event loop does not know; kernel: whether every stamp of received data was the kernel's.
    """

    connecting_ns: int | None = None
    connected_ns: int | None = None
    sent_ns: int | None = None
    received_ns: int | None = None
    held_ns = 0
    unseen_ns: int | None = None
    kernel = False
    _clock: Clock
    _ask_kernel = False
    _offset_ns = 0
    _connect_called_ns = 0
    _unseen_since: Callable[[], int] | None = None

    @classmethod
    def open(
        cls,
        family: int,
        kind: int,
        protocol: int,
        clock: Clock,
        *,
        kernel: bool,
        unseen_since: Callable[[], int] | None = None,
    ) -> Self:
        """Open a socket; `kernel`: ask for the kernel's receive stamps; `unseen_since`: see `instrumented_loop`."""
        made = cls(family, kind, protocol)
        made._clock = clock
        made._ask_kernel = kernel
        made._unseen_since = unseen_since
        if kernel:
            made.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        made.start_request()
        return made

    def start_request(self) -> None:
        """Start a new request on this connection."""
        self.held_ns = 0
        self.unseen_ns = None if self._unseen_since is None else 0
        self.kernel = self._ask_kernel
        now, wall = self._read_clocks()
        self._offset_ns = wall - now

    def connect(self, address: Any, /) -> None:
        self.connecting_ns = self._clock.monotonic_ns()
        try:
            super().connect(address)
            self.connected_ns = self._clock.monotonic_ns()
        finally:
            self._connect_called_ns = self._clock.monotonic_ns()

    def getsockopt(self, level: int, option: int, *length: int) -> Any:
        """Note the end of a connect: the event loop then asks for SO_ERROR, and 0 is success."""
        value = super().getsockopt(level, option, *length)
        if (level, option, value) == (socket.SOL_SOCKET, socket.SO_ERROR, 0) and self.connected_ns is None:
            self.connected_ns = self._handshake_end()
        return value

    def send(self, data: Any, flags: int = 0, /) -> int:
        self.sent_ns = self._clock.monotonic_ns()
        return super().send(data, flags)

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        if self._ask_kernel:
            data, ancillary, _, _ = self.recvmsg(size, _ANCILLARY_SPACE, flags)
            self._stamp(bool(data), _read_kernel_stamp(ancillary))
        else:
            data = super().recv(size, flags)
            now = self._clock.monotonic_ns()
            self._note_unseen(now)
            self.received_ns = now
        return data

    def _handshake_end(self) -> int:
        """Now, or earlier where the kernel knows better: it measured the round trip of the handshake itself."""
        now = self._clock.monotonic_ns()
        if not self._ask_kernel:
            return now
        try:
            fields = _TCP_INFO.unpack(super().getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size))
        except (OSError, struct.error):
            return now
        if fields[_TCP_INFO_TOTAL_RETRANSMITS] or not fields[_TCP_INFO_RTT]:
            return now
        return min(now, self._connect_called_ns + int(fields[_TCP_INFO_RTT]) * 1000)

    def _stamp(self, data: bool, stamp: int | None) -> None:
        """Convert the kernel's stamp (wall clock) to the monotonic axis; without a trustworthy one, return now."""
        now, wall = self._read_clocks()
        self._note_unseen(now)
        moved, self._offset_ns = wall - now - self._offset_ns, wall - now
        age = 0 if stamp is None else wall - stamp
        if stamp is None or abs(moved) > _STEP_NS or age < -_READING_NS:
            self.kernel = self.kernel and not data
            self.received_ns = now
        else:
            self.held_ns = max(self.held_ns, age)
            self.received_ns = now - max(age, 0)

    def _note_unseen(self, now: int) -> None:
        if self._unseen_since is not None:
            self.unseen_ns = max(self.unseen_ns or 0, now - self._unseen_since())

    def _read_clocks(self) -> tuple[int, int]:
        """Read the monotonic and the wall clock at one moment, in nanoseconds."""
        for _ in range(3):
            before = self._clock.monotonic_ns()
            wall = int(self._clock.wall() * _SECOND_NS)
            after = self._clock.monotonic_ns()
            if after - before < _AT_ONCE_NS:
                break
        return (before + after) // 2, wall


def _read_kernel_stamp(ancillary: Ancillary) -> int | None:
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS and len(data) == _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack(data)
            return int(seconds) * _SECOND_NS + int(nanoseconds)
    return None
