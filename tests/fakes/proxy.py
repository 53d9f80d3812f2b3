"""A real forward proxy on loopback: CONNECT tunnels for https, absolute addresses for plain http.

async with FakeProxy(user="prober", password="pass-word-1") as proxy:
    proxy.url            # with the credentials in it, as one writes it in a configuration
    proxy.targets        # ["127.0.0.1:4711"]: what was asked of it
"""

import asyncio
import base64
from urllib.parse import urlsplit

from tests.fakes.relay import RelayServer, relay

REFUSED = b"HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n"
UNREACHABLE = b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n"


class FakeProxy(RelayServer):
    """See above. Without `user` it serves anyone."""

    def __init__(self, user: str = "", password: str = "") -> None:
        super().__init__()
        self._account = f"{user}:{password}" if user else ""

    @property
    def url(self) -> str:
        """`http://[user:password@]127.0.0.1:port`."""
        return f"http://{self._account + '@' if self._account else ''}127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, address, _ = head.split(" ", 2)
        if self._account and f"Basic {base64.b64encode(self._account.encode()).decode()}" not in head:
            writer.write(REFUSED)
            return await writer.drain()
        target = address if method == "CONNECT" else urlsplit(address).netloc
        self.targets.append(target)
        host, _, port = target.rpartition(":")
        try:
            far = await asyncio.open_connection(host, int(port))
        except OSError:
            writer.write(UNREACHABLE)
            return await writer.drain()
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            far[1].write(head.encode("latin-1"))
        return await relay((reader, writer), far)
