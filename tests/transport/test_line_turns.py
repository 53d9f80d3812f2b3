"""A line on a busy loop: its turn comes some rounds after what arrived, and much may have happened meanwhile."""

import asyncio

import pytest

from tests.transport.lines import Ends, HeldTurns, arrived


async def test_an_error_of_somebody_else_is_not_of_whoever_listens(ends: Ends, turns: HeldTurns) -> None:
    """A line may be closed while an exception is on its way; who listens hears that it was closed."""
    line, theirs = ends
    turns.held = True
    listening = asyncio.create_task(line.receive())
    await asyncio.sleep(0)
    await arrived(line, theirs, b"one")

    try:
        assert 1 / 0
    except ZeroDivisionError:
        line.close()
    with pytest.raises(ConnectionAbortedError):
        await listening


async def test_what_comes_after_enough_waits_for_the_next(ends: Ends, turns: HeldTurns) -> None:
    """On a busy loop several arrivals may get their turn before the task that waits for the first wakes."""
    line, theirs = ends
    turns.held = True
    receiving = asyncio.create_task(line.receive())
    await asyncio.sleep(0)
    for piece in (b"one", b"two"):
        await arrived(line, theirs, piece)
    turns.go_on()
    await arrived(line, theirs, b"three")
    turns.go_on()
    assert [data for data, _ in (await receiving, await line.receive(), await line.receive())] == [
        b"one",
        b"two",
        b"three",
    ]


async def test_who_is_giving_up_is_told_nothing_more(ends: Ends, turns: HeldTurns) -> None:
    """Between the moment at which a task is cancelled and the one at which it goes on, a turn may come up."""
    line, theirs = ends
    turns.held = True
    heard: list[bytes] = []

    def hear(data: bytes, _at: int) -> bool:
        heard.append(data)
        return True

    listening = asyncio.create_task(line.listen(hear))
    await asyncio.sleep(0)
    await arrived(line, theirs, b"one")
    listening.cancel()
    turns.go_on()
    await asyncio.wait([listening])
    assert (listening.cancelled(), heard) == (True, [])
    assert (await line.receive())[0] == b"one"


async def test_a_line_asks_once_for_its_turn(ends: Ends, turns: HeldTurns) -> None:
    """However much came meanwhile: one turn is enough for all of it, the others are for other lines."""
    line, theirs = ends
    turns.held = True
    heard: list[bytes] = []

    def hear(data: bytes, _at: int) -> bool:
        heard.append(data)
        return data == b"three"

    listening = asyncio.create_task(line.listen(hear))
    await asyncio.sleep(0)
    for piece in (b"one", b"two"):
        await arrived(line, theirs, piece)
    assert turns.asked == 1
    turns.go_on()
    await arrived(line, theirs, b"three")
    assert turns.asked == 1
    turns.go_on()
    await listening
    assert heard == [b"one", b"two", b"three"]
