"""Starting and stopping: the real port, and one sentence where it cannot listen."""

import asyncio
import errno
import logging
import socket

import aiohttp
import pytest

from exporter.core.errors import UsageError
from exporter.server import Listen, Server
from exporter.server.serve import explain_listen_error
from tests.server.running import World, app_of

LOOPBACK = "127.0.0.1"


def server(listen: Listen | None = None) -> Server:
    return Server(app_of(World()), listen or Listen(LOOPBACK, 0))


async def sent(port: int, request: bytes) -> bytes:
    """What comes back on a connection that sends this."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_any_free_port_becomes_a_real_one() -> None:
    started = server()
    await started.start()
    try:
        assert started.port > 0
        assert started.url == f"http://127.0.0.1:{started.port}/"
        async with aiohttp.ClientSession() as session, session.get(started.url) as response:
            assert response.status == 200
    finally:
        await started.stop()


async def test_nothing_listens_after_the_stop() -> None:
    started = server()
    await started.start()
    await started.stop()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(LOOPBACK, started.port)


async def test_an_idle_connection_does_not_hold_up_the_stop() -> None:
    started = server()
    await started.start()
    reader, writer = await asyncio.open_connection(LOOPBACK, started.port)
    writer.write(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n")
    await reader.readuntil(b"healthy\n")
    await started.stop()
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    ("listen", "url"),
    [
        pytest.param(Listen(None, 10115), "http://localhost:10115/", id="all addresses"),
        pytest.param(Listen("::1", 10115), "http://[::1]:10115/", id="IPv6"),
    ],
)
def test_the_address_to_open(listen: Listen, url: str) -> None:
    assert server(listen).url == url


@pytest.mark.parametrize(
    ("listen", "written"),
    [(Listen(None, 80), ":80"), (Listen("::1", 80), "[::1]:80"), (Listen("localhost", 80), "localhost:80")],
)
def test_an_address_is_written_as_it_is_given(listen: Listen, written: str) -> None:
    assert str(listen) == written


async def test_a_port_in_use() -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError) as raised:
            await server(Listen(LOOPBACK, port)).start()
    assert str(raised.value) == (
        f"cannot listen on 127.0.0.1:{port}: the port is in use; stop what uses it or choose another address with "
        "--listen HOST:PORT"
    )


@pytest.mark.parametrize(
    ("host", "wrong"),
    [
        pytest.param("192.0.2.1", "this machine has no such address", id="an address of somebody else"),
        pytest.param("a..b", "the host is not known", id="no name at all"),
    ],
)
async def test_a_host_that_cannot_be(host: str, wrong: str) -> None:
    with pytest.raises(UsageError, match=rf"cannot listen on {host}:0: {wrong}; choose another address with --listen"):
        await server(Listen(host, 0)).start()


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (OSError(errno.EACCES, "denied"), "this user may not use the port; choose another address with --listen "),
        (OSError(errno.ENOBUFS, "no room"), "no room; choose another address with --listen HOST:PORT"),
        (OSError("odd"), "odd; choose another address with --listen HOST:PORT"),
        (
            OSError("could not bind on any address out of [('192.0.2.1', 0)]"),  # as Python 3.13 says it
            "this machine has no such address; choose another address",
        ),
        (socket.gaierror(socket.EAI_NONAME, "unknown"), "the host is not known; choose another address"),
    ],
)
def test_why_it_cannot_listen(problem: OSError, sentence: str) -> None:
    assert explain_listen_error(problem).startswith(sentence)


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(b"GARBAGE\r\n\r\n", id="garbage"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\nSecret: " + b"s3cr3t" * 5000 + b"\r\n\r\n", id="a long header"),
        pytest.param(b"GET /" + b"s3cr3t" * 5000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", id="a long path"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="TLS"),
    ],
)
async def test_a_client_that_does_not_speak_http(request_: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    started = server()
    await started.start()
    try:
        answer = await sent(started.port, request_)
    finally:
        await started.stop()
    assert answer.startswith(b"HTTP/1.0 400 ")
    assert b"Server: ai-api-exporter\r\n" in answer
    assert not any(word in answer.lower() for word in (b"python", b"aiohttp"))
    assert [record.exc_info for record in caplog.records if record.name == "aiohttp.server"] == [None]
    assert "s3cr3t" not in caplog.text


async def test_an_error_of_ours_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_request: aiohttp.web.Request) -> aiohttp.web.Response:
        raise ZeroDivisionError

    app = app_of(World())
    app.router.add_get("/broken", broken)
    started = Server(app, Listen(LOOPBACK, 0))
    await started.start()
    try:
        async with aiohttp.ClientSession(started.url) as session, session.get("/broken") as response:
            assert response.status == 500
            assert "ZeroDivisionError" not in await response.text()
    finally:
        await started.stop()
    assert "ZeroDivisionError" in caplog.text
