"""The moments of one request as they are reached, and what of them may be told."""

from exporter.core.clock import Clock
from exporter.core.exchange import Moments
from exporter.transport.failures import Place, Stage
from exporter.transport.timing.stamps import StampedSocket

_SECOND_NS = 1e9


class Timings:
    """Monotonic nanoseconds of each step, None until it is reached; t0 is when it is made.

    `reused`: the connection had served a request before. `stage` and `place` say how far the request is and with
    whom was spoken last.
    """

    __slots__ = (
        "_kernel",
        "_socket",
        "connected_ns",
        "first_byte_ns",
        "place",
        "resolved_ns",
        "reused",
        "secured_ns",
        "sent_ns",
        "stage",
        "started_at",
        "t0",
    )

    def __init__(self, clock: Clock, *, kernel: bool) -> None:
        self.t0 = clock.monotonic_ns()
        self.started_at = clock.wall()
        self.reused = False
        self._socket: StampedSocket | None = None
        self.resolved_ns: int | None = None
        self.connected_ns: int | None = None
        self.secured_ns: int | None = None
        self.sent_ns: int | None = None
        self.first_byte_ns: int | None = None
        self.stage = Stage.CONNECTING
        self.place = Place("", 0)
        self._kernel = kernel

    def set_connected(self, socket: StampedSocket) -> None:
        """Note that the request can be written now, on this connection."""
        self.stage = Stage.WAITING
        self._socket = socket
        socket.start_request()

    def set_reused(self) -> None:
        """Note that the connection existed already: none of its steps took any time."""
        self.reused = True
        self.resolved_ns = self.connected_ns = self.secured_ns = self.t0

    @property
    def ready_ns(self) -> int | None:
        """When the connection could be written to: after its handshakes."""
        return self.connected_ns if self.secured_ns is None else self.secured_ns

    @property
    def has_kernel_stamps(self) -> bool:
        """Whether the arrivals of this request are the kernel's own stamps."""
        return self._kernel if self._socket is None else self._socket.kernel

    @property
    def read_delay(self) -> float:
        """The longest that data waited for this process to read it, in seconds."""
        return 0.0 if self._socket is None else self._socket.held_ns / _SECOND_NS

    @property
    def longest_wait(self) -> float | None:
        """The longest that any of the data can have waited, in seconds; None if unknown."""
        if self._socket is None or self._socket.unseen_ns is None:
            return None
        return self._socket.unseen_ns / _SECOND_NS

    def to_moments(self, ended_ns: int) -> Moments:
        """Convert to the moments reached, in seconds since t0: in order, and none after the end."""
        reached: list[float | None] = []
        last = self.t0
        for step in (self.resolved_ns, self.connected_ns, self.secured_ns, self.sent_ns, self.first_byte_ns):
            last = last if step is None else min(max(step, last), ended_ns)
            reached.append(None if step is None else (last - self.t0) / _SECOND_NS)
        resolved, connected, secured, sent, first_byte = reached
        return Moments(resolved=resolved, connected=connected, secured=secured, sent=sent, first_byte=first_byte)
