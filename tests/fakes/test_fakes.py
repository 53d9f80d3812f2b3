"""The fakes do what their scripts say: other tests rest on that."""

import asyncio
import ssl
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.certificates import Authority
from tests.fakes.proxy import FakeProxy
from tests.fakes.script import Close, Gate, Hang, Reset, Send, Tell, Wait, in_turn, reply, stream
from tests.fakes.server import FakeServer

ASK = b"POST /v1/x HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\nhi"


async def test_a_request_is_recorded_and_answered_with_stamps() -> None:
    async with FakeServer([*reply(b"one"), Close()]) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(ASK)
        answer = await reader.read()
        writer.close()
        await server.all_closed()
    request = server.requests[0]
    assert answer.endswith(b"\r\n\r\none")
    assert (request.method, request.path, request.headers["host"], request.body) == ("POST", "/v1/x", "here", b"hi")
    assert [write.data for write in request.written] == [answer]
    assert request.arrived_ns <= request.written[0].before_ns <= request.written[0].after_ns


async def test_a_connection_is_kept_and_scripts_come_in_turn() -> None:
    async with FakeServer(in_turn(reply(b"1"), reply(b"2"), [*reply(b"3"), Close()])) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(ASK + ASK + ASK)
        answer = await reader.read()
        writer.close()
    assert [part[-1:] for part in answer.split(b"HTTP/1.1")[1:]] == [b"1", b"2", b"3"]
    assert [request.connection for request in server.requests] == [0, 0, 0]


async def test_gates_tells_and_resets() -> None:
    asked, go = asyncio.Event(), asyncio.Event()
    async with FakeServer([Tell(asked), Gate(go), Wait(0), Send(b"x"), Reset()]) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(ASK)
        await asked.wait()
        assert server.requests[0].written == []
        go.set()
        assert await reader.readexactly(1) == b"x"
        with pytest.raises(ConnectionResetError):
            await reader.read(1)
        writer.close()


async def test_a_hanging_server_notices_that_the_client_left() -> None:
    asked = asyncio.Event()
    async with FakeServer([Tell(asked), Hang()]) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(ASK)
        await asked.wait()
        assert not server.connections[0].closed.is_set()
        writer.close()
        await server.all_closed()


async def test_a_stream_is_one_write_per_event() -> None:
    async with FakeServer([*stream(b"data: 1\n\n", b"data: 2\n\n"), Close()], greeting=[Wait(0)]) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(ASK)
        answer = await reader.read()
        writer.close()
    assert answer.endswith(b"9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n")
    assert len(server.requests[0].written) == 4


async def test_tls_with_a_client_certificate(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    context = ssl.create_default_context(cafile=authority.ca_file)
    context.load_cert_chain(*authority.client("prober"))
    async with FakeServer([*reply(b"safe"), Close()], tls=authority.server(ask_client=True)) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=context)
        writer.write(ASK)
        assert (await reader.read()).endswith(b"safe")
        writer.close()
    assert server.url.startswith("https://")
    assert server.requests[0].client_certificate == "prober"


@pytest.mark.parametrize(
    ("host", "expires_in", "why"),
    [
        pytest.param("elsewhere.example", timedelta(days=1), "IP address mismatch", id="wrong host"),
        pytest.param("127.0.0.1", timedelta(days=-1), "certificate has expired", id="expired"),
    ],
)
async def test_bad_certificates_are_bad(tmp_path: Path, host: str, expires_in: timedelta, why: str) -> None:
    authority = Authority(tmp_path)
    context = ssl.create_default_context(cafile=authority.ca_file)
    async with FakeServer(reply(), tls=authority.server(host=host, expires_in=expires_in)) as server:
        with pytest.raises(ssl.SSLCertVerificationError, match=why):
            await asyncio.open_connection("127.0.0.1", server.port, ssl=context)


async def test_the_proxy_tunnels_only_for_its_account() -> None:
    async with FakeServer([*reply(b"far"), Close()]) as server, FakeProxy("me", "secret") as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\n" % server.port)
        assert b" 407 " in await reader.read()
        writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\nProxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n" % server.port)
        assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
        writer.write(ASK)
        assert (await reader.read()).endswith(b"far")
        writer.close()
    assert proxy.targets == [f"127.0.0.1:{server.port}"]
