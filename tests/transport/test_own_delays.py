"""What we ourselves add: waiting for a slot, reading late, a loop that is held. None of it is in an answer's times."""

import asyncio
import time
from itertools import pairwise

import pytest

from exporter.aio.instrumented_loop import run_instrumented
from exporter.core.clock import SystemClock
from exporter.core.outcome import Reason
from exporter.core.target import Deadlines
from exporter.transport import HttpTransport
from tests.fakes.script import STREAM_HEADERS, Hang, Script, Send, Tell, chunk, head, stream
from tests.fakes.server import FakeServer
from tests.transport.asking import DONE, GOOD, ask, delta, provider
from tests.transport.test_exchange import in_order

BEGUN = Send(head(200, STREAM_HEADERS))


class Told:
    """Keeps the delays it is told of."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.late: list[float] = []

    def observe_connect_wait(self, seconds: float) -> None:
        self.waits.append(seconds)

    def observe_read_delay(self, seconds: float) -> None:
        self.late.append(seconds)


async def test_reading_late_is_told_once_an_answer() -> None:
    told = Told()
    transport = HttpTransport(SystemClock(), delays=told)
    if transport.clock_source != "kernel":
        pytest.skip("only the kernel tells when data came")
    async with FakeServer(stream(*GOOD)) as server:
        await ask(transport, provider(server.url))
    await ask(transport, provider("http://127.0.0.1:1"))
    await transport.close()
    assert len(told.late) == 1
    assert 0 < told.late[0] < 1


async def test_connects_in_progress_are_capped_and_waiting_is_not_measured() -> None:
    told = Told()
    transport = HttpTransport(SystemClock(), most_connecting=1, delays=told)
    limits = Deadlines(connect=0.2, first_token=5, total=5)
    async with FakeServer(greeting=[Hang()]) as hanging, FakeServer(stream(*GOOD)) as good:
        first, second = await asyncio.gather(
            ask(transport, provider(hanging.url.replace("http:", "https:"), name="a"), deadlines=limits),
            ask(transport, provider(good.url, name="b"), deadlines=limits),
        )
    await transport.close()
    assert first.failure is not None
    assert first.failure.reason is Reason.TIMEOUT_CONNECT
    assert second.failure is None
    assert told.waits[1] >= 0.19
    assert second.started_at - first.started_at >= 0.19


async def test_a_slot_is_free_again_once_connected() -> None:
    transport = HttpTransport(SystemClock(), most_connecting=1)
    waiting = asyncio.Event()
    async with FakeServer([Tell(waiting), Hang()]) as silent, FakeServer(stream(*GOOD)) as good:
        asked = asyncio.create_task(ask(transport, provider(silent.url, name="a")))
        await waiting.wait()
        seen = await ask(transport, provider(good.url, name="b"))
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
    await transport.close()
    assert seen.failure is None


async def test_user_stamps_can_be_asked_for_and_tell_stalls_by_the_watch() -> None:
    asked: list[int] = []

    def watch(moment: int) -> float:
        asked.append(moment)
        return 0.125

    before = SystemClock().monotonic_ns()
    transport = HttpTransport(SystemClock(), stamps="user", loop_stall=watch)
    async with FakeServer(stream(*GOOD)) as server:
        seen = await ask(transport, provider(server.url))
    await transport.close()
    assert (seen.clock_source, transport.clock_source, seen.stall) == ("user", "user", 0.125)
    assert all(earlier <= later for earlier, later in pairwise(in_order(seen)))
    assert asked[0] > before


def test_segments_that_came_while_the_loop_was_held_are_recognised() -> None:
    """The kernel may have joined them: their stamp is the last one's, and the answer says how far it may be off."""
    hold = 0.03

    async def run() -> int:
        transport = HttpTransport(SystemClock())
        sent = asyncio.Event()
        # Both tokens leave before the loop, which serves as well, is free to read the first.
        script: Script = [BEGUN, Tell(sent), Send(chunk(delta("one"))), Send(chunk(delta("two", "stop")) + chunk(DONE))]
        async with FakeServer(script) as server:
            asking = asyncio.create_task(ask(transport, provider(server.url)))
            await sent.wait()
            time.sleep(hold)  # noqa: ASYNC251  (holding the loop is what is tested)
            seen = await asking
            calm = await ask(transport, provider(server.url))
        await transport.close()
        assert seen.failure is None
        assert seen.stall >= hold
        assert calm.stall < hold
        return 0

    assert run_instrumented(run) == 0


async def test_an_answer_that_came_whole_is_no_timeout_though_it_was_read_too_late(transport: HttpTransport) -> None:
    """The loop was held past the deadline; when it went on, the answer was there to its end."""
    sent = asyncio.Event()

    async def hold() -> None:
        await sent.wait()
        time.sleep(0.3)  # noqa: ASYNC251 (holding the loop is the point)

    holding = asyncio.create_task(hold())
    async with FakeServer([Send(head(200, STREAM_HEADERS) + b"".join(map(chunk, GOOD))), Tell(sent), Hang()]) as server:
        limits = Deadlines(connect=0.25, first_token=0.25, total=0.25)
        seen = await ask(transport, provider(server.url), deadlines=limits)
    await holding
    assert (seen.failure, seen.status) == (None, 200)
