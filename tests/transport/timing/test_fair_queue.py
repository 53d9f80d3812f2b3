"""A few at a time, in order, and the loop looks at its sockets between."""

import asyncio
from functools import partial

from exporter.aio.instrumented_loop import run_instrumented
from exporter.transport.timing.fair_queue import FairQueue


async def test_no_more_than_a_few_go_on_in_one_round() -> None:
    loop = asyncio.get_running_loop()
    turns, rounds = FairQueue(loop, at_a_time=2), list[list[int]]()
    went: list[int] = []
    for number in range(5):
        turns.schedule(lambda number=number: went.append(number))  # type: ignore[misc]  # a lambda's default has no type
    while sum(map(len, rounds)) < 5:
        rounds.append(went.copy())
        went.clear()
        await asyncio.sleep(0)
    assert rounds == [[0, 1], [2, 3], [4]]


async def test_rounds_are_counted_anew() -> None:
    turns, went = FairQueue(asyncio.get_running_loop(), at_a_time=1), list[str]()
    turns.schedule(lambda: went.append("first"))
    await asyncio.sleep(0)
    turns.schedule(lambda: went.append("second"))
    assert went == ["first", "second"]


async def test_the_order_is_that_of_asking() -> None:
    turns, went = FairQueue(asyncio.get_running_loop(), at_a_time=1), list[str]()

    def first() -> None:
        went.append("first")
        turns.schedule(lambda: went.append("again"))

    turns.schedule(first)
    turns.schedule(lambda: went.append("second"))
    while len(went) < 3:  # noqa: ASYNC110 (rounds of the loop are what is waited for)
        await asyncio.sleep(0)
    assert went == ["first", "again", "second"]


async def test_nobody_overtakes_those_who_wait() -> None:
    loop = asyncio.get_running_loop()
    turns, went = FairQueue(loop, at_a_time=1), list[str]()
    turns.schedule(lambda: went.append("first"))
    loop.call_soon(turns.schedule, lambda: went.append("third"))
    turns.schedule(lambda: went.append("second"))
    while len(went) < 3:  # noqa: ASYNC110 (rounds of the loop are what is waited for)
        await asyncio.sleep(0)
    assert went == ["first", "second", "third"]


async def test_a_turn_that_was_waited_for_counts_in_its_round() -> None:
    turns, went = FairQueue(asyncio.get_running_loop(), at_a_time=1), list[str]()
    turns.schedule(lambda: went.append("first"))
    turns.schedule(lambda: turns.schedule(lambda: went.append("third")))
    await asyncio.sleep(0)
    assert went == ["first"]
    while len(went) < 2:  # noqa: ASYNC110 (rounds of the loop are what is waited for)
        await asyncio.sleep(0)


async def test_an_error_of_one_does_not_take_the_turn_of_the_others() -> None:
    loop = asyncio.get_running_loop()
    told: list[object] = []
    loop.set_exception_handler(lambda _, context: told.append(context["exception"]))
    turns, went, error = FairQueue(loop, at_a_time=1), asyncio.Event(), ZeroDivisionError()

    def fail() -> None:
        raise error

    turns.schedule(lambda: None)
    turns.schedule(fail)
    turns.schedule(went.set)
    await went.wait()
    assert told == [error]


async def test_whoever_waits_for_a_turn_goes_on_in_one_of_the_next_rounds() -> None:
    turns, went = FairQueue(asyncio.get_running_loop(), at_a_time=1), list[int]()

    async def go(number: int) -> None:
        await turns.wait()
        went.append(number)

    await asyncio.gather(*map(go, range(3)))
    assert went == [0, 1, 2]


async def test_who_gave_up_waiting_holds_up_nobody() -> None:
    turns = FairQueue(asyncio.get_running_loop(), at_a_time=1)
    first, gone, last = (asyncio.create_task(turns.wait()) for _ in range(3))
    await first
    gone.cancel()
    await last
    assert gone.cancelled()


def test_a_loop_that_counts_its_rounds_is_asked_for_them() -> None:
    rounds = list[list[int]]()

    async def work() -> int:
        turns, went = FairQueue(asyncio.get_running_loop(), at_a_time=2), list[int]()
        for number in range(5):
            turns.schedule(partial(went.append, number))
        while sum(map(len, rounds)) < 5:
            rounds.append(went.copy())
            went.clear()
            await asyncio.sleep(0)
        turns.schedule(partial(went.append, 5))
        rounds.append(went)
        return 0

    assert run_instrumented(work) == 0
    assert [each for each in rounds if each] == [[0, 1], [2, 3], [4], [5]]
