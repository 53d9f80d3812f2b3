"""The proof of the instrument: a busy event loop does not change what is measured.

In every run the loop is held from before the first token is written until 40 ms after; headers and later tokens
arrive while it is free. The server is a thread with blocking sockets and stamps its own reads and writes on the same
monotonic clock. This is the one place where the suite asserts a time.
"""

import asyncio
import contextlib
import socket
import ssl
import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Self

import pytest

from exporter.core.clock import SystemClock
from exporter.core.exchange import OUTPUT, Exchange
from exporter.transport import HttpTransport
from tests.fakes.certificates import Authority
from tests.fakes.script import STREAM_HEADERS, chunk, head
from tests.transport.asking import DONE, ROLE, ask, delta, provider

RUNS = 9
HOLD_SECONDS = 0.04
APART_SECONDS = 0.02


class HoldingServer:
    """Answers one request after another and holds the client's event loop around each first token.

    `asked` is when each request had been read, `written` when its first token was written, on the monotonic clock.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, tls: ssl.SSLContext | None) -> None:
        self.asked: list[int] = []
        self.written: list[int] = []
        self._loop = loop
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        for raw in self._accepted():
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._tls.wrap_socket(raw, server_side=True) if self._tls else raw as connection:
                self._answer(connection)

    def _accepted(self) -> Iterator[socket.socket]:
        with contextlib.suppress(OSError):
            while True:
                yield self._listener.accept()[0]

    def _answer(self, connection: socket.socket) -> None:
        request = b""
        while b"\r\n\r\n{" not in request:
            request += connection.recv(65536)
        self.asked.append(time.monotonic_ns())
        connection.sendall(head(200, STREAM_HEADERS) + chunk(ROLE))
        time.sleep(APART_SECONDS)
        release = self._hold()
        self.written.append(time.monotonic_ns())
        connection.sendall(chunk(delta("one")))
        time.sleep(HOLD_SECONDS)
        release.set()
        time.sleep(APART_SECONDS)
        connection.sendall(chunk(delta("two", "stop")) + chunk(DONE) + chunk(b""))

    def _hold(self) -> threading.Event:
        """Hold the client's loop; returns once it is held."""
        held, release = threading.Event(), threading.Event()

        def block() -> None:
            held.set()
            release.wait(5)

        self._loop.call_soon_threadsafe(block)
        assert held.wait(5)
        time.sleep(APART_SECONDS)
        return release


def between_the_clocks() -> int:
    """The wall clock less the monotonic one, in nanoseconds, by the quickest of some readings."""
    readings = [(time.monotonic_ns(), time.time_ns(), time.monotonic_ns()) for _ in range(50)]
    before, wall, after = min(readings, key=lambda each: each[2] - each[0])
    return wall - (before + after) // 2


def first_token_error(seen: Exchange, asked: int, written: int) -> float:
    """By how much the time to first token is wrong, in seconds, by what the server knows."""
    assert seen.moments.sent is not None
    measured = next(each.at for each in seen.events if isinstance(each.event, OUTPUT)) - seen.moments.sent
    sent = int(seen.started_at * 1e9) - between_the_clocks() + int(seen.moments.sent * 1e9)
    assert sent <= asked + 1_000_000, "read before it was sent"
    return abs(measured - (written - sent) / 1e9)


async def median_error(stamps: Literal["kernel", "user"], tls: ssl.SSLContext | None, ca_file: Path | None) -> float:
    transport = HttpTransport(SystemClock(), stamps=stamps)
    runs: list[Exchange] = []
    with HoldingServer(asyncio.get_running_loop(), tls) as server:
        for _ in range(RUNS):
            seen = await ask(transport, provider(server.url, ca_file=ca_file))
            assert seen.failure is None
            assert seen.clock_source == stamps
            assert stamps == "user" or seen.stall >= HOLD_SECONDS
            runs.append(seen)
    await transport.close()
    return statistics.median(map(first_token_error, runs, server.asked, server.written))


@pytest.mark.parametrize("secure", [pytest.param(False, id="http"), pytest.param(True, id="https")])
async def test_a_held_loop_does_not_change_the_first_token_where_the_kernel_stamps(
    tmp_path: Path, secure: bool
) -> None:
    authority = Authority(tmp_path)
    tls, ca_file = (authority.server(), authority.ca_file) if secure else (None, None)
    kernel = await median_error("kernel", tls, ca_file)
    user = await median_error("user", tls, ca_file)
    assert kernel < 0.001, f"median error with kernel stamps: {kernel * 1e3:.3f} ms"
    assert user > 0.020, "the loop was not held: this proves nothing"
