"""What one exchange tells: moments, ends, limits, reuse; and that nothing stays behind it."""

import asyncio
import os
import socket
import ssl
from itertools import pairwise

import pytest
import uvloop
from pydantic import SecretStr

from exporter.core.ask import ListModels
from exporter.core.clock import SystemClock
from exporter.core.exchange import OUTPUT, Delta, Exchange, Finished, Headroom, Listed, Moments
from exporter.core.outcome import Reason
from exporter.core.target import Deadlines
from exporter.transport import HttpTransport
from tests.fakes.certificates import Authority
from tests.fakes.script import (
    STREAM_HEADERS,
    Hang,
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
from tests.transport.asking import DONE, GOOD, KEY, ROLE, ask, delta, provider

BEGUN = Send(head(200, STREAM_HEADERS))


def in_order(seen: Exchange) -> list[float]:
    """Every moment of an exchange that was answered, as they have to follow one another."""
    moments = seen.moments
    steps = (0.0, moments.resolved, moments.connected, moments.secured, moments.sent, moments.first_byte)
    known = [step for step in steps if step is not None]
    assert len(known) == len(steps)
    return [*known, *(each.at for each in seen.events), seen.ended]


@pytest.mark.parametrize("secure", [pytest.param(False, id="http"), pytest.param(True, id="https")])
async def test_moments_follow_one_another(transport: HttpTransport, authority: Authority, secure: bool) -> None:
    async with FakeServer(stream(*GOOD, pause=0.01), tls=authority.server() if secure else None) as server:
        seen = await ask(transport, provider(server.url, ca_file=authority.ca_file))
    assert seen.failure is None
    assert all(earlier <= later for earlier, later in pairwise(in_order(seen)))
    assert seen.moments.connected is not None
    assert seen.moments.secured is not None
    assert (seen.moments.secured > seen.moments.connected) is secure
    assert (seen.certificate_expires_at is not None) is secure
    assert (seen.status, seen.reused, seen.clock_source) == (200, False, transport.clock_source)


async def test_each_event_carries_the_arrival_of_its_own_bytes(transport: HttpTransport) -> None:
    async with FakeServer(stream(*GOOD, pause=0.02)) as server:
        seen = await ask(transport, provider(server.url))
    arrivals = [each.at for each in seen.events if isinstance(each.event, OUTPUT)]
    assert len(arrivals) == len(set(arrivals)) == 2
    assert "".join(each.event.text for each in seen.events if isinstance(each.event, Delta)) == "onetwo"


async def test_a_whole_stream_in_one_write_has_one_arrival(transport: HttpTransport) -> None:
    async with FakeServer([Send(head(200, STREAM_HEADERS) + b"".join(map(chunk, GOOD)))]) as server:
        seen = await ask(transport, provider(server.url))
    assert seen.failure is None
    assert len({each.at for each in seen.events}) == 1
    assert seen.ended == seen.moments.first_byte


@pytest.mark.parametrize(
    "after",
    [
        pytest.param([Hang()], id="never closes"),
        pytest.param([Send(chunk(b": still here\n\n")), Hang()], id="sends on"),
        pytest.param([Wait(0.1), Send(chunk(b""))], id="closes late"),
    ],
)
async def test_a_server_that_lingers_lengthens_nothing(transport: HttpTransport, after: Script) -> None:
    async with FakeServer([BEGUN, Send(b"".join(map(chunk, GOOD))), *after]) as server:
        seen = await ask(transport, provider(server.url))
        await server.all_closed()
    assert seen.failure is None
    assert seen.ended == max(at for at, event in seen.events if isinstance(event, Finished))


def answer_and_stop_listening(listener: socket.socket, tls: ssl.SSLContext) -> bytes:
    """Answer one request over TLS, then look only at the bare connection: what comes until it is closed."""
    accepted, _ = listener.accept()
    with tls.wrap_socket(accepted, server_side=True) as connection:
        while b"\r\n\r\n{" not in connection.recv(65536):
            pass
        connection.sendall(head(200, STREAM_HEADERS) + b"".join(map(chunk, GOOD)))
        with socket.socket(fileno=os.dup(connection.fileno())) as bare:
            bare.settimeout(10)
            rest = b""
            while more := bare.recv(4096):
                rest += more
    return rest


async def test_no_farewell_is_waited_for(transport: HttpTransport, authority: Authority) -> None:
    """A TLS server that does not answer our goodbye would keep the connection half open for half a minute."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(asyncio.to_thread(answer_and_stop_listening, listener, authority.server()))
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        seen = await ask(transport, provider(url, ca_file=authority.ca_file))
        await serving
    assert seen.failure is None


async def test_the_head_of_any_answer_is_read(transport: HttpTransport) -> None:
    headers = {"x-ratelimit-remaining-requests": "7", "x-ratelimit-limit-requests": "10", "X-Twice": "a"}
    script = [Send(head(429, {**headers, "content-length": "2"}).replace(b"\r\n\r\n", b"\r\nx-twice: b\r\n\r\n{}"))]
    async with FakeServer(script) as server:
        seen = await ask(transport, provider(server.url))
    assert isinstance(seen.events[0].event, Headroom)
    assert seen.headers["x-twice"] == "a, b"
    assert seen.failure is not None
    assert seen.failure.reason is Reason.RATE_LIMITED


async def test_interim_answers_are_no_answer(transport: HttpTransport) -> None:
    hints = Send(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n")
    async with FakeServer([Send(head(100)), Wait(0.02), hints, *stream(*GOOD)]) as server:
        seen = await ask(transport, provider(server.url))
    assert (seen.failure, seen.status) == (None, 200)
    assert seen.moments.first_byte is not None
    assert seen.events[0].at > seen.moments.first_byte


async def test_an_answer_that_is_not_streamed(transport: HttpTransport) -> None:
    async with FakeServer(reply(b'{"object":"list","data":[{"id":"gpt-4o"}]}')) as server:
        seen = await ask(transport, provider(server.url), ListModels())
    listed = [each.event for each in seen.events if isinstance(each.event, Listed)]
    assert [model.id for model in listed[0].models] == ["gpt-4o"]
    assert seen.sent_bytes == b""
    assert seen.received_bytes == b'{"object":"list","data":[{"id":"gpt-4o"}]}'


async def test_an_answer_that_is_not_streamed_has_no_first_token_limit(transport: HttpTransport) -> None:
    limits = Deadlines(connect=1, first_token=0.05, total=0.2)
    async with FakeServer([Hang()]) as server:
        seen = await ask(transport, provider(server.url), ListModels(), limits)
    assert seen.failure is not None
    assert seen.failure.reason is Reason.TIMEOUT_TOTAL
    assert seen.ended >= 0.2


async def test_the_first_bytes_of_an_answer_are_kept(transport: HttpTransport) -> None:
    body = b"[" + b"1," * 20_000 + b"1]"
    async with FakeServer(reply(body)) as server:
        seen = await ask(transport, provider(server.url), ListModels())
    assert seen.received_bytes == body[: 16 * 1024]


async def test_the_limit_on_a_body_can_be_chosen() -> None:
    transport = HttpTransport(SystemClock(), most_bytes=1000)
    async with FakeServer(reply(b"[" + b"1," * 1000 + b"1]")) as server:
        seen = await ask(transport, provider(server.url), ListModels())
    await transport.close()
    assert seen.failure is not None
    assert seen.failure.reason is Reason.TOO_LARGE


async def test_what_goes_wrong_inside_a_good_status_ends_the_answer(transport: HttpTransport) -> None:
    broken = b'data: {"error":{"message":"the engine fell over","code":500}}\n\n'
    async with FakeServer([BEGUN, Send(chunk(ROLE)), Send(chunk(broken)), Hang()]) as server:
        seen = await ask(transport, provider(server.url))
        await server.all_closed()
    assert seen.failure is not None
    assert seen.failure.http_status == 200
    assert "the engine fell over" in seen.failure.detail


async def test_no_secret_is_in_what_is_told(transport: HttpTransport) -> None:
    named = provider("http://127.0.0.1:1", headers={"X-Org": SecretStr("org-secret-77")})
    refused = await ask(transport, named)
    async with FakeServer(reply(b"{}", 401)) as server:
        denied = await ask(transport, provider(server.url, headers={"X-Org": SecretStr("org-secret-77")}))
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    for seen in (refused, denied):
        assert KEY not in repr(seen)
        assert "org-secret-77" not in repr(seen)


async def test_stages_that_were_not_reached_have_no_moment(transport: HttpTransport) -> None:
    limits = Deadlines(connect=0.2, first_token=0.2, total=0.2)
    async with FakeServer([Hang()]) as server:
        seen = await ask(transport, provider(server.url), deadlines=limits)
    assert seen.moments.sent is not None
    assert seen.moments == Moments(
        resolved=seen.moments.resolved,
        connected=seen.moments.connected,
        secured=seen.moments.connected,
        sent=seen.moments.sent,
    )
    assert seen.ended >= 0.2


@pytest.mark.parametrize("stage", ["handshake", "waiting", "answering"])
async def test_cancelling_leaves_nothing_behind(transport: HttpTransport, stage: str) -> None:
    reached = asyncio.Event()
    greeting: Script = [Tell(reached), Hang()] if stage == "handshake" else []
    begun: Script = [BEGUN, Send(chunk(delta("one"))), Wait(0.05)] if stage == "answering" else []
    async with FakeServer([*begun, Tell(reached), Hang()], greeting=greeting) as server:
        url = server.url.replace("http:", "https:") if stage == "handshake" else server.url
        before = asyncio.all_tasks()
        asked = asyncio.create_task(ask(transport, provider(url)))
        await reached.wait()
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await server.all_closed()
        assert asyncio.all_tasks() <= before


@pytest.mark.parametrize("secure", [pytest.param(False, id="http"), pytest.param(True, id="https")])
def test_another_event_loop_gets_the_same_stamps(authority: Authority, secure: bool) -> None:
    async def run() -> tuple[Exchange, str]:
        transport = HttpTransport(SystemClock())
        async with FakeServer(stream(*GOOD, pause=0.01), tls=authority.server() if secure else None) as server:
            seen = await ask(transport, provider(server.url, ca_file=authority.ca_file))
        await transport.close()
        return seen, transport.clock_source

    seen, source = uvloop.run(run())
    assert (seen.failure, seen.clock_source) == (None, source)
    assert all(earlier <= later for earlier, later in pairwise(in_order(seen)))


async def test_one_provider_in_trouble_does_not_touch_another(transport: HttpTransport) -> None:
    async with FakeServer(in_turn(reply(b"{}", 500), stream(*GOOD))) as server:
        bad = await ask(transport, provider(server.url))
        good = await ask(transport, provider(server.url))
    assert bad.failure is not None
    assert good.failure is None
    assert len(server.connections) == 2


async def test_a_session_is_closed_after_its_last_exchange(transport: HttpTransport) -> None:
    waiting = asyncio.Event()
    async with FakeServer(in_turn([Tell(waiting), Wait(0.05), *stream(*GOOD)], stream(*GOOD))) as server:
        at = provider(server.url, keep_alive=True)
        asked = asyncio.create_task(ask(transport, at))
        await waiting.wait()
        await transport.forget_provider(at)
        seen = await asked
        await server.all_closed()
        again = await ask(transport, at)
    assert seen.failure is None
    assert (again.failure, again.reused) == (None, False)


async def test_other_settings_of_a_provider_make_another_session(transport: HttpTransport) -> None:
    async with FakeServer([*stream(ROLE, delta("one", "stop"), DONE)]) as server:
        await ask(transport, provider(server.url, keep_alive=True))
        kept = await ask(transport, provider(server.url, keep_alive=True))
        fresh = await ask(transport, provider(server.url))
        await server.all_closed()
    assert (kept.reused, fresh.reused) == (True, False)


@pytest.mark.parametrize("stage", ["waiting for a slot", "waiting for an answer"])
async def test_closing_ends_what_is_under_way_with_a_failure(stage: str) -> None:
    transport = HttpTransport(SystemClock(), most_connecting=1)
    asked = asyncio.Event()
    greeting: Script = [Tell(asked), Hang()] if stage == "waiting for a slot" else []
    limits = Deadlines(connect=0.2, first_token=5, total=5)
    async with FakeServer([Tell(asked), Hang()], greeting=greeting) as server:
        url = server.url.replace("http:", "https:") if greeting else server.url
        asking = [asyncio.create_task(ask(transport, provider(url), deadlines=limits)) for _ in range(2)]
        await asked.wait()
        await transport.close()
        seen = await asyncio.gather(*asking)
    assert all(each.failure is not None for each in seen)
