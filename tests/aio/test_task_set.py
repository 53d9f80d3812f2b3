"""Tasks beside the probes are owned until they end; one that fails is told and harms no other."""

import asyncio

import structlog
from structlog.testing import CapturingLogger

from exporter.aio.task_set import TaskSet

LEVELS = structlog.make_filtering_bound_logger(0)


class World:
    """Tasks, and what is told of them."""

    def __init__(self) -> None:
        self.logged = CapturingLogger()
        self.failures = 0
        self.told = asyncio.Event()
        self.tasks = TaskSet(structlog.wrap_logger(self.logged, processors=[], wrapper_class=LEVELS), self.failed)

    def failed(self) -> None:
        self.failures += 1
        self.told.set()


async def test_one_that_fails_is_told_and_the_others_go_on() -> None:
    world, go, ended = World(), asyncio.Event(), asyncio.Event()

    async def broken() -> None:
        raise RuntimeError("a bug")

    async def sound() -> None:
        await go.wait()
        ended.set()

    world.tasks.start(broken(), "the broken one")
    world.tasks.start(sound(), "the sound one")
    async with asyncio.timeout(5):
        await world.told.wait()
        go.set()
        await ended.wait()

    assert world.failures == 1
    assert [call.kwargs["part"] for call in world.logged.calls] == ["the broken one"]


async def test_the_end_waits_until_all_are_gone() -> None:
    world, begun, gone = World(), asyncio.Event(), asyncio.Event()

    async def endless() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            gone.set()

    world.tasks.start(endless(), "endless")
    async with asyncio.timeout(5):
        await begun.wait()
        await world.tasks.cancel_all()

    assert gone.is_set()
    assert world.failures == 0
