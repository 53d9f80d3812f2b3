"""Connections that wait for another request: the last one first, none that is dead."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable

import pytest

from exporter.core.clock import SystemClock
from exporter.transport.http.connection import Connection
from exporter.transport.http.pool import ConnectionPool
from exporter.transport.timing.fair_queue import FairQueue
from exporter.transport.timing.stamps import StampedSocket

HERE = ("http", "a.example", 80, None)
THERE = ("http", "b.example", 80, None)
Pairs = Callable[[], tuple[Connection, socket.socket]]


async def never_moves(_way: object, _line: object) -> bool:
    return False


@pytest.fixture
async def pair() -> AsyncIterator[Pairs]:
    """Makes lines and the sockets at their other ends."""
    made: list[tuple[Connection, socket.socket]] = []

    def make() -> tuple[Connection, socket.socket]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            ours = StampedSocket.open(socket.AF_INET, socket.SOCK_STREAM, 0, SystemClock(), kernel=False)
            ours.connect(listener.getsockname())
            ours.settimeout(0)
            theirs, _ = listener.accept()
        made.append((Connection(ours, FairQueue(asyncio.get_running_loop())), theirs))
        return made[-1]

    yield make
    for line, theirs in made:
        line.close()
        theirs.close()


async def test_the_last_one_is_given_out_first_and_only_once(pair: Pairs) -> None:
    kept = ConnectionPool(never_moves)
    first, second = pair()[0], pair()[0]
    kept.add(HERE, first)
    kept.add(HERE, second)
    assert kept.take(THERE) is None
    assert [kept.take(HERE) for _ in range(3)] == [second, first, None]


@pytest.mark.parametrize("last_words", [b"", b"HTTP/1.1 408 Request Timeout\r\n\r\n"])
async def test_what_the_server_ends_is_dropped(pair: Pairs, last_words: bytes) -> None:
    kept = ConnectionPool(never_moves)
    line, theirs = pair()
    closed = asyncio.Event()
    line.on_close = lambda _: closed.set()
    kept.add(HERE, line)
    theirs.sendall(last_words)
    theirs.close()
    await closed.wait()
    assert kept.take(HERE) is None


async def test_one_that_was_given_out_is_no_longer_watched(pair: Pairs) -> None:
    kept = ConnectionPool(never_moves)
    line, theirs = pair()
    kept.add(HERE, line)
    assert kept.take(HERE) is line
    theirs.sendall(b"answer")
    assert (await line.receive())[0] == b"answer"
    assert not line.closed


async def test_one_that_said_something_already_is_not_given_out(pair: Pairs) -> None:
    """A busy loop has read the server's last words before their turn came: they are no answer to what is asked next."""
    kept = ConnectionPool(never_moves)
    (quiet, _), (talking, theirs) = pair(), pair()
    kept.add(HERE, quiet)
    theirs.sendall(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
    while talking.socket.received_ns is None:  # noqa: ASYNC110 (rounds of the loop are what is waited for)
        await asyncio.sleep(0)
    kept.add(HERE, talking)
    assert [kept.take(HERE) for _ in range(2)] == [quiet, None]
    assert talking.closed


async def test_one_whose_name_leads_elsewhere_is_dropped(pair: Pairs) -> None:
    moved: set[Connection] = set()

    async def has_moved(_way: object, line: Connection) -> bool:
        return line in moved

    kept = ConnectionPool(has_moved, look_every=0.01)
    staying, leaving = pair()[0], pair()[0]
    gone = asyncio.Event()
    leaving.on_close = lambda _: gone.set()
    kept.add(HERE, staying)
    kept.add(HERE, leaving)
    moved.add(leaving)
    await gone.wait()
    assert [kept.take(HERE) for _ in range(2)] == [staying, None]


async def test_how_long_a_name_was_not_looked_up_counts_while_its_connection_is_used(pair: Pairs) -> None:
    looks = asyncio.Queue[Connection]()

    async def has_moved(_way: object, line: Connection) -> bool:
        looks.put_nowait(line)
        return False

    kept = ConnectionPool(has_moved, look_every=0.05)
    line, _ = pair()
    async with asyncio.timeout(5):
        while looks.empty():  # used all the time, and idle only between
            kept.add(HERE, line)
            await asyncio.sleep(0.001)
            kept.take(HERE)
    assert looks.get_nowait() is line


async def test_looks_do_not_prolong_how_long_one_is_kept(pair: Pairs) -> None:
    looks: list[Connection] = []

    async def has_moved(_way: object, line: Connection) -> bool:
        looks.append(line)
        return False

    kept = ConnectionPool(has_moved, look_every=0.02, idle_seconds=0.2)
    line, _ = pair()
    closed = asyncio.Event()
    line.on_close = lambda _: closed.set()
    kept.add(HERE, line)
    async with asyncio.timeout(5):
        await closed.wait()
    assert len(looks) > 1, "looked at again and again meanwhile"
    assert kept.take(HERE) is None
