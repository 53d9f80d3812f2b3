"""What a proxy may answer to CONNECT; how it then fails is in test_proxy_failures."""

import asyncio
import contextlib
from functools import partial

import pytest
from pydantic import SecretStr

from exporter.transport import HttpTransport
from tests.fakes.certificates import Authority
from tests.fakes.proxy import FakeProxy
from tests.fakes.script import Script, Send, Wait, head, stream
from tests.fakes.server import FakeServer
from tests.transport.asking import GOOD, ask, provider

REFUSALS: dict[str, tuple[Script, str]] = {
    "at once": ([Send(head(503))], "503"),
    "with a page": ([Send(head(403, {"content-length": "6"}) + b"<html>")], "403"),
    "in pieces": ([Send(head(502)[:9]), Wait(0.02), Send(head(502)[9:])], "502"),
    "without end": ([Send(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100_000)], "does not speak HTTP"),
    "with an interim answer": ([Send(head(100))], "does not speak HTTP"),
}


@pytest.mark.parametrize(("script", "says"), [pytest.param(*row, id=name) for name, row in REFUSALS.items()])
async def test_a_proxy_that_refuses(transport: HttpTransport, script: Script, says: str) -> None:
    async with FakeServer(script) as proxy:
        seen = await ask(transport, provider("https://vendor.example", proxy=SecretStr(proxy.url)))
        await proxy.all_closed()
    assert seen.failure is not None
    assert says in seen.failure.detail
    assert proxy.requests[0].path == "vendor.example:443"


async def test_a_proxy_that_is_spoken_to_in_tls(transport: HttpTransport, authority: Authority) -> None:
    """The proxy's own certificate is checked as the vendor's is."""
    async with FakeServer(stream(*GOOD), tls=authority.server()) as proxy:
        at = provider("http://vendor.example/v1", proxy=SecretStr(proxy.url), ca_file=authority.ca_file)
        seen = await ask(transport, at)
        stranger = await ask(transport, provider("http://vendor.example/v1", proxy=SecretStr(proxy.url), name="b"))
    assert seen.failure is None
    assert proxy.requests[0].path == "http://vendor.example/v1/chat/completions"
    assert stranger.failure is not None
    assert "TLS with the proxy" in stranger.failure.detail


async def test_tls_within_the_tls_of_a_proxy(transport: HttpTransport, authority: Authority) -> None:
    """All that goes to the vendor goes through both, kept connections included."""
    async with FakeServer(stream(*GOOD), tls=authority.server()) as server, FakeProxy() as proxy:
        door = await asyncio.start_server(partial(pass_on, proxy.port), "127.0.0.1", 0, ssl=authority.server())
        async with door:
            address = SecretStr(f"https://127.0.0.1:{door.sockets[0].getsockname()[1]}")
            at = provider(server.url, proxy=address, ca_file=authority.ca_file, keep_alive=True)
            seen = [await ask(transport, at) for _ in range(2)]
            await transport.close()
    assert [(each.failure, each.reused) for each in seen] == [(None, False), (None, True)]
    assert len(proxy.targets) == 1


async def pass_on(port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry what comes to that port, and back."""
    there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.gather(carry(reader, there_writer), carry(there_reader, writer))


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
    writer.close()
