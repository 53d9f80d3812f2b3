"""A connection: arrivals in order with their moment, whole writes, an end that stays, nothing left behind."""

import asyncio
import socket
import ssl
import time
from collections.abc import Generator
from typing import Any

import pytest

from exporter.transport.failures import EndedError
from exporter.transport.http.connection import Connection
from tests.fakes.certificates import Authority
from tests.transport.far import Far
from tests.transport.lines import Ends, passed


async def test_what_arrives_carries_its_moment(ends: Ends) -> None:
    line, theirs = ends
    before = time.monotonic_ns()
    theirs.sendall(b"one")
    data, at = await line.receive()
    assert data == b"one"
    assert before - 1_000_000 <= at <= time.monotonic_ns()


async def test_stamps_are_taken_before_anything_is_made_of_the_bytes(ends: Ends) -> None:
    """Nobody has asked for the bytes yet, and their moment is known already: reading waits for no parser."""
    line, theirs = ends
    theirs.sendall(b"one")
    await passed(lambda: line.socket.received_ns is not None)
    noted = line.socket.received_ns
    _, at = await line.receive()
    assert at == noted


async def test_what_waits_is_handed_out_one_arrival_at_a_time(ends: Ends) -> None:
    line, theirs = ends
    theirs.sendall(b"one")
    await passed(lambda: line.socket.received_ns is not None)
    first = line.socket.received_ns
    theirs.sendall(b"two")
    await passed(lambda: line.socket.received_ns != first)
    (one, early), (two, late) = await line.receive(), await line.receive()
    assert (one, two) == (b"one", b"two")
    assert early < late


async def test_the_end_stays(ends: Ends) -> None:
    line, theirs = ends
    theirs.sendall(b"last")
    theirs.shutdown(socket.SHUT_WR)
    assert (await line.receive())[0] == b"last"
    assert (await line.receive())[0] == b""
    assert (await line.receive())[0] == b""


async def test_whoever_listens_is_told_of_each_arrival_until_it_is_enough(ends: Ends) -> None:
    line, theirs = ends
    heard: list[bytes] = []

    def hear(data: bytes, _at: int) -> bool:
        heard.append(data)
        if data != b"enough":
            theirs.sendall(b"enough")
        return data == b"enough"

    listening = asyncio.create_task(line.listen(hear))
    await asyncio.sleep(0)
    theirs.sendall(b"one")
    await listening
    theirs.sendall(b"more")
    assert heard == [b"one", b"enough"]
    assert (await line.receive())[0] == b"more"


async def test_nobody_who_listens_is_woken_before_it_is_enough(ends: Ends) -> None:
    """The structure that makes pieces cheap: the task waits for one thing, however many of them come."""
    line, theirs = ends
    woken, waits = 0, 0

    class Counted:
        def __await__(self) -> Generator[Any, Any, None]:
            nonlocal woken, waits
            waiting = line.listen(lambda data, _at: data.endswith(b"end")).__await__()
            for waits, each in enumerate(waiting, 1):  # noqa: B007 (counted)
                yield each
                woken += 1

    async def listen() -> None:
        await Counted()

    listening = asyncio.create_task(listen())
    await asyncio.sleep(0)
    for piece in (b"one", b"two", b"three"):
        seen = line.socket.received_ns
        theirs.sendall(piece)
        await passed(lambda seen=seen: line.socket.received_ns != seen)  # type: ignore[misc]  # a default has no type
    assert (waits, woken) == (1, 0)
    theirs.sendall(b"end")
    await listening
    assert (waits, woken) == (1, 1)


@pytest.mark.parametrize(
    "error", [EndedError(), ZeroDivisionError("a bug of ours")], ids=lambda each: type(each).__name__
)
async def test_an_error_in_listening_is_for_whoever_listens(ends: Ends, error: Exception) -> None:
    """It gets a bug of ours too; of that one the event loop's handler hears as well."""
    line, theirs = ends
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["exception"]))

    def hear(_data: bytes, _at: int) -> bool:
        raise error

    listening = asyncio.create_task(line.listen(hear))
    await asyncio.sleep(0)
    theirs.sendall(b"one")
    with pytest.raises(type(error)) as caught:
        await listening
    assert caught.value is error
    assert told == ([error] if isinstance(error, ZeroDivisionError) else [])


