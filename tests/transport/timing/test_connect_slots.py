"""The cap on connects in progress."""

import asyncio

from exporter.core.clock import SystemClock
from exporter.transport.timing.connect_slots import ConnectSlots


async def test_only_so_many_at_once_and_in_turn() -> None:
    waits: list[float] = []
    slots = ConnectSlots(2, waits.append, SystemClock())
    first, _ = await slots.take("acme"), await slots.take("acme")
    third, fourth = asyncio.create_task(slots.take("acme")), asyncio.create_task(slots.take("acme"))
    await asyncio.sleep(0)
    assert not third.done()
    first()
    (await third)()
    await fourth
    assert len(waits) == 4


async def test_a_slot_is_given_back_only_once() -> None:
    slots = ConnectSlots(1, lambda _: None, SystemClock())
    give_back = await slots.take("acme")
    give_back()
    give_back()
    await slots.take("acme")
    second = asyncio.create_task(slots.take("acme"))
    await asyncio.sleep(0)
    assert not second.done()
    second.cancel()


async def test_who_gives_up_waiting_takes_no_slot() -> None:
    slots = ConnectSlots(1, lambda _: None, SystemClock())
    give_back = await slots.take("acme")
    waiting = asyncio.create_task(slots.take("acme"))
    await asyncio.sleep(0)
    waiting.cancel()
    give_back()
    (await slots.take("acme"))()


async def test_providers_that_wait_are_served_in_turn() -> None:
    """A provider with many waiting connects delays the others by one connect at most."""
    slots = ConnectSlots(1, lambda _: None, SystemClock(), held=60)
    give_back = await slots.take("stuck")
    order: list[str] = []

    async def connect(provider: str) -> None:
        release = await slots.take(provider)
        order.append(provider)
        release()

    tasks = [asyncio.create_task(connect(name)) for name in ["stuck"] * 5 + ["healthy"] * 2]
    await asyncio.sleep(0)
    give_back()
    await asyncio.gather(*tasks)
    assert order == ["stuck", "healthy", "stuck", "healthy", "stuck", "stuck", "stuck"]


async def test_a_connect_that_hangs_gives_its_slot_back() -> None:
    slots = ConnectSlots(1, lambda _: None, SystemClock(), held=0.01)
    stuck = await slots.take("stuck")
    async with asyncio.timeout(5):
        (await slots.take("healthy"))()
    stuck()
    assert slots._free == 1
