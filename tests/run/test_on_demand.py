"""Runs on demand: who is found by a query, who shares a run, what ends one."""

import asyncio
import gc
from dataclasses import dataclass, field, replace

import pytest

from exporter.core.errors import UsageError
from exporter.core.target import Check, Deadlines
from exporter.run.admission import NotAdmittedError
from exporter.run.on_demand import OnDemandRuns, StillRunningError, limit_deadlines, query_target
from exporter.run.runner import OnDemandRun
from tests.metrics.make import answered, check, listing

RUN = OnDemandRun(outcome=answered(), exchanges=())


@dataclass
class Held:
    """Runs that end when they are told to."""

    open: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    checks: list[Check] = field(default_factory=list)
    cancelled: int = 0

    async def __call__(self, check: Check) -> OnDemandRun:
        self.checks.append(check)
        self.begun.release()
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return RUN


def of(*checks: Check, run: Held | None = None) -> OnDemandRuns:
    made = OnDemandRuns(run or Held())
    made.set_checks(checks)
    return made


class TestFind:
    @pytest.mark.parametrize(
        ("target", "probe", "found"),
        [
            pytest.param("openai/gpt-4o", "chat", "openai/gpt-4o/chat", id="target and probe"),
            pytest.param("openai/gpt-4o", "canary", "openai/gpt-4o/canary", id="another probe of it"),
            pytest.param("openai/gpt-4o", None, "openai/gpt-4o/chat", id="chat unless told otherwise"),
            pytest.param("openai/meta/llama-3", "chat", "openai/meta/llama-3/chat", id="a model with a slash"),
            pytest.param("openai/o3", None, "openai/o3/canary", id="the only one there is"),
            pytest.param("openai", "models", "openai//models", id="the provider as a whole"),
            pytest.param("openai/", "models", "openai//models", id="the provider with its slash"),
        ],
    )
    def test_a_check(self, target: str, probe: str | None, found: str) -> None:
        checks = (check(), check(probe="canary"), check("meta/llama-3"), check("o3", "canary"), listing())
        assert of(*checks).find(target, probe).id == found

    @pytest.mark.parametrize(
        ("target", "probe", "sentence"),
        [
            pytest.param("openai/gpt-5", "chat", "there is no such target", id="unknown model"),
            pytest.param("", "chat", "there is no such target", id="nothing"),
            pytest.param("openai/gpt-4o", "tools", "it has: canary, embed", id="unknown probe"),
            pytest.param("openai/gpt-4o", None, "it has: canary, embed", id="several, none of them chat"),
        ],
    )
    def test_nobody(self, target: str, probe: str | None, sentence: str) -> None:
        with pytest.raises(UsageError, match=sentence):
            of(check(probe="canary"), check(probe="embed")).find(target, probe)

    def test_a_check_that_went_is_not_found(self) -> None:
        on_demand = of(check(), check("o3"))
        on_demand.set_checks([check("o3")])
        with pytest.raises(UsageError):
            on_demand.find("openai/gpt-4o")
        assert on_demand.find("openai/o3").id == "openai/o3/chat"

    @pytest.mark.parametrize("each", [check(), check("meta/llama-3"), listing()], ids=lambda each: each.id)
    def test_what_discovery_tells_is_found(self, each: Check) -> None:
        assert of(each).find(query_target(each), each.probe) is each


class TestRun:
    async def test_who_asks_meanwhile_gets_the_same_run(self) -> None:
        held = Held()
        on_demand = of(check(), run=held)
        asking = [asyncio.create_task(on_demand.run(check(), 60)) for _ in range(3)]
        await held.begun.acquire()
        held.open.set()
        assert all(run is RUN for run in await asyncio.gather(*asking))
        assert len(held.checks) == 1

    async def test_who_asks_later_gets_a_run_of_their_own(self) -> None:
        held = Held()
        held.open.set()
        on_demand = of(check(), run=held)
        await on_demand.run(check(), 60)
        await on_demand.run(check(), 60)
        assert len(held.checks) == 2

    async def test_checks_do_not_wait_for_one_another(self) -> None:
        held = Held()
        on_demand = of(check(), check("o3"), run=held)
        asking = [asyncio.create_task(on_demand.run(each, 60)) for each in (check(), check("o3"))]
        await held.begun.acquire()
        await held.begun.acquire()
        held.open.set()
        await asyncio.gather(*asking)

    async def test_the_run_gets_the_time_of_the_one_who_asks(self) -> None:
        held = Held()
        held.open.set()
        await of(check(), run=held).run(check(), 7)
        assert held.checks[0].deadlines.total == 7

    async def test_who_cannot_wait_is_told_and_the_run_goes_on(self) -> None:
        held = Held()
        on_demand = of(check(), run=held)
        patient = asyncio.create_task(on_demand.run(check(), 60))
        await held.begun.acquire()
        with pytest.raises(StillRunningError, match="did not end within 0 s"):
            await on_demand.run(check(), 0)
        held.open.set()
        assert await patient is RUN
        assert held.cancelled == 0

    async def test_a_run_that_used_up_its_time_gets_to_say_so(self) -> None:
        async def used_up(_: Check) -> OnDemandRun:
            for _turn in range(3):
                await asyncio.sleep(0)
            return RUN

        assert await OnDemandRuns(used_up).run(check(), 0) is RUN

    async def test_what_fails_when_nobody_waits_any_longer_is_no_error_of_the_loop(self) -> None:
        told: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        given_up, over = asyncio.Event(), asyncio.Event()

        async def refuse(_: Check) -> OnDemandRun:
            await given_up.wait()
            asyncio.get_running_loop().call_later(0.0, over.set)
            raise NotAdmittedError("no money")

        on_demand = OnDemandRuns(refuse)
        with pytest.raises(StillRunningError):
            await on_demand.run(check(), 0)
        given_up.set()
        await over.wait()
        await asyncio.sleep(0)
        gc.collect()
        assert told == []

    async def test_who_hangs_up_does_not_end_the_run_of_others(self) -> None:
        held = Held()
        on_demand = of(check(), run=held)
        impatient, patient = (asyncio.create_task(on_demand.run(check(), 60)) for _ in range(2))
        await held.begun.acquire()
        impatient.cancel()
        held.open.set()
        assert await patient is RUN

    async def test_what_is_not_admitted_is_not_run(self) -> None:
        async def refuse(each: Check) -> OnDemandRun:
            raise NotAdmittedError(f"no money for {each.probe}")

        with pytest.raises(NotAdmittedError, match="no money for chat"):
            await OnDemandRuns(refuse).run(check(), 60)

    async def test_stop_ends_what_is_under_way(self) -> None:
        held = Held()
        on_demand = of(check(), run=held)
        asking = asyncio.create_task(on_demand.run(check(), 60))
        await held.begun.acquire()
        await on_demand.stop()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert held.cancelled == 1


@pytest.mark.parametrize(
    ("seconds", "limits"),
    [
        pytest.param(60.0, (5, 20, 30), id="more than enough"),
        pytest.param(10.0, (5, 10, 10), id="less than the first token may take"),
        pytest.param(2.0, (2, 2, 2), id="less than all"),
    ],
)
def test_no_deadline_is_later_than_the_caller_waits(seconds: float, limits: tuple[float, float, float]) -> None:
    connect, first_token, total = limits
    wanted = Deadlines(connect=connect, first_token=first_token, total=total)
    assert limit_deadlines(check(), seconds) == replace(check(), deadlines=wanted)
