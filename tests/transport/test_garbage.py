"""A request leaves no cycles of references behind, whatever became of it.

After each reload the heap is frozen, so that the garbage collector need not look through it again: what was in a cycle
then would never be freed.
"""

import gc

import pytest

from exporter.core.clock import SystemClock
from exporter.core.target import Deadlines
from exporter.transport import HttpTransport
from tests.fakes.script import Close, Hang, Reset, Script, Send, head, reply
from tests.fakes.server import FakeServer
from tests.transport.asking import GOOD, ROLE, ask, delta, provider

SHORT = Deadlines(connect=5, first_token=0.3, total=0.5)
CHUNKED = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "script",
    [
        pytest.param([Send(head() + b"".join(GOOD)), Close()], id="an answer"),
        pytest.param([Send(head() + b"".join(delta(f"w{at}") for at in range(3000))), Close()], id="a long one, cut"),
        pytest.param([Send(head() + ROLE), Reset()], id="reset"),
        pytest.param([Send(head() + ROLE), Hang()], id="too slow"),
        pytest.param([Hang()], id="silent"),
        pytest.param([Close()], id="closed"),
        pytest.param(reply(b"{}", 429), id="refused"),
        pytest.param([Send(b"garbage"), Close()], id="not HTTP"),
        pytest.param([Send(CHUNKED + b"zz\r\n"), Close()], id="a chunk of no length"),
        pytest.param([Send(CHUNKED + b"5\r\ndata:\r\n"), Close()], id="no last chunk"),
        pytest.param([Send(head() + b"[" * 100_000), Close()], id="another protocol"),
    ],
)
async def test_nothing_of_ours_waits_for_the_collector(script: Script) -> None:
    transport = HttpTransport(SystemClock())
    async with FakeServer(script) as server:
        at = provider(f"{server.url}/v1")
        await ask(transport, at, deadlines=SHORT)
        assert await collect_garbage(transport, f"{server.url}/v1") == []
    await transport.close()


async def test_nor_does_a_server_that_is_not_there() -> None:
    transport = HttpTransport(SystemClock())
    assert await collect_garbage(transport, "http://127.0.0.1:1/v1") == []
    await transport.close()


async def collect_garbage(transport: HttpTransport, url: str) -> list[str]:
    """Ask three times; the names of our classes of which the collector had to free some."""
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            await ask(transport, provider(url), deadlines=SHORT)
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        return sorted({type(each).__name__ for each in gc.garbage if type(each).__module__.startswith("exporter")})
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
