"""Intervals and maintenance windows are exported when they change, and again after a reload."""

from exporter.app.pacing_watch import PUBLISH_EVERY
from exporter.core.plan import Budget, Maintenance
from tests.app.accounts import World, planned
from tests.metrics.read import told
from tests.simulated_day import MIDNIGHT, paid_check


async def test_windows_and_paces_are_told() -> None:
    check = paid_check()
    window = Maintenance(match="*", schedule="0 0 * * *", duration=7.0)
    world = World(planned(check, budget=Budget(daily_usd=0.01), maintenance=(window,)), now=MIDNIGHT)
    assert told(world.metrics, "ai_api_maintenance") == 1
    world.accounting.admission.next_due(check, world.clock.now)
    world.pass_seconds(2 * PUBLISH_EVERY)
    assert told(world.metrics, "ai_api_maintenance") == 0
    pace = told(world.metrics, "ai_api_probe_interval_seconds")
    assert pace == world.accounting.admission.effective_interval(check)
    assert pace > 5 * check.interval
    await world.close()


async def test_a_window_that_a_reload_closes_is_told_though_the_check_stayed() -> None:
    check = paid_check()
    window = Maintenance(match="*", schedule="0 0 * * *", duration=3600.0)
    world = World(planned(check, maintenance=(window,)))
    assert told(world.metrics, "ai_api_maintenance") == 1
    world.configure(planned(check), [check])
    world.publish(planned(check))
    assert told(world.metrics, "ai_api_maintenance") == 0
    await world.close()


async def test_a_pace_that_ends_with_a_reload_is_told_though_the_check_stayed() -> None:
    check = paid_check()
    world = World(planned(check, budget=Budget(daily_usd=0.01)))
    world.accounting.admission.next_due(check, world.clock.now)
    world.pass_seconds(PUBLISH_EVERY)
    assert told(world.metrics, "ai_api_probe_interval_seconds") != check.interval
    world.configure(planned(check, budget=Budget()), [check])
    world.accounting.admission.next_due(check, world.clock.now)
    world.publish(planned(check))
    assert told(world.metrics, "ai_api_probe_interval_seconds") == check.interval
    await world.close()


async def test_a_check_that_is_declared_anew_is_told_its_window_and_pace_again() -> None:
    check = paid_check()
    window = Maintenance(match="*", schedule="0 0 * * *", duration=3600.0)
    plan = planned(check, budget=Budget(daily_usd=0.01), maintenance=(window,))
    world = World(plan)
    world.accounting.admission.next_due(check, world.clock.now)
    world.pass_seconds(PUBLISH_EVERY)
    world.metrics.add_check(check)
    assert told(world.metrics, "ai_api_maintenance") == 0
    world.publish(planned(check))
    assert told(world.metrics, "ai_api_maintenance") == 1
    assert (
        told(world.metrics, "ai_api_probe_interval_seconds")
        == world.accounting.admission.effective_interval(check)
        > check.interval
    )
    await world.close()


async def test_the_beginning_of_a_stretch_is_logged_once_and_shown() -> None:
    check = paid_check()
    world = World(planned(check, budget=Budget(daily_usd=0.01)))
    (entry,) = world.status.snapshot()
    assert entry.interval is None
    for _ in range(5):
        world.accounting.admission.next_due(check, world.clock.now)
        world.pass_seconds(PUBLISH_EVERY)
    said = [call for call in world.logged.calls if "a budget stretches" in call.kwargs["event"]]
    assert [(call.method_name, call.kwargs["checks"], call.kwargs["most"]) for call in said] == [
        ("warning", 1, check.id)
    ]
    (entry,) = world.status.snapshot()
    assert entry.interval == world.accounting.admission.effective_interval(check)
    await world.close()
