"""From a host to a connection: names and numbers, several addresses, nowhere."""

import asyncio
import socket
import threading

import pytest
from aiohttp.abc import ResolveResult
from pydantic import SecretStr

from exporter.core.clock import SystemClock
from exporter.core.outcome import Fault, Reason
from exporter.core.target import Deadlines
from exporter.transport import HttpTransport
from exporter.transport.failures import LookupFailedError
from exporter.transport.http.connector import Connector
from exporter.transport.http.resolver import ThreadPerLookup
from exporter.transport.timing.fair_queue import FairQueue
from exporter.transport.timing.timings import Timings
from tests.fakes.socks import FakeSocks
from tests.transport.asking import ask, provider

HASTY = Deadlines(connect=0.2, first_token=5, total=5)


def prepared() -> tuple[Connector, Timings]:
    return Connector(SystemClock(), FairQueue(asyncio.get_running_loop()), kernel=False), Timings(
        SystemClock(), kernel=False
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_host_is_reached(host: str) -> None:
    dialler, record = prepared()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line = await dialler.connect(host, listener.getsockname()[1], record)
        peer = line.socket.getpeername()[0]
        nodelay = line.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        line.close()
    assert (peer, bool(nodelay)) == ("127.0.0.1", True)
    assert record.resolved_ns is not None
    assert record.connected_ns is not None
    assert record.t0 <= record.resolved_ns <= record.connected_ns


async def test_six_is_reached_too() -> None:
    dialler, record = prepared()
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError as error:
        pytest.skip(f"no IPv6 on this machine: {error}")
    with listener:
        line = await dialler.connect("::1", listener.getsockname()[1], record)
        peer = line.socket.getpeername()[0]
        line.close()
    assert peer == "::1"


@pytest.mark.parametrize("host", ["nowhere.invalid", "1.2.3.4.5", ""])
async def test_a_name_that_leads_nowhere(host: str) -> None:
    dialler, record = prepared()
    with pytest.raises((LookupFailedError, OSError)):
        await dialler.connect(host, 1, record)
    assert record.connected_ns is None


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_refused_everywhere(host: str) -> None:
    dialler, record = prepared()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(OSError, match=r"refused|Multiple|failed"):
        await dialler.connect(host, port, record)
    assert record.resolved_ns is not None
    assert record.connected_ns is None


@pytest.mark.parametrize("by_proxy", [False, True])
async def test_a_name_server_that_swallows_queries_is_the_names_trouble(by_proxy: bool) -> None:
    """The system's resolver waits longer for it than a probe does. With `socks5` the name is looked up here too."""
    answered = threading.Event()

    def wait_for_server(*_: object) -> list[ResolveResult]:
        answered.wait()
        return []

    transport = HttpTransport(SystemClock(), resolver=ThreadPerLookup(wait_for_server))
    try:
        async with FakeSocks() as socks:
            proxy = SecretStr(socks.url) if by_proxy else None
            seen = await ask(transport, provider("https://vendor.example", proxy=proxy), deadlines=HASTY)
    finally:
        answered.set()
        await transport.close()
    assert seen.failure is not None
    assert (seen.failure.reason, seen.failure.blamed) == (Reason.DNS, Fault.NETWORK)
    assert "cannot resolve vendor.example:443: no answer from the name server within 0.2" in seen.failure.detail
    assert seen.moments.resolved is None


@pytest.mark.parametrize(
    ("addresses", "moved"),
    [(["127.0.0.1"], False), (["127.0.0.2"], True), (["127.0.0.2", "127.0.0.1"], False), ([], False)],
)
async def test_whether_a_name_leads_elsewhere_by_now(addresses: list[str], moved: bool) -> None:
    known = ["127.0.0.1"]

    def look_up(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
        if not known:
            raise OSError(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return [
            ResolveResult(hostname=host, host=each, port=port, family=family or socket.AF_INET, proto=6, flags=0)
            for each in known
        ]

    dialler = Connector(
        SystemClock(), FairQueue(asyncio.get_running_loop()), kernel=False, resolver=ThreadPerLookup(look_up)
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        line = await dialler.connect("vendor.example", port, Timings(SystemClock(), kernel=False))
        known[:] = addresses
        assert await dialler.has_moved("vendor.example", port, line) is moved
        assert await dialler.has_moved("127.0.0.9", port, line) is False, "an address moves nowhere"
        line.close()
