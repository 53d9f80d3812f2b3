"""The cap on connects in progress."""

import asyncio

from exporter.core.clock import SystemClock
from exporter.transport.timing.connect_slots import ConnectSlots


async def test_only_so_many_at_once_and_in_turn() -> None:
    waits: list[float] = []
    slots = ConnectSlots(2, waits.append, SystemClock())
    first, _ = await slots.take(), await slots.take()
    third, fourth = asyncio.create_task(slots.take()), asyncio.create_task(slots.take())
    await asyncio.sleep(0)
    assert not third.done()
    first()
    (await third)()
    await fourth
    assert len(waits) == 4


async def test_a_slot_is_given_back_only_once() -> None:
    slots = ConnectSlots(1, lambda _: None, SystemClock())
    give_back = await slots.take()
    give_back()
    give_back()
    await slots.take()
    second = asyncio.create_task(slots.take())
    await asyncio.sleep(0)
    assert not second.done()
    second.cancel()


async def test_who_gives_up_waiting_takes_no_slot() -> None:
    slots = ConnectSlots(1, lambda _: None, SystemClock())
    give_back = await slots.take()
    waiting = asyncio.create_task(slots.take())
    await asyncio.sleep(0)
    waiting.cancel()
    give_back()
    (await slots.take())()
