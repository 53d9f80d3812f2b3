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

from exporter.clock import SystemClock
from exporter.transport import HttpTransport
from exporter.wire import OUTPUT, Exchange
from tests.fakes.certificates import Authority
from tests.fakes.script import STREAM_HEADERS, chunk, head
from tests.transport.asking import DONE, ROLE, ask, delta, provider

RUNS = 9
HOLD_SECONDS = 0.04
APART_SECONDS = 0.02


class HoldingServer:
    """Answers one request after another and holds the client's event loop around each first token.

    `truths` are the true times to first token: from the request being read to the token being written, in seconds.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, tls: ssl.SSLContext | None) -> None:
        self.truths: list[float] = []
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
        asked = time.monotonic_ns()
        connection.sendall(head(200, STREAM_HEADERS) + chunk(ROLE))
        time.sleep(APART_SECONDS)
        release = self._hold()
        written = time.monotonic_ns()
        connection.sendall(chunk(delta("one")))
        self.truths.append((written - asked) / 1e9)
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


def time_to_first_token(seen: Exchange) -> float:
    assert seen.moments.sent is not None
    return next(each.at for each in seen.events if isinstance(each.event, OUTPUT)) - seen.moments.sent


async def median_error(stamps: Literal["kernel", "user"], tls: ssl.SSLContext | None, ca_file: Path | None) -> float:
    transport = HttpTransport(SystemClock(), stamps=stamps)
    measured: list[float] = []
    with HoldingServer(asyncio.get_running_loop(), tls) as server:
        for _ in range(RUNS):
            seen = await ask(transport, provider(server.url, ca_file=ca_file))
            assert seen.failure is None
            assert seen.clock_source == stamps
            assert stamps == "user" or seen.stall >= HOLD_SECONDS
            measured.append(time_to_first_token(seen))
    await transport.close()
    return statistics.median(abs(one - true) for one, true in zip(measured, server.truths, strict=True))


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
