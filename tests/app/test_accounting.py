"""Budgets, ledger and store together: limits, shares, what a restart knows, reports."""

from dataclasses import replace
from pathlib import Path

import pytest

from exporter.app.pacing_watch import PUBLISH_EVERY
from exporter.app.price_watch import REFRESH_EVERY
from exporter.core.plan import Budget
from exporter.run.admission import Permit
from tests.app.accounts import World, planned
from tests.simulated_day import COST, DAY, MIDNIGHT, paid_check


async def test_budgets_are_told() -> None:
    check = paid_check()
    world = World(planned(check, provider_budgets={"shop": Budget(monthly_usd=5.0)}))
    await world.run(check)
    world.pass_seconds(PUBLISH_EVERY)
    assert world.budget(scope="all", period="day") == 1.0
    assert world.budget("spent_usd", scope="all", period="day") == COST / 1e9
    assert world.budget("spent_usd", scope="shop", period="month") == COST / 1e9
    await world.close()


async def test_without_memory_only_the_rest_of_the_day_may_be_spent_and_that_is_said() -> None:
    world = World(planned(paid_check()), now=MIDNIGHT + 18 * 3600)
    assert world.budget(scope="all", period="day") == 0.25
    (said,) = world.logged.calls
    assert "--state-dir" in said.kwargs["event"]
    assert (said.kwargs["period"], said.kwargs["usd"]) == ("day", 0.25)
    world.configure(planned(paid_check()), [paid_check()])
    assert len(world.logged.calls) == 1, "a reload does not say it again"
    world.configure(planned(paid_check(), budget=Budget(daily_usd=2.0)), [paid_check()])
    assert world.logged.calls[-1].kwargs["usd"] == 0.5
    world.clock.now += DAY
    world.configure(planned(paid_check(), budget=Budget(daily_usd=3.0)), [paid_check()])
    assert len(world.logged.calls) == 2, "another day has all of it"
    await world.close()


async def test_with_memory_all_of_it_may(tmp_path: Path) -> None:
    world = World(planned(paid_check()), tmp_path, now=MIDNIGHT + 18 * 3600)
    assert world.budget(scope="all", period="day") == 1.0
    await world.close()


async def test_a_ledger_that_was_lost_is_missed_until_the_month_is_over(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"nonsense" * 1000)
    for hour, allowed in ((18, 0.25), (20, 0.25), (30 * 24, 1.0)):
        world = World(planned(paid_check()), tmp_path, now=MIDNIGHT + hour * 3600)
        assert world.budget(scope="all", period="day") == allowed
        assert any("is not known" in call.kwargs.get("event", "") for call in world.logged.calls) == (allowed < 1)
        await world.close()


async def test_a_replica_has_its_share_of_a_budget() -> None:
    ours, others = paid_check(1), paid_check(2, interval=20.0)
    world = World(planned(ours))
    world.configure(planned(ours), [ours, others])
    world.pass_seconds(PUBLISH_EVERY)
    assert world.budget(scope="all", period="day") == pytest.approx(0.25)
    await world.close()


async def test_another_zone_and_another_budget_are_taken_at_a_reload() -> None:
    """23:30 UTC is half past eight in Tokyo, of a day that began at 15:00 UTC: what was spent since then counts."""
    check = paid_check()
    world = World(planned(check), now=MIDNIGHT - 60)
    for at in (3600, 23.5 * 3600):
        world.clock.now = MIDNIGHT + at
        await world.run(check)
    world.pass_seconds(PUBLISH_EVERY)
    assert world.budget("spent_usd", scope="all", period="day") == 2 * COST / 1e9
    world.configure(planned(check, budget=Budget(daily_usd=2.0), timezone="Asia/Tokyo"), [check])
    world.publish(planned(check))
    assert world.budget(scope="all", period="day") == 2.0
    assert world.budget("spent_usd", scope="all", period="day") == COST / 1e9
    world.clock.now = MIDNIGHT + 39 * 3600 - PUBLISH_EVERY
    world.pass_seconds(PUBLISH_EVERY)
    assert world.budget("spent_usd", scope="all", period="day") == 0, "the day ends at its zone's midnight"
    await world.close()


async def test_another_assumed_price_is_taken_at_a_reload() -> None:
    check = replace(paid_check(), target=replace(paid_check().target, price=None))
    world = World(planned(check))
    first = await world.accounting.admission.admit(check)
    world.configure(planned(check, assumed_price=30.0), [check])
    second = await world.accounting.admission.admit(check)
    assert isinstance(first, Permit)
    assert isinstance(second, Permit)
    assert second.reserved == 2 * first.reserved
    await world.close()


async def test_what_is_over_is_let_go_once_a_minute(tmp_path: Path) -> None:
    check = paid_check()
    world = World(planned(check, retention=3600.0), tmp_path)
    await world.run(check)
    world.clock.now += 40 * DAY
    world.pass_seconds(REFRESH_EVERY - 1)
    await world.wait_for_cleanup()
    assert world.accounting._ledger._quarters
    assert (await world.accounting.report(50 * DAY))["summary"]["requests"] == 1
    world.pass_seconds(1)
    await world.wait_for_cleanup()
    assert not world.accounting._ledger._quarters
    assert (await world.accounting.report(50 * DAY))["summary"]["requests"] == 0
    await world.close()


async def test_the_report_is_of_the_window(tmp_path: Path) -> None:
    check = paid_check()
    world = World(planned(check), tmp_path)
    await world.run(check)
    world.clock.now += 100
    await world.run(check)
    assert (await world.accounting.report(200.0))["summary"]["requests"] == 1
    world.clock.now += 1
    assert (await world.accounting.report(50.0))["summary"]["requests"] == 1
    assert (await world.accounting.report(200.0))["summary"]["cost_usd"] == pytest.approx(2 * COST / 1e9)
    await world.close()
