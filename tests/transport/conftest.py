"""A transport per test, an authority whose certificates it can be told to trust, and a kernel that stamps."""

import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from exporter.core.clock import SystemClock
from exporter.transport import HttpTransport
from exporter.transport.http.connection import Connection
from exporter.transport.timing.stamps import StampedSocket, open_stamp_switch, supports_kernel_stamps
from tests.fakes.certificates import Authority
from tests.transport.lines import Ends, HeldTurns


@pytest.fixture(scope="session", autouse=True)
def stamping() -> Iterator[None]:
    """Keep the kernel stamping: it takes some milliseconds to begin, and would begin anew in every test."""
    if not supports_kernel_stamps():
        yield
        return
    with open_stamp_switch():
        while not _is_stamped():
            pass
        yield


def _is_stamped() -> bool:
    """Whether data that arrives now carries a stamp."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        StampedSocket.open(socket.AF_INET, socket.SOCK_STREAM, 0, SystemClock(), kernel=True) as ours,
    ):
        ours.connect(listener.getsockname())
        theirs, _ = listener.accept()
        with theirs:
            theirs.sendall(b"data")
            ours.recv(4)
    return ours.kernel


@pytest.fixture
async def transport() -> AsyncIterator[HttpTransport]:
    made = HttpTransport(SystemClock())
    yield made
    await made.close()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
async def turns() -> HeldTurns:
    return HeldTurns()


@pytest.fixture
async def ends(turns: HeldTurns) -> AsyncIterator[Ends]:
    """A line, and the socket at its other end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = StampedSocket.open(socket.AF_INET, socket.SOCK_STREAM, 0, SystemClock(), kernel=supports_kernel_stamps())
        ours.connect(listener.getsockname())
        ours.settimeout(0)
        theirs, _ = listener.accept()
    line = Connection(ours, turns)
    with theirs:
        yield line, theirs
    line.close()
