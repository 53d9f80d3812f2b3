"""From a host to a connection: names and numbers, several addresses, nowhere."""

import asyncio
import socket

import pytest

from exporter.core.clock import SystemClock
from exporter.transport.failures import LookupFailedError
from exporter.transport.http.connector import Connector
from exporter.transport.timing.fair_queue import FairQueue
from exporter.transport.timing.timings import Timings


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
