"""Money and memory put together: what the metrics are told, shares, what is resumed, what is said once."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import CapturingLogger

from exporter.app.accounting import LOOK_EVERY, PRICES_EVERY, Accounting
from exporter.core.health_state import State
from exporter.core.plan import Buckets, Budget, Discovery, Maintenance, Plan
from exporter.core.target import Check, Target
from exporter.metrics import ExporterMetrics, Metrics
from exporter.probes import PROBES
from exporter.run.admission import Permit
from tests.metrics.make import StoppedClock, answered, listing, provider, seen
from tests.metrics.read import told
from tests.simulated_day import COST, DAY, MIDNIGHT, paid_check

LEVELS = structlog.make_filtering_bound_logger(0)


class World:
    """A treasury and all that hears of it."""

    def __init__(self, plan: Plan, folder: Path | None = None, now: float = MIDNIGHT) -> None:
        self.clock = StoppedClock(now=now)
        self.metrics = Metrics(Buckets(), (), self.clock)
        self.own = ExporterMetrics()
        self.logged = CapturingLogger()
        log = structlog.wrap_logger(self.logged, processors=[], wrapper_class=LEVELS)
        self.treasury = Accounting(plan, folder, self.clock, log, probes=PROBES, metrics=self.metrics, own=self.own)
        self.treasury.configure(plan, plan.checks)
        for check in plan.checks:
            self.metrics.add_check(check)
        list(self.treasury.declared())

    def budget(self, what: str = "usd", **labels: str) -> float | None:
        return told(self.own, f"ai_api_budget_{what}", **labels)

    async def ran(self, check: Check) -> None:
        admission = await self.treasury.gate.admit(check)
        assert isinstance(admission, Permit)
        outcome = self.treasury.gate.settle(admission, answered(tokens=None, cost_usd=COST / 1e9))
        self.treasury.store.add_check(check)
        self.treasury.store.record_run(seen(check, replace(outcome, started_at=self.clock.now)))

    def seconds(self, count: int) -> None:
        for _ in range(count):
            self.clock.now += 1
            self.treasury.each_second()

    async def looked(self) -> None:
        """What was begun each second is done."""
        for _ in range(2):
            await self.treasury.store.read(lambda _: None)


def planned(*checks: Check, **but: Any) -> Plan:
    made: dict[str, Any] = {"source": "x", "providers": (), "budget": Budget(daily_usd=1.0), "checks": checks}
    return Plan(**{**made, **but})


async def test_budgets_are_told() -> None:
    check = paid_check()
    world = World(planned(check, provider_budgets={"shop": Budget(monthly_usd=5.0)}))
    await world.ran(check)
    world.seconds(LOOK_EVERY)
    assert world.budget(scope="all", period="day") == 1.0
    assert world.budget("spent_usd", scope="all", period="day") == COST / 1e9
    assert world.budget("spent_usd", scope="shop", period="month") == COST / 1e9
    await world.treasury.close()


async def test_without_memory_only_the_rest_of_the_day_may_be_spent_and_that_is_said() -> None:
    world = World(planned(paid_check()), now=MIDNIGHT + 18 * 3600)
    assert world.budget(scope="all", period="day") == 0.25
    (said,) = world.logged.calls
    assert "--state-dir" in said.kwargs["event"]
    assert (said.kwargs["period"], said.kwargs["usd"]) == ("day", 0.25)
    world.treasury.configure(planned(paid_check()), [paid_check()])
    assert len(world.logged.calls) == 1, "a reload does not say it again"
    world.treasury.configure(planned(paid_check(), budget=Budget(daily_usd=2.0)), [paid_check()])
    assert world.logged.calls[-1].kwargs["usd"] == 0.5
    world.clock.now += DAY
    world.treasury.configure(planned(paid_check(), budget=Budget(daily_usd=3.0)), [paid_check()])
    assert len(world.logged.calls) == 2, "another day has all of it"
    await world.treasury.close()


async def test_with_memory_all_of_it_may(tmp_path: Path) -> None:
    world = World(planned(paid_check()), tmp_path, now=MIDNIGHT + 18 * 3600)
    assert world.budget(scope="all", period="day") == 1.0
    await world.treasury.close()


async def test_a_ledger_that_was_lost_is_missed_until_the_month_is_over(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"nonsense" * 1000)
    for hour, allowed in ((18, 0.25), (20, 0.25), (30 * 24, 1.0)):
        world = World(planned(paid_check()), tmp_path, now=MIDNIGHT + hour * 3600)
        assert world.budget(scope="all", period="day") == allowed
        assert any("is not known" in call.kwargs.get("event", "") for call in world.logged.calls) == (allowed < 1)
        await world.treasury.close()


async def test_a_replica_has_its_share_of_a_budget() -> None:
    ours, others = paid_check(1), paid_check(2, interval=20.0)
    world = World(planned(ours))
    world.treasury.configure(planned(ours), [ours, others])
    world.seconds(LOOK_EVERY)
    assert world.budget(scope="all", period="day") == pytest.approx(0.25)
    await world.treasury.close()


async def test_what_was_known_is_resumed_once(tmp_path: Path) -> None:
    check = paid_check()
    first = World(planned(check), tmp_path)
    await first.ran(check)
    await first.treasury.close()
    again = World(planned(check), tmp_path, now=MIDNIGHT + 60)
    assert again.budget("spent_usd", scope="all") == COST / 1e9
    known = again.treasury.recalled([check])[check.id]
    assert (known.health.state, known.expired) == (State.UP, False)
    assert known.last is not None
    assert known.last.started_at == MIDNIGHT
    assert again.treasury.recalled([check]) == {}
    assert len((await again.treasury.earlier())[check.id].recent) == 1
    assert again.treasury.began([check]) == {check.id: MIDNIGHT}
    assert again.treasury.began([check]) == {}
    await again.treasury.close()


async def test_health_is_as_old_as_the_stretched_interval_lets_it_be(tmp_path: Path) -> None:
    check = paid_check()
    plan = planned(check, budget=Budget(daily_usd=0.01))
    first = World(plan, tmp_path)
    await first.ran(check)
    await first.treasury.close()
    again = World(plan, tmp_path, now=MIDNIGHT + 10 * check.interval)
    assert again.treasury.recalled([check])[check.id].health.state is State.UP
    await again.treasury.close()


async def test_health_that_is_too_old_is_unknown(tmp_path: Path) -> None:
    check = paid_check()
    first = World(planned(check), tmp_path)
    await first.ran(check)
    await first.treasury.close()
    again = World(planned(check), tmp_path, now=MIDNIGHT + 3600)
    known = again.treasury.recalled([check])[check.id]
    assert (known.health.state, known.expired) == (State.UNKNOWN, True)
    assert known.succeeded == MIDNIGHT + answered().timing.duration
    await again.treasury.close()


async def test_lists_that_are_searched_are_asked_for_at_once(tmp_path: Path) -> None:
    """What they held is not kept: until one comes, nothing would be known of the models found in it."""
    at = paid_check().target.provider
    searched, plain = listing(at), listing(provider("another"))
    first = World(planned(searched, plain), tmp_path)
    for check in (searched, plain):
        await first.ran(check)
    await first.treasury.close()
    found = Discovery(provider=at, include=("*",), exclude=(), every=60.0, limit=5, target=_none, checks=lambda _: ())
    again = World(planned(searched, plain, discoveries=(found,)), tmp_path, now=MIDNIGHT + 1)
    assert set(again.treasury.began([searched, plain])) == {plain.id}
    await again.treasury.close()


def _none(model: str) -> Target:
    raise LookupError(model)


async def test_another_zone_and_another_budget_are_taken_at_a_reload() -> None:
    """23:30 UTC is half past eight in Tokyo, of a day that began at 15:00 UTC: what was spent since then counts."""
    check = paid_check()
    world = World(planned(check), now=MIDNIGHT - 60)
    for at in (3600, 23.5 * 3600):
        world.clock.now = MIDNIGHT + at
        await world.ran(check)
    world.seconds(LOOK_EVERY)
    assert world.budget("spent_usd", scope="all", period="day") == 2 * COST / 1e9
    world.treasury.configure(planned(check, budget=Budget(daily_usd=2.0), timezone="Asia/Tokyo"), [check])
    list(world.treasury.declared())
    assert world.budget(scope="all", period="day") == 2.0
    assert world.budget("spent_usd", scope="all", period="day") == COST / 1e9
    world.clock.now = MIDNIGHT + 39 * 3600 - LOOK_EVERY
    world.seconds(LOOK_EVERY)
    assert world.budget("spent_usd", scope="all", period="day") == 0, "the day ends at its zone's midnight"
    await world.treasury.close()


async def test_another_assumed_price_is_taken_at_a_reload() -> None:
    check = replace(paid_check(), target=replace(paid_check().target, price=None))
    world = World(planned(check))
    first = await world.treasury.gate.admit(check)
    world.treasury.configure(planned(check, assumed_price=30.0), [check])
    second = await world.treasury.gate.admit(check)
    assert isinstance(first, Permit)
    assert isinstance(second, Permit)
    assert second.reserved == 2 * first.reserved
    await world.treasury.close()


async def test_an_unknown_price_is_said_once() -> None:
    check = paid_check()
    check = replace(check, target=replace(check.target, price=None))
    world = World(planned(check, budget=Budget()))
    list(world.treasury.declared())
    assert told(world.metrics, "ai_api_price_known") == 0
    assert [call.kwargs["model"] for call in world.logged.calls] == [check.target.model]
    await world.treasury.close()


async def test_windows_and_paces_are_told() -> None:
    check = paid_check()
    window = Maintenance(match="*", schedule="0 0 * * *", duration=7.0)
    world = World(planned(check, budget=Budget(daily_usd=0.01), maintenance=(window,)), now=MIDNIGHT)
    assert told(world.metrics, "ai_api_maintenance") == 1
    world.treasury.gate.next_due(check, world.clock.now)
    world.seconds(2 * LOOK_EVERY)
    assert told(world.metrics, "ai_api_maintenance") == 0
    pace = told(world.metrics, "ai_api_probe_interval_seconds")
    assert pace == world.treasury.gate.effective_interval(check)
    assert pace > 5 * check.interval
    await world.treasury.close()


async def test_a_window_that_a_reload_closes_is_told_though_the_check_stayed() -> None:
    check = paid_check()
    window = Maintenance(match="*", schedule="0 0 * * *", duration=3600.0)
    world = World(planned(check, maintenance=(window,)))
    assert told(world.metrics, "ai_api_maintenance") == 1
    world.treasury.configure(planned(check), [check])
    list(world.treasury.declared())
    assert told(world.metrics, "ai_api_maintenance") == 0
    await world.treasury.close()


async def test_a_pace_that_ends_with_a_reload_is_told_though_the_check_stayed() -> None:
    check = paid_check()
    world = World(planned(check, budget=Budget(daily_usd=0.01)))
    world.treasury.gate.next_due(check, world.clock.now)
    world.seconds(LOOK_EVERY)
    assert told(world.metrics, "ai_api_probe_interval_seconds") != check.interval
    world.treasury.configure(planned(check, budget=Budget()), [check])
    world.treasury.gate.next_due(check, world.clock.now)
    list(world.treasury.declared())
    assert told(world.metrics, "ai_api_probe_interval_seconds") == check.interval
    await world.treasury.close()


async def test_a_check_that_is_declared_anew_is_told_its_window_and_pace_again() -> None:
    check = paid_check()
    window = Maintenance(match="*", schedule="0 0 * * *", duration=3600.0)
    plan = planned(check, budget=Budget(daily_usd=0.01), maintenance=(window,))
    world = World(plan)
    world.treasury.gate.next_due(check, world.clock.now)
    world.seconds(LOOK_EVERY)
    world.metrics.add_check(check)
    assert told(world.metrics, "ai_api_maintenance") == 0
    list(world.treasury.declared())
    assert told(world.metrics, "ai_api_maintenance") == 1
    assert (
        told(world.metrics, "ai_api_probe_interval_seconds")
        == world.treasury.gate.effective_interval(check)
        > check.interval
    )
    await world.treasury.close()


async def test_prices_are_looked_at_again(tmp_path: Path) -> None:
    path = tmp_path / "prices.yml"
    path.write_text("prices: {'*': {input: 1}}")
    check = paid_check()
    check = replace(check, target=replace(check.target, price=None))
    world = World(planned(check, prices_file=path))
    path.write_text("prices: {'*': {input: 20}}")
    world.seconds(PRICES_EVERY)
    assert world.treasury._looking is not None
    await world.treasury._looking
    assert told(world.metrics, "ai_api_price_usd_per_million_tokens", token_type="input") == 20
    path.write_text("prices: nonsense")
    world.seconds(PRICES_EVERY)
    await world.treasury._looking
    assert told(world.metrics, "ai_api_price_usd_per_million_tokens", token_type="input") == 20
    assert "cannot be used" in world.logged.calls[-1].kwargs["event"]
    await world.treasury.close()


async def test_the_end_waits_until_nobody_looks_at_prices() -> None:
    world = World(planned(paid_check()))
    world.seconds(PRICES_EVERY)
    await world.treasury.close()
    assert world.treasury._looking is not None
    assert world.treasury._looking.done()


async def test_what_is_over_is_let_go_once_a_minute(tmp_path: Path) -> None:
    check = paid_check()
    world = World(planned(check, retention=3600.0), tmp_path)
    await world.ran(check)
    world.clock.now += 40 * DAY
    world.seconds(PRICES_EVERY - 1)
    await world.looked()
    assert world.treasury._ledger._quarters
    assert (await world.treasury.report(50 * DAY))["summary"]["requests"] == 1
    world.seconds(1)
    await world.looked()
    assert not world.treasury._ledger._quarters
    assert (await world.treasury.report(50 * DAY))["summary"]["requests"] == 0
    await world.treasury.close()


async def test_what_a_plan_will_cost_is_looked_up_by_its_own_prices(tmp_path: Path) -> None:
    path = tmp_path / "prices.yml"
    path.write_text("prices: {'*': {input: 7}}")
    check = paid_check()
    check = replace(check, target=replace(check.target, price=None))
    world = World(planned(check))
    found = await world.treasury.look_up(planned(check, prices_file=path), [check])
    assert [each and each.input for each in found.values()] == [7]
    await world.treasury.close()


async def test_the_report_is_of_the_window(tmp_path: Path) -> None:
    check = paid_check()
    world = World(planned(check), tmp_path)
    await world.ran(check)
    world.clock.now += 100
    await world.ran(check)
    assert (await world.treasury.report(200.0))["summary"]["requests"] == 1
    world.clock.now += 1
    assert (await world.treasury.report(50.0))["summary"]["requests"] == 1
    assert (await world.treasury.report(200.0))["summary"]["cost_usd"] == pytest.approx(2 * COST / 1e9)
    await world.treasury.close()
