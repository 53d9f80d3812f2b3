"""Real slow clients: they are cut, the others are served."""

import asyncio
import resource
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from exporter.server import Listen, Server
from exporter.server.limits import Limits
from tests.fakes.certificates import Authority

HEAD = b"GET /quick HTTP/1.1\r\nHost: localhost\r\n\r\n"
OVER = web.AppKey("OVER", asyncio.Event)
"""Set when the long answer is over, however it ended."""

LONG = 64 * 1024 * 1024


async def quick(_request: web.Request) -> web.Response:
    return web.Response(text="here")


async def long(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    try:
        for _ in range(LONG // 65536):
            await response.write(bytes(65536))
    finally:
        request.app[OVER].set()
    return response


class Held:
    """A handler that is in the middle of its work."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()

    async def answer(self, _request: web.Request) -> web.Response:
        self.begun.set()
        await self.go_on.wait()
        return web.Response(text="at last")


@asynccontextmanager
async def limited(
    limits: Limits, held: Held | None = None, tls: ssl.SSLContext | None = None, over: asyncio.Event | None = None
) -> AsyncIterator[int]:
    app = web.Application()
    app[OVER] = over or asyncio.Event()
    app.router.add_get("/quick", quick)
    app.router.add_get("/long", long)
    app.router.add_get("/held", (held or Held()).answer)
    server = Server(app, Listen("127.0.0.1", 0), tls=tls, limits=limits)
    await server.start()
    try:
        yield server.port
    finally:
        await server.stop()


async def connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port)


async def ended(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the server closes, however it closes."""
    got = b""
    try:
        async with asyncio.timeout(20):
            while data := await reader.read(65536):
                got += data
    except ConnectionError:
        pass
    return got


@pytest.mark.parametrize("sent", [b"", b"GET", HEAD[:-2]], ids=["nothing", "a word", "all but the end"])
async def test_a_client_that_does_not_finish_its_request_is_cut(sent: bytes) -> None:
    async with limited(Limits(head=0.2)) as port:
        reader, writer = await connect(port)
        writer.write(sent)
        assert await ended(reader) == b""
        writer.close()


async def test_a_client_that_sends_byte_by_byte_is_cut() -> None:
    """Each byte is in time, all of them are not."""
    async with limited(Limits(head=0.3)) as port:
        reader, writer = await connect(port)

        async def drip() -> None:
            for byte in HEAD * 1000:
                writer.write(bytes([byte]))
                await asyncio.sleep(0.05)

        dripping = asyncio.create_task(drip())
        assert await ended(reader) == b""
        dripping.cancel()
        writer.close()


async def test_the_next_request_on_a_connection_has_to_be_whole_in_time_too() -> None:
    async with limited(Limits(head=0.3)) as port:
        reader, writer = await connect(port)
        writer.write(HEAD)
        await reader.readuntil(b"here")
        writer.write(HEAD[:10])
        assert await ended(reader) == b""
        writer.close()


async def test_a_connection_that_waits_is_kept_and_a_long_answer_is_waited_for() -> None:
    held = Held()
    async with limited(Limits(head=0.2), held) as port:
        idle_reader, idle = await connect(port)
        idle.write(HEAD)
        await idle_reader.readuntil(b"here")
        reader, writer = await connect(port)
        writer.write(HEAD.replace(b"quick", b"held"))
        await held.begun.wait()
        # Another connection's time runs out meanwhile, so theirs would have, too.
        slow, slow_writer = await connect(port)
        assert await ended(slow) == b""
        held.go_on.set()
        await reader.readuntil(b"at last")
        idle.write(HEAD)
        await idle_reader.readuntil(b"here")
        for each in (idle, writer, slow_writer):
            each.close()


BODY = b"POST /quick HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n12345"


async def test_a_refusal_is_never_written_into_another_answer() -> None:
    """A proxy that shares the connection would hand it to somebody else: the connection is cut instead."""
    over = asyncio.Event()
    async with limited(Limits(), over=over) as port:
        reader, writer = await connect(port)
        writer.write(HEAD.replace(b"quick", b"long"))
        got = await reader.readuntil(b"\r\n\r\n")
        writer.write(BODY)
        got += await ended(reader)
        assert b"413" not in got
        assert got.count(b"HTTP/1.1") == 1
        await asyncio.wait_for(over.wait(), 10)
        writer.close()


async def test_a_refusal_never_comes_before_the_answer_to_an_earlier_request() -> None:
    held = Held()
    async with limited(Limits(), held) as port:
        reader, writer = await connect(port)
        writer.write(HEAD.replace(b"quick", b"held"))
        await held.begun.wait()
        writer.write(BODY)
        assert await ended(reader) == b""
        held.go_on.set()
        writer.close()


async def test_a_refusal_follows_the_answers_before_it() -> None:
    async with limited(Limits(farewell=0.2)) as port:
        reader, writer = await connect(port)
        for _ in range(2):
            writer.write(HEAD)
            await reader.readuntil(b"here")
        writer.write(BODY)
        assert (await ended(reader)).startswith(b"HTTP/1.1 413 ")
        writer.close()


async def test_a_client_that_does_not_take_its_answer_is_cut(caplog: pytest.LogCaptureFixture) -> None:
    over = asyncio.Event()
    async with limited(Limits(stalled=0.3), over=over) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        writer.write(HEAD.replace(b"quick", b"long"))
        await reader.readexactly(1)
        # It takes no more than its buffers hold until the server has given up.
        await over.wait()
        assert len(await ended(reader)) < LONG
        writer.close()
    assert caplog.records == []


async def test_a_client_that_takes_its_answer_gets_all_of_it() -> None:
    async with limited(Limits()) as port:
        reader, writer = await connect(port)
        writer.write(HEAD.replace(b"quick", b"long"))
        got = 0
        while got < LONG:
            got += len(await reader.read(1 << 20))
        writer.close()


async def test_one_too_many_takes_the_place_of_one_that_waits() -> None:
    async with limited(Limits(connections=2)) as port:
        pairs = []
        for _ in range(2):
            reader, writer = await connect(port)
            writer.write(HEAD)
            await reader.readuntil(b"here")
            pairs.append((reader, writer))
        newest, newest_writer = await connect(port)
        newest_writer.write(HEAD)
        await newest.readuntil(b"here")
        assert await ended(pairs[0][0]) == b""
        pairs[1][1].write(HEAD)
        await pairs[1][0].readuntil(b"here")
        for writer in (newest_writer, *(each for _, each in pairs)):
            writer.close()


async def test_while_all_are_busy_nobody_is_put_out() -> None:
    held = Held()
    async with limited(Limits(connections=1), held) as port:
        reader, writer = await connect(port)
        writer.write(HEAD.replace(b"quick", b"held"))
        await held.begun.wait()
        refused, refused_writer = await connect(port)
        assert await ended(refused) == b""
        held.go_on.set()
        await reader.readuntil(b"at last")
        for each in (writer, refused_writer):
            each.close()


async def test_a_handshake_that_does_not_end_is_cut(tmp_path: Path) -> None:
    async with limited(Limits(handshake=0.2), tls=Authority(tmp_path).server()) as port:
        reader, writer = await connect(port)
        assert await ended(reader) == b""
        writer.close()


@pytest.mark.parametrize(
    ("head", "status"),
    [
        pytest.param(b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", b" 400 ", id="a long line"),
        pytest.param(
            b"GET /quick HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 9000 + b"\r\n\r\n", b" 400 ", id="a long header"
        ),
        pytest.param(b"GET /quick HTTP/1.1\r\n" + b"X: a\r\n" * 100 + b"\r\n", b" 400 ", id="many headers"),
    ],
)
async def test_a_head_has_bounds(head: bytes, status: bytes) -> None:
    async with limited(Limits()) as port:
        reader, writer = await connect(port)
        writer.write(head)
        assert status in (await reader.readline())
        writer.close()


@pytest.mark.parametrize(("files", "connections"), [(100, 64), (1000, 500), (10_000, 4096)])
def test_half_of_the_files_are_for_probing(files: int, connections: int) -> None:
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < files:
        pytest.skip(f"no process may open more than {most} files here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    try:
        assert Limits().connections == connections
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))
