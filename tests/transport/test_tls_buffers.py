"""asyncio's read buffers for TLS are as small as we ask: a test to notice when asyncio stops to listen."""

import asyncio
import socket
import ssl
from typing import Any

from exporter.transport import HttpTransport
from exporter.transport.tls_buffers import TLS_BUFFER_BYTES, shrink_tls_buffers
from tests.fakes.certificates import Authority
from tests.fakes.script import Send, stream
from tests.fakes.server import FakeServer
from tests.transport.asking import GOOD, ask, provider


class Watched(socket.socket):
    """Notes how much asyncio was ready to read at once."""

    sizes: list[int]

    def recv_into(self, buffer: Any, size: int = 0, flags: int = 0) -> int:
        self.sizes.append(len(buffer))
        return super().recv_into(buffer, size, flags)


async def test_tls_reads_into_small_buffers(authority: Authority) -> None:
    shrink_tls_buffers()
    context = ssl.create_default_context(cafile=authority.ca_file)
    async with FakeServer(greeting=[Send(b"hello")], tls=authority.server()) as server:
        sock = Watched(socket.AF_INET, socket.SOCK_STREAM)
        sock.sizes = []
        sock.settimeout(0)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", server.port))
        reader, writer = await asyncio.open_connection(sock=sock, ssl=context, server_hostname="127.0.0.1")
        assert await reader.readexactly(5) == b"hello"
        writer.close()
        await writer.wait_closed()
    assert set(sock.sizes) == {TLS_BUFFER_BYTES}


async def test_answers_larger_than_the_buffer_come_whole(transport: HttpTransport, authority: Authority) -> None:
    comment = b": " + b"x" * 8 * TLS_BUFFER_BYTES + b"\n\n"
    async with FakeServer(stream(comment, *GOOD), tls=authority.server()) as server:
        seen = await ask(transport, provider(server.url, ca_file=authority.ca_file))
    assert seen.failure is None
