"""Kept connections: used again, found dead, drained; one request is asked once."""

import asyncio

import pytest

from exporter.core.ask import Complete, ListModels
from exporter.core.outcome import Reason
from exporter.transport import HttpTransport
from tests.fakes.certificates import Authority
from tests.fakes.script import (
    STREAM_HEADERS,
    Close,
    Gate,
    Hang,
    Repeat,
    Reset,
    Script,
    Send,
    Tell,
    Wait,
    chunk,
    head,
    in_turn,
    reply,
    stream,
)
from tests.fakes.server import FakeServer
from tests.transport.asking import GOOD, ask, provider

KEPT = stream(*GOOD)


@pytest.mark.parametrize("secure", [pytest.param(False, id="http"), pytest.param(True, id="https")])
async def test_a_kept_connection_serves_again(transport: HttpTransport, authority: Authority, secure: bool) -> None:
    async with FakeServer(KEPT, tls=authority.server() if secure else None) as server:
        at = provider(server.url, keep_alive=True, ca_file=authority.ca_file)
        first, second = await ask(transport, at), await ask(transport, at)
    assert (first.failure, second.failure) == (None, None)
    assert (first.reused, second.reused) == (False, True)
    moments = second.moments
    assert (moments.resolved, moments.connected, moments.secured) == (0, 0, 0)
    assert moments.sent is not None
    assert moments.first_byte is not None
    assert 0 < moments.sent <= moments.first_byte
    assert second.certificate_expires_at == first.certificate_expires_at
    assert len(server.connections) == 1


async def test_without_keep_alive_every_request_has_its_own_connection(transport: HttpTransport) -> None:
    async with FakeServer(KEPT) as server:
        await ask(transport, provider(server.url))
        await ask(transport, provider(server.url))
        await server.all_closed()
    assert [request.connection for request in server.requests] == [0, 1]
    assert server.requests[0].headers["connection"] == "close"


async def test_an_error_keeps_the_connection(transport: HttpTransport) -> None:
    async with FakeServer(in_turn(reply(b"{}", 503), KEPT)) as server:
        at = provider(server.url, keep_alive=True)
        refused, answered = await ask(transport, at), await ask(transport, at)
    assert refused.failure is not None
    assert (answered.failure, answered.reused) == (None, True)


@pytest.mark.parametrize("end", [pytest.param(Close(), id="closed"), pytest.param(Reset(), id="reset")])
async def test_a_dead_kept_connection_is_not_the_vendors_failure(transport: HttpTransport, end: Close | Reset) -> None:
    async with FakeServer(in_turn(KEPT, [end], KEPT)) as server:
        at = provider(server.url, keep_alive=True)
        await ask(transport, at)
        seen = await ask(transport, at)
    assert (seen.failure, seen.reused) == (None, False)
    assert [request.connection for request in server.requests] == [0, 0, 1]
    assert seen.moments.connected != 0


async def test_several_dead_connections_are_passed_over(transport: HttpTransport) -> None:
    both = asyncio.Event()

    async with FakeServer(in_turn([Gate(both), *KEPT], [Tell(both), *KEPT], [Close()], [Close()], KEPT)) as server:
        at = provider(server.url, keep_alive=True)
        await asyncio.gather(ask(transport, at), ask(transport, at))
        seen = await ask(transport, at)
    assert (seen.failure, seen.reused) == (None, False)
    assert len(server.requests) == 5


async def test_a_kept_connection_that_began_to_answer_is_not_asked_again(transport: HttpTransport) -> None:
    async with FakeServer(in_turn(KEPT, [Send(b"HTTP/1.1 200 OK\r\n"), Close()], KEPT)) as server:
        at = provider(server.url, keep_alive=True)
        await ask(transport, at)
        seen = await ask(transport, at)
    assert seen.failure is not None
    assert seen.failure.reason is Reason.INVALID_RESPONSE
    assert len(server.requests) == 2


async def test_a_fresh_connection_that_is_closed_is_not_asked_again(transport: HttpTransport) -> None:
    async with FakeServer(in_turn([Close()], KEPT)) as server:
        seen = await ask(transport, provider(server.url, keep_alive=True), ListModels())
    assert seen.failure is not None
    assert len(server.requests) == 1


AFTER_THE_END: dict[str, Script] = {
    "says no more": [Hang()],
    "says too much": [Repeat(chunk(b"x" * 8192))],
    "breaks HTTP": [Wait(0.02), Send(b"no chunk\r\n"), Hang()],
}


@pytest.mark.parametrize("after", [pytest.param(script, id=name) for name, script in AFTER_THE_END.items()])
async def test_a_connection_that_cannot_be_drained_is_closed(transport: HttpTransport, after: Script) -> None:
    whole = Send(head(200, STREAM_HEADERS) + b"".join(map(chunk, GOOD)))
    async with FakeServer(in_turn([whole, *after], KEPT)) as server:
        at = provider(server.url, keep_alive=True)
        first = await ask(transport, at)
        await server.all_closed()
        second = await ask(transport, at)
    assert (first.failure, second.failure, second.reused) == (None, None, False)
    assert first.ended == first.events[-1].at


async def test_an_answer_before_the_question_was_heard_is_the_answer(transport: HttpTransport) -> None:
    """A server that finds the question too large says so and hangs up, while it is still being written."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head(413, {"content-length": "2"}) + b"{}")
        writer.transport.abort()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        at = provider(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        seen = await ask(transport, at, Complete("x" * 32 * 1024 * 1024))
    assert seen.status == 413
    assert seen.failure is not None
    assert seen.failure.reason is Reason.BAD_REQUEST
