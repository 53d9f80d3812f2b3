"""Answers on their way: pace, breaks, callers who leave."""

import asyncio
from itertools import count

import pytest
from aiohttp import ClientSession

from exporter.demo import Vendors
from exporter.demo.script import Trouble
from tests.demo.caller import KEY, Caller
from tests.demo.conftest import Naps


async def test_a_cut_stream_has_tokens_and_no_end(vendors: Vendors, caller: Caller) -> None:
    vendors.force(Trouble.STREAM_CUT)
    reply = await caller.ask("holysheep", "deepseek-v3", "Count from one to sixteen.")
    assert (reply.status, reply.whole) == (200, False)
    assert b'" eight"' in reply.body
    assert b'" nine"' not in reply.body
    assert b"[DONE]" not in reply.body


async def test_a_cut_answer_is_shorter_than_announced(vendors: Vendors, caller: Caller) -> None:
    vendors.force(Trouble.STREAM_CUT)
    reply = await caller.openai("deepseek-v3", provider="holysheep")
    assert not reply.whole
    assert 0 < len(reply.body) < int(reply.headers["content-length"])


async def test_each_token_is_sent_before_the_next_is_waited_for() -> None:
    """The server's waits are let go one at a time: to the head, to the first token, then one per further token."""
    gate = asyncio.Semaphore(0)

    async def sleep(seconds: float) -> None:
        await gate.acquire()

    body = {"model": "gpt-4o", "stream": True, "messages": [{"role": "user", "content": "Count from one to five."}]}
    async with Vendors(sleep=sleep) as vendors, ClientSession() as session, asyncio.timeout(5):
        gate.release()
        headers = {"authorization": f"Bearer {KEY}"}
        async with session.post(f"{vendors.urls['openai']}/chat/completions", json=body, headers=headers) as answer:
            seen = await answer.content.readuntil(b"\n\n")
            assert b'"role":"assistant"' in seen
            for word in (b"one", b" two", b" three", b" four", b" five"):
                gate.release()
                seen = await answer.content.readuntil(b"\n\n")
                assert b'"content":"%b"' % word in seen
            assert (await answer.content.read()).endswith(b"data: [DONE]\n\n")
        assert gate.locked(), "no wait was left over"


async def test_a_whole_answer_takes_as_long_as_its_stream(caller: Caller, naps: Naps) -> None:
    await caller.openai("gpt-4o", "Count from one to sixteen.")
    assert len(naps.seconds) == 1
    assert naps.seconds[0] > 0.15 + 15 / 120 * 0.7


async def test_a_caller_who_leaves_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """The server goes on without a word in the log when the connection is closed in the middle of a stream."""
    begun, left, waits = asyncio.Event(), asyncio.Event(), count()

    async def sleep(seconds: float) -> None:
        if next(waits) == 3:  # headers and two tokens have been sent
            begun.set()
            await left.wait()

    async with Vendors(sleep=sleep) as waiting:
        address = waiting.urls["openai"].removeprefix("http://").removesuffix("/v1")
        host, _, port = address.partition(":")
        _, writer = await asyncio.open_connection(host, int(port))
        body = b'{"model":"gpt-4o","stream":true,"messages":[{"content":"Hello"}]}'
        head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: demo\r\nauthorization: Bearer {KEY}\r\n"
        writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        await begun.wait()
        writer.transport.abort()
        left.set()
        async with ClientSession() as session:
            reply = await Caller(session, waiting).openai("gpt-4o")
        assert reply.whole
    assert caplog.records == []