async def test_a_farewell_of_tls_is_the_end_though_the_connection_stays_open(ends: Ends, authority: Authority) -> None:
    line, theirs = ends
    far, loop = Far(authority.server()), asyncio.get_running_loop()
    theirs.settimeout(0)
    securing = asyncio.create_task(line.secure(ssl.create_default_context(cafile=authority.ca_file), "127.0.0.1"))
    theirs.sendall(far.shake_hands(await loop.sock_recv(theirs, 65536)))
    await securing
    await line.send(b"hello")
    tickets = far.shake_hands(await loop.sock_recv(theirs, 65536))
    assert far.hear(b"") == b"hello"
    theirs.sendall(tickets + far.say(b"bye") + far.farewell())
    heard: list[bytes] = []

    def hear(data: bytes, _at: int) -> bool:
        heard.append(data)
        return not data

    await line.listen(hear)
    assert heard == [b"bye", b""]
    assert (await line.receive())[0] == b""


async def test_who_gave_up_listening_takes_nothing(ends: Ends) -> None:
    line, theirs = ends
    listening = asyncio.create_task(line.listen(lambda _data, _at: True))
    await asyncio.sleep(0)
    listening.cancel()
    await asyncio.wait([listening])
    theirs.sendall(b"later")
    assert (await line.receive())[0] == b"later"


async def test_a_flood_waits_in_the_kernel(ends: Ends) -> None:
    """Whoever sends without end is read no faster than what it sent is taken."""
    line, theirs = ends
    theirs.settimeout(0)
    loop = asyncio.get_running_loop()
    size = 64 * 1024 * 1024
    sending = asyncio.create_task(loop.sock_sendall(theirs, bytes(size)))
    for _ in range(5000):  # were it read all the same, a few thousand arrivals would be all of it
        await asyncio.sleep(0)
    assert not sending.done()
    taken = 0
    while taken < size:
        taken += len((await line.receive())[0])
    await sending
    assert taken == size


async def test_a_large_write_leaves_whole(ends: Ends) -> None:
    line, theirs = ends
    data = bytes(range(256)) * 64 * 1024
    theirs.settimeout(0)
    sending = asyncio.create_task(line.send(data))
    loop = asyncio.get_running_loop()
    heard = bytearray()
    while len(heard) < len(data):
        heard += await loop.sock_recv(theirs, 1 << 20)
    await sending
    assert heard == data


async def test_closing_ends_the_wait_of_whoever_reads(ends: Ends) -> None:
    line, _ = ends
    told = list[Connection]()
    line.on_close = told.append
    reading = asyncio.create_task(line.receive())
    await asyncio.sleep(0)
    line.close()
    line.close()
    with pytest.raises(ConnectionAbortedError):
        await reading
    with pytest.raises(ConnectionAbortedError):
        await line.send(b"more")
    assert told == [line]


async def test_closing_ends_the_wait_of_whoever_writes(ends: Ends) -> None:
    line, _ = ends
    sending = asyncio.create_task(line.send(bytes(64 * 1024 * 1024)))
    await asyncio.sleep(0)
    line.close()
    with pytest.raises(ConnectionAbortedError):
        await asyncio.wait_for(sending, 5)


async def test_a_resting_line_tells_of_what_it_did_not_expect(ends: Ends) -> None:
    line, theirs = ends
    told = asyncio.Event()
    line.set_idle(told.set)
    theirs.close()
    await told.wait()


async def test_what_came_before_it_rested_is_told_too(ends: Ends) -> None:
    line, theirs = ends
    theirs.sendall(b"timeout")
    await passed(lambda: line.socket.received_ns is not None)
    told = asyncio.Event()
    line.set_idle(told.set)
    await told.wait()


async def test_a_line_that_serves_again_tells_of_nothing_more(ends: Ends) -> None:
    line, theirs = ends
    told: list[None] = []
    line.set_idle(lambda: told.append(None))
    line.wake()
    theirs.sendall(b"answer")
    assert (await line.receive())[0] == b"answer"
    assert told == []
