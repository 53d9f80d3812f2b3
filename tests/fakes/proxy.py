"""A real forward proxy on loopback: CONNECT tunnels for https, absolute addresses for plain http.

async with FakeProxy(user="prober", password="pass-word-1") as proxy:
    proxy.url            # with the credentials in it, as one writes it in a configuration
    proxy.targets        # ["127.0.0.1:4711"]: what was asked of it
"""

import asyncio
import base64
import contextlib
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

REFUSED = b"HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n"
UNREACHABLE = b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n"


class FakeProxy:
    """See above. Without `user` it serves anyone."""

    def __init__(self, user: str = "", password: str = "") -> None:
        self.targets: list[str] = []
        self.port = 0
        self._account = f"{user}:{password}" if user else ""
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """`http://[user:password@]127.0.0.1:port`."""
        return f"http://{self._account + '@' if self._account else ''}127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._serve(reader, writer)
        finally:
            await _shut(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, address, _ = head.split(" ", 2)
        if self._account and f"Basic {base64.b64encode(self._account.encode()).decode()}" not in head:
            writer.write(REFUSED)
            return await writer.drain()
        target = address if method == "CONNECT" else urlsplit(address).netloc
        self.targets.append(target)
        host, _, port = target.rpartition(":")
        try:
            upstream_reader, upstream_writer = await asyncio.open_connection(host, int(port))
        except OSError:
            writer.write(UNREACHABLE)
            return await writer.drain()
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            upstream_writer.write(head.encode("latin-1"))
        try:
            await asyncio.gather(_pipe(reader, upstream_writer), _pipe(upstream_reader, writer))
        finally:
            await _shut(upstream_writer)


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    with contextlib.suppress(OSError):
        writer.write_eof()


async def _shut(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError, asyncio.CancelledError):
        await writer.wait_closed()
