"""Whether a connection stands: to a real listener, to a closed port, to a name that is none."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from exporter.transport.tcp_check import TcpCheck


@pytest.fixture
async def listener() -> AsyncIterator[tuple[int, asyncio.Queue[str]]]:
    """A port that takes connections, and what became of them."""
    seen: asyncio.Queue[str] = asyncio.Queue()

    async def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.put_nowait("opened")
        await reader.read()
        seen.put_nowait("closed")
        writer.close()

    server = await asyncio.start_server(taken, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], seen


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as once:
        return int(once.getsockname()[1])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_connection_is_opened_and_closed_again(listener: tuple[int, asyncio.Queue[str]], host: str) -> None:
    port, seen = listener

    assert await TcpCheck()(host, port, 5.0)
    assert [await seen.get(), await seen.get()] == ["opened", "closed"]


async def test_a_closed_port_is_not_reached(closed_port: int) -> None:
    assert not await TcpCheck()("127.0.0.1", closed_port, 5.0)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70 + ".example", ""])
async def test_what_has_no_address_is_not_reached(host: str) -> None:
    assert not await TcpCheck()(host, 443, 5.0)


async def test_a_host_that_takes_no_connection_is_given_up() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = []
        # One connection more than the queue holds, and the next stays unanswered.
        for _ in range(4):
            other = socket.socket()
            other.settimeout(0)
            other.connect_ex(("127.0.0.1", port))
            waiting.append(other)

        assert not await TcpCheck()("127.0.0.1", port, 0.1)
        for other in waiting:
            other.close()
