"""A scriptable HTTP server on raw TCP or TLS: bytes, cuts, pauses and resets are exactly those of the script.

    async with FakeServer(reply(b"{}")) as server:
        ...                      # talk to server.url
        server.requests[0].headers["authorization"]

The script is played once per request; when it ends without `Close`, `Reset` or `Hang` the connection is kept for
another request. `greeting` is played when a connection is made, before anything is read. A script may also be a
function of the request (`in_turn` makes one).
"""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from exporter.core.clock import SystemClock
from tests.fakes.script import (
    Answers,
    Close,
    Gate,
    Hang,
    Received,
    Repeat,
    Reset,
    Script,
    Send,
    SendRaw,
    Step,
    Tell,
    Wait,
    Written,
)

_RST_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(slots=True)
class Connection:
    """One accepted connection. `closed` is set once both sides are done with it."""

    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    closed: asyncio.Event = field(default_factory=asyncio.Event)


class FakeServer:
    """See above. `requests` and `connections` grow as they come; `tls` is a server-side context."""

    def __init__(self, script: Answers = (), *, tls: ssl.SSLContext | None = None, greeting: Script = ()) -> None:
        self.requests: list[Received] = []
        self.connections: list[Connection] = []
        self.port = 0
        self._script = script
        self._greeting = greeting
        self._tls = tls
        self._clock = SystemClock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """`http(s)://127.0.0.1:port`, without a path."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Stop listening and drop every connection; the port refuses afterwards."""
        if self._server is None:
            return
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    async def all_closed(self) -> None:
        """Wait until every connection made so far is closed."""
        await asyncio.gather(*(each.closed.wait() for each in self.connections))

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        connection = Connection(len(self.connections), reader, writer)
        self.connections.append(connection)
        try:
            with contextlib.suppress(
                ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.CancelledError
            ):
                await self._serve(connection)
        finally:
            writer.transport.abort()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()
            connection.closed.set()

    async def _serve(self, connection: Connection) -> None:
        if not await self._play(self._greeting, connection, []):
            return
        async for request in self._requests(connection):
            self.requests.append(request)
            script = self._script(request) if callable(self._script) else self._script
            if not await self._play(script, connection, request.written):
                return

    async def _requests(self, connection: Connection) -> AsyncIterator[Received]:
        while True:
            raw = await connection.reader.readuntil(b"\r\n\r\n")
            first, *lines = raw.decode("latin-1").rstrip("\r\n").split("\r\n")
            method, path, _ = first.split(" ", 2)
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
            body = await connection.reader.readexactly(int(headers.get("content-length", "0")))
            yield Received(
                method,
                path,
                headers,
                body,
                connection.number,
                self._clock.monotonic_ns(),
                raw_head=raw,
                client_certificate=_common_name(connection.writer),
            )

    async def _play(self, script: Script, connection: Connection, written: list[Written]) -> bool:
        """Play a script; False if the connection is over."""
        for step in script:
            if isinstance(step, Hang | Close | Reset):
                await _end(step, connection)
                return False
            await self._step(step, connection.writer, written)
        return True

    async def _step(self, step: Step, writer: asyncio.StreamWriter, written: list[Written]) -> None:
        match step:
            case Send(data):
                await self._send(writer, data, written)
            case SendRaw(data):
                with writer.get_extra_info("socket").dup() as bare:
                    bare.send(data)
            case Repeat(data, every):
                await self._repeat(writer, data, every)
            case Wait(seconds):
                await asyncio.sleep(seconds)
            case Gate(event):
                await event.wait()
            case Tell(event):
                event.set()

    async def _send(self, writer: asyncio.StreamWriter, data: bytes, written: list[Written]) -> None:
        before = self._clock.monotonic_ns()
        writer.write(data)
        written.append(Written(data, before, self._clock.monotonic_ns()))
        await writer.drain()

    async def _repeat(self, writer: asyncio.StreamWriter, data: bytes, every: float) -> None:
        while not writer.is_closing():
            writer.write(data)
            await writer.drain()
            await asyncio.sleep(every)
        raise ConnectionResetError


async def _end(step: Hang | Close | Reset, connection: Connection) -> None:
    match step:
        case Hang():
            await connection.reader.read()
        case Close():
            await connection.writer.drain()
            connection.writer.close()
            await connection.writer.wait_closed()
        case Reset():
            sock: socket.socket = connection.writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST_ON_CLOSE)
            connection.writer.transport.abort()


def _common_name(writer: asyncio.StreamWriter) -> str | None:
    certificate = writer.get_extra_info("peercert") or {}
    for part in certificate.get("subject", ()):
        for name, value in part:
            if name == "commonName":
                return str(value)
    return None
