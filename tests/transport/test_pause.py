"""A process that is stopped while an answer arrives: the kernel's stamps say whether the vendor was in time."""

import asyncio
import json
import os
import signal
import sys
from typing import Any

import pytest

from exporter.transport.timing.stamps import supports_kernel_stamps
from tests.fakes.script import Gate, Hang, Send, Step, Tell, head
from tests.fakes.server import FakeServer
from tests.transport.asking import GOOD

LIMIT = 1.0
pytestmark = pytest.mark.skipif(not supports_kernel_stamps(), reason="needs the kernel's receive stamps (Linux)")


async def ask_while_stopped(steps: list[Step], asked: asyncio.Event, answer: asyncio.Event, *, after: float) -> Any:
    """Stop the asking process once its question is there, answer `after` seconds later, wake it past its limit."""
    async with FakeServer(steps) as server:
        words = ["-m", "tests.transport.paused_child", f"{server.url}/v1", str(LIMIT)]
        child = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=asyncio.subprocess.PIPE)
        await asked.wait()
        os.kill(child.pid, signal.SIGSTOP)
        await asyncio.sleep(after)  # the moment of the answer is what the test is about
        answer.set()
        await asyncio.sleep(max(0.0, LIMIT + 0.7 - after))
        os.kill(child.pid, signal.SIGCONT)
        out, _ = await asyncio.wait_for(child.communicate(), 20)
        return json.loads(out)


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        pytest.param(0.2, "ok", id="in time"),
        pytest.param(LIMIT + 0.3, "timeout_total", id="late, while the process was stopped"),
    ],
)
async def test_the_stamps_decide(after: float, reason: str) -> None:
    asked, answer = asyncio.Event(), asyncio.Event()
    steps: list[Step] = [Tell(asked), Gate(answer), Send(head() + b"".join(GOOD)), Hang()]
    told = await ask_while_stopped(steps, asked, answer, after=after)
    assert told["reason"] == reason
    if reason == "ok":
        assert told["ended"] < LIMIT


async def test_a_silence_that_a_pause_covers_is_not_judged() -> None:
    asked, answer = asyncio.Event(), asyncio.Event()
    told = await ask_while_stopped([Tell(asked), Hang()], asked, answer, after=0.1)
    assert told["reason"] == "paused"
