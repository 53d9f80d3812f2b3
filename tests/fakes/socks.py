"""A SOCKS 5 proxy on loopback (RFC 1928, RFC 1929) that passes on what it is asked for, or refuses as it is told.

async with FakeSocks(user="prober", password="pass-word-1") as proxy:
    proxy.url            # socks5://prober:pass-word-1@127.0.0.1:port
    proxy.targets        # ["localhost:4711"]: what was asked of it, names as they came
"""

import asyncio
import ipaddress

from tests.fakes.relay import RelayServer, relay


class FakeSocks(RelayServer):
    """See above. `reply` is the code of its answer to CONNECT; `pieces` sends each byte by itself."""

    def __init__(self, user: str = "", password: str = "", *, reply: int = 0, pieces: bool = False) -> None:
        super().__init__()
        self._account = (user.encode(), password.encode()) if user else None
        self._reply = reply
        self._pieces = pieces

    @property
    def url(self) -> str:
        """`socks5://[user:password@]127.0.0.1:port`."""
        account = b":".join(self._account).decode() + "@" if self._account else ""
        return f"socks5://{account}127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
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
        far = await asyncio.open_connection(host, port)
        await self._send(writer, b"\x05\x00\x00\x03\x0bbound.local\x04\x38")
        await relay((reader, writer), far)

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
