"""Kernel stamps on the monotonic axis: as exact as they come, distrusted when the wall clock was set."""

import asyncio
import contextlib
import socket
import sys
import time
from collections.abc import Iterator

import pytest

from exporter.core.clock import SystemClock
from exporter.transport.timing.stamps import StampedSocket, supports_kernel_stamps


class SetClock:
    """The machine's clock, its wall time moved by `step` seconds."""

    def __init__(self) -> None:
        self.step = 0.0

    def monotonic_ns(self) -> int:
        return time.monotonic_ns()

    def wall(self) -> float:
        return time.time() + self.step


@contextlib.contextmanager
def connected(clock: SystemClock | SetClock, *, kernel: bool) -> Iterator[tuple[StampedSocket, socket.socket]]:
    """A stamped socket and its other end."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        StampedSocket.open(socket.AF_INET, socket.SOCK_STREAM, 0, clock, kernel=kernel) as ours,
    ):
        ours.connect(listener.getsockname())
        theirs, _ = listener.accept()
        with theirs:
            yield ours, theirs


def lie_in_the_kernel() -> None:
    """Let data that has arrived wait to be read; longer than any inexactness of a stamp."""
    time.sleep(0.02)


def test_data_that_waited_is_stamped_when_it_arrived() -> None:
    with connected(SystemClock(), kernel=True) as (ours, theirs):
        before = time.monotonic_ns()
        theirs.sendall(b"data")
        after = time.monotonic_ns()
        lie_in_the_kernel()
        read = ours.recv(10)
    assert read == b"data"
    assert ours.received_ns is not None
    assert before - 1_000_000 <= ours.received_ns <= after + 1_000_000
    assert ours.held_ns >= 19_000_000
    assert ours.kernel


def test_the_longest_delay_counts() -> None:
    with connected(SystemClock(), kernel=True) as (ours, theirs):
        theirs.sendall(b"first")
        lie_in_the_kernel()
        ours.recv(10)
        longest = ours.held_ns
        theirs.sendall(b"second")
        assert ours.recv(10) == b"second"
    assert ours.held_ns == longest >= 19_000_000


def test_without_the_kernel_it_is_stamped_when_it_is_read() -> None:
    with connected(SystemClock(), kernel=False) as (ours, theirs):
        theirs.sendall(b"data")
        lie_in_the_kernel()
        before = time.monotonic_ns()
        assert ours.recv(10) == b"data"
    assert ours.received_ns is not None
    assert ours.received_ns >= before
    assert (ours.kernel, ours.held_ns) == (False, 0)


@pytest.mark.parametrize("step", [3600.0, -3600.0])
def test_a_wall_clock_that_was_set_is_not_believed_once(step: float) -> None:
    clock = SetClock()
    with connected(clock, kernel=True) as (ours, theirs):
        theirs.sendall(b"first")
        before = time.monotonic_ns()
        clock.step = step
        ours.recv(10)
        assert ours.received_ns is not None
        assert before <= ours.received_ns <= time.monotonic_ns()
        assert not ours.kernel


def test_a_request_begins_anew() -> None:
    with connected(SystemClock(), kernel=True) as (ours, theirs):
        theirs.sendall(b"data")
        lie_in_the_kernel()
        ours.recv(10)
        ours.start_request()
    assert (ours.held_ns, ours.kernel) == (0, True)


def test_the_end_of_a_connection_is_an_arrival_without_a_stamp() -> None:
    with connected(SystemClock(), kernel=True) as (ours, theirs):
        theirs.shutdown(socket.SHUT_WR)
        before = time.monotonic_ns()
        assert ours.recv(10) == b""
    assert ours.received_ns is not None
    assert ours.received_ns >= before
    assert ours.kernel


def test_connecting_and_sending_have_their_moments() -> None:
    with connected(SystemClock(), kernel=True) as (ours, _):
        before = time.monotonic_ns()
        ours.send(b"a")
        first = ours.sent_ns
        ours.send(b"b")
        assert ours.connecting_ns is not None
        assert ours.connected_ns is not None
        assert first is not None
        assert ours.sent_ns is not None
        assert ours.connecting_ns <= ours.connected_ns <= before <= first < ours.sent_ns


def test_a_connection_that_waited_to_be_noticed() -> None:
    """Nobody looks while the connection comes about: the kernel knows when it did."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        StampedSocket.open(socket.AF_INET, socket.SOCK_STREAM, 0, SystemClock(), kernel=True) as ours,
    ):
        ours.settimeout(0)
        with contextlib.suppress(BlockingIOError):
            ours.connect(listener.getsockname())
        lie_in_the_kernel()
        before = time.monotonic_ns()
        assert ours.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
    assert ours.connected_ns is not None
    assert ours.connected_ns < before


async def test_refused_is_not_connected() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
    with StampedSocket.open(socket.AF_INET, socket.SOCK_STREAM, 0, SystemClock(), kernel=True) as ours:
        ours.settimeout(0)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.get_running_loop().sock_connect(ours, address)
    assert ours.connecting_ns is not None
    assert ours.connected_ns is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux stamps what it receives")
def test_linux_stamps() -> None:
    assert supports_kernel_stamps()
