"""Taking over another plan: what did not change is not touched, what did is told everywhere, one after the other."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.aio.cooperative import LONGEST
from exporter.app.daemon import Daemon
from exporter.app.parts import Parts
from exporter.app.plan_applier import PlanApplier
from exporter.config.load import load_plan
from exporter.config.settings import Listen, Settings
from exporter.core.plan import Plan
from exporter.dialects import DIALECTS
from exporter.probes import PROBES
from tests.aio.test_cooperative import Ticking

MODELS = ("gpt-4o", "gpt-4o-mini", "of-our-own")


class World:
    """The parts of a daemon that serves nothing and asks nobody."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "exporter.yml"
        self.daemon = Daemon(self.read, Settings(listen=Listen("127.0.0.1", 0), log_level="error"))

    def read(self, models: tuple[str, ...] = MODELS, **but: Any) -> Plan:
        """The configuration as it would be read now, made anew each time."""
        openai = {"base_url": "http://127.0.0.1:9/v1", "api_key": "a-secret-key", "probes": ["chat", "models"]}
        document = {
            "providers": {"openai": openai},
            "models": [{"model": model, "provider": "openai"} for model in models],
            "interval": "1h",
            "status_pages": False,
            "budget": {"daily_usd": 1.0},
            **but,
        }
        self._path.write_text(yaml.safe_dump(document))
        return load_plan(self._path, {}, PROBES, DIALECTS)

    @property
    def applier(self) -> PlanApplier:
        return self.daemon._applier

    @property
    def parts(self) -> Parts:
        return self.applier._parts

    async def take(self, plan: Plan) -> None:
        await self.applier.apply(lambda: plan)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path)
    await made.take(made.read())
    yield made
    await made.parts.scheduler.stop()
    await made.daemon._process.transport.close()
    await made.parts.accounting.close()


def rhythms(world: World) -> dict[str, object]:
    return dict(world.parts.scheduler._rhythms)


async def test_reading_the_same_again_touches_nothing(world: World) -> None:
    before, known, writes = world.applier.plan, rhythms(world), world.parts.metrics.writes
    await world.take(world.read())

    now = world.applier.plan
    assert now is not before
    assert len(now.checks) == len(MODELS) + 1
    assert all(after is check for after, check in zip(now.checks, before.checks, strict=True))
    assert all(after is target for after, target in zip(now.targets, before.targets, strict=True))
    assert all(rhythms(world)[check_id] is rhythm for check_id, rhythm in known.items())
    assert world.parts.metrics.writes == writes


async def test_one_more_model_is_all_that_is_told(world: World) -> None:
    before, known = {check.id: check for check in world.applier.plan.checks}, rhythms(world)
    pages = {name: dict(page._plain) for name, page in world.parts.metrics._pages.items()}
    await world.take(world.read((*MODELS, "gpt-4.1")))

    now = {check.id: check for check in world.applier.plan.checks}
    assert now.keys() - before.keys() == {"openai/gpt-4.1/chat"}
    assert all(now[check_id] is check for check_id, check in before.items())
    assert all(rhythms(world)[check_id] is rhythm for check_id, rhythm in known.items())
    written = {
        owner
        for name, page in world.parts.metrics._pages.items()
        for owner, text in page._plain.items()
        if pages[name].get(owner) is not text
    }
    assert written == {"openai/gpt-4.1/chat", "openai/gpt-4.1"}


async def test_what_is_gone_is_gone_everywhere(world: World) -> None:
    await world.take(world.read(MODELS[1:]))

    gone = "openai/gpt-4o/chat"
    assert gone not in rhythms(world)
    assert all(gone not in page._plain for page in world.parts.metrics._pages.values())
    assert gone not in world.parts.accounting.admission._accounts
    assert {entry.check.id for entry in world.parts.status_cache.snapshot()} == {
        check.id for check in world.applier.plan.checks
    }


async def test_what_else_a_plan_says_is_taken_over(world: World) -> None:
    await world.take(world.read(MODELS[1:], max_in_flight=3, network_check=["ntp.example:123"]))

    assert world.parts.runner._overall._value == 3
    assert world.parts.network._addresses == (("ntp.example", 123),)
    assert world.parts.delisting._models == {"openai": frozenset(MODELS[1:])}
    assert world.parts.on_demand.find(f"openai/{MODELS[1]}").target.model == MODELS[1]


async def test_another_interval_is_another_rhythm(world: World) -> None:
    known = rhythms(world)
    await world.take(world.read(interval="2h"))

    assert rhythms(world).keys() == known.keys()
    assert not any(rhythms(world)[check_id] is rhythm for check_id, rhythm in known.items())


async def test_two_at_once_are_taken_one_after_the_other(world: World) -> None:
    running: list[int] = []

    def configured(plan: Plan) -> Plan:
        running.append(len(rhythms(world)))
        return plan

    plans = [world.read(MODELS[:1]), world.read()]
    await asyncio.gather(*(world.applier.apply(partial(configured, plan)) for plan in plans))

    assert running == [len(MODELS) + 1, 2], "the first is whole when the second is asked for"
    assert len(rhythms(world)) == len(MODELS) + 1


async def test_the_loop_turns_while_much_is_taken_over(world: World) -> None:
    """Somebody else sees it half done: how many checks are declared, and how many have their schedule."""
    world.applier._process = replace(world.applier._process, clock=Ticking(LONGEST))
    declared, scheduled = set[int](), set[int]()

    async def other() -> None:
        while True:
            declared.add(len(world.parts.status_cache.snapshot()))
            scheduled.add(len(rhythms(world)))
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await world.take(world.read(tuple(f"model-{number}" for number in range(100))))
    task.cancel()

    assert len(rhythms(world)) == 101
    assert len(declared) > 90
    assert len(scheduled) > 3
