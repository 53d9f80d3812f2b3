"""A vendor that sends as much as it may: neither memory nor the event loop suffers.

The CPU time of a callback is taken, not its duration, so a busy machine changes nothing; the limits are twice what is
promised, and a tenth of what it was.
"""

import asyncio
import gc
import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from exporter.core.ask import ListModels
from exporter.core.clock import SystemClock
from exporter.core.exchange import Delta
from exporter.core.outcome import Reason
from exporter.dialects.fields import LARGEST_LIST
from exporter.transport import HttpTransport
from tests.fakes.script import Received, Script, Send, head, reply
from tests.fakes.server import FakeServer
from tests.transport.asking import DONE, GOOD, ask, delta, provider

SIZE = 7_900_000
MOST_MEMORY = 64 * 1024 * 1024
"""Bytes above idle, for 16 answers at a time."""

LONGEST = 0.1
"""Seconds of CPU in one callback."""


def tool_call(number: int) -> bytes:
    call = {"index": number % 9, "function": {"name": "f", "arguments": f"{number} "}}
    body = {"id": f"c{number}", "model": f"m{number}", "choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def usage(number: int) -> bytes:
    body = {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": number}, "model": "x" * (number % 500)}
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def fill(make: Callable[[int], bytes]) -> bytes:
    """One answer of nearly the size that is read at most."""
    pieces, size, number = [], 0, 0
    while size < SIZE:
        pieces.append(make(number))
        size += len(pieces[-1])
        number += 1
    return b"".join((*pieces, *GOOD[1:], DONE))


def tiny(number: int) -> bytes:
    return b'data: {"choices":[{"delta":{"content":"%x"}}]}\n\n' % number


def nothing(number: int) -> bytes:
    return b"data: {}\n\n" if number % 7 else b": %d\n" % number


@pytest.mark.parametrize(
    ("make", "count"),
    [
        pytest.param(lambda number: delta(f"w{number}"), 16, id="texts"),
        pytest.param(tiny, 2, id="tiny texts"),
        pytest.param(tool_call, 2, id="tool calls and names"),
        pytest.param(usage, 2, id="counts and names"),
        pytest.param(nothing, 1, id="nothing"),
    ],
)
async def test_many_events_take_little_memory_and_short_turns(make: Callable[[int], bytes], count: int) -> None:
    told = await ask_for(fill(make), count)

    assert told["reasons"] == ["ok"]
    assert told["memory"] < MOST_MEMORY * max(count, 4) / 16
    assert told["longest"] < LONGEST


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(b'{"data": [%s]}' % b",".join([b"{}"] * 2_600_000), id="objects"),
        pytest.param(b'{"data": %s%s}' % (b"[" * 3_900_000, b"]" * 3_900_000), id="nesting"),
        pytest.param(b'{"data": [%s]}' % b",".join([b'{"id":"m%d"}' % at for at in range(120_000)]), id="a list"),
        pytest.param(b'{"data": [%s]}' % b",".join([b'{"id":"m"}'] * (LARGEST_LIST + 1)), id="a list, just too long"),
    ],
)
async def test_many_values_are_refused_before_they_are_read(document: bytes) -> None:
    async with FakeServer(reply(document)) as server:
        transport = HttpTransport(SystemClock())
        seen = await ask(transport, provider(f"{server.url}/v1"), ListModels())
        await transport.close()

    assert seen.failure is not None
    assert (seen.failure.reason, len(seen.events)) == (Reason.TOO_LARGE, 1)


async def test_the_longest_list_that_is_read() -> None:
    document = b'{"data": [%s]}' % b",".join([b'{"id":"model-%d"}' % at for at in range(LARGEST_LIST)])
    async with FakeServer(reply(document)) as server:
        transport = HttpTransport(SystemClock())
        seen = await ask(transport, provider(f"{server.url}/v1"), ListModels())
        await transport.close()

    assert seen.failure is None


async def ask_for(answer: bytes, count: int) -> dict[str, Any]:
    """What a process says that asks for this answer many times at once."""

    def script(request: Received) -> Script:
        return [Send(head() + (b"".join((*GOOD, DONE)) if "small" in request.path else answer))]

    async with FakeServer(script) as server:
        words = ["-m", "tests.transport.huge_answers_child", server.url, str(count)]
        child = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=asyncio.subprocess.PIPE)
        out, _ = await asyncio.wait_for(child.communicate(), 180)
        told: dict[str, Any] = json.loads(out)
        return told


async def test_what_is_no_longer_used_is_free_at_once() -> None:
    """The garbage collector looks through everything once in a thousand times, so nothing large may wait for it."""
    events = [delta(f"unique-{at}") for at in range(100)]
    async with FakeServer([Send(head() + b"".join((*events, DONE)))]) as server:
        transport = HttpTransport(SystemClock())
        gc.collect()
        gc.disable()
        try:
            seen = await ask(transport, provider(f"{server.url}/v1"))
            assert count_deltas() == len(events)
            del seen
            assert count_deltas() == 0
        finally:
            gc.enable()
            await transport.close()


def count_deltas() -> int:
    """Pieces of that answer in memory."""
    return sum(isinstance(each, Delta) and each.text.startswith("unique-") for each in gc.get_objects())
