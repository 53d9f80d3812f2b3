"""A SOCKS 5 proxy on loopback (RFC 1928, RFC 1929) that passes on what it is asked for, or refuses as it is told.

async with FakeSocks(user="prober", password="pass-word-1") as proxy:
    proxy.url            # socks5://prober:pass-word-1@127.0.0.1:port
    proxy.targets        # ["localhost:4711"]: what was asked of it, names as they came
"""

import asyncio
import contextlib
import ipaddress
from types import TracebackType
from typing import Self


class FakeSocks:
    """See above. `reply` is the code of its answer to CONNECT; `pieces` sends each byte by itself."""

    def __init__(self, user: str = "", password: str = "", *, reply: int = 0, pieces: bool = False) -> None:
        self.targets: list[str] = []
        self.port = 0
        self._account = (user.encode(), password.encode()) if user else None
        self._reply = reply
        self._pieces = pieces
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """`socks5://[user:password@]127.0.0.1:port`."""
        account = b":".join(self._account).decode() + "@" if self._account else ""
        return f"socks5://{account}127.0.0.1:{self.port}"

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
        _, count = await reader.readexactly(2)
        offered = await reader.readexactly(count)
        wanted = 2 if self._account else 0
        await self._send(writer, bytes([5, wanted if wanted in offered else 255]))
        if wanted not in offered:
            return
        if self._account and not await self._check_account(reader, writer):
            return
        _, _, _, kind = await reader.readexactly(4)
        host = await self._read_host(reader, kind)
        port = int.from_bytes(await reader.readexactly(2))
        self.targets.append(f"{host}:{port}")
        if self._reply:
            await self._send(writer, bytes([5, self._reply, 0, 1, 0, 0, 0, 0, 0, 0]))
            return
        far_reader, far_writer = await asyncio.open_connection(host, port)
        await self._send(writer, b"\x05\x00\x00\x03\x0bbound.local\x04\x38")
        try:
            await asyncio.gather(_pipe(reader, far_writer), _pipe(far_reader, writer))
        finally:
            await _shut(far_writer)

    async def _check_account(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        _, size = await reader.readexactly(2)
        user = await reader.readexactly(size)
        password = await reader.readexactly((await reader.readexactly(1))[0])
        fits = (user, password) == self._account
        await self._send(writer, bytes([1, not fits]))
        return fits

    async def _read_host(self, reader: asyncio.StreamReader, kind: int) -> str:
        if kind == 3:
            return (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        return str(ipaddress.ip_address(await reader.readexactly(4 if kind == 1 else 16)))

    async def _send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        for piece in (bytes([each]) for each in data) if self._pieces else (data,):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    with contextlib.suppress(OSError):
        writer.write_eof()


async def _shut(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError, asyncio.CancelledError):
        await writer.wait_closed()
