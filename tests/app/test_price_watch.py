"""Prices are exported, refreshed every minute, and named once where they are unknown."""

from dataclasses import replace
from pathlib import Path

from exporter.app.price_watch import REFRESH_EVERY
from exporter.core.plan import Budget
from tests.app.accounts import World, planned
from tests.metrics.read import told
from tests.simulated_day import paid_check


async def test_an_unknown_price_is_said_once() -> None:
    check = paid_check()
    check = replace(check, target=replace(check.target, price=None))
    world = World(planned(check, budget=Budget()))
    world.publish(planned(check))
    assert told(world.metrics, "ai_api_price_known") == 0
    assert [call.kwargs["model"] for call in world.logged.calls] == [check.target.model]
    await world.close()


async def test_prices_are_looked_at_again(tmp_path: Path) -> None:
    path = tmp_path / "prices.yml"
    path.write_text("prices: {'*': {input: 1}}")
    check = paid_check()
    check = replace(check, target=replace(check.target, price=None))
    world = World(planned(check, prices_file=path))
    path.write_text("prices: {'*': {input: 20}}")
    world.pass_seconds(REFRESH_EVERY)
    assert world.prices._refreshing is not None
    await world.prices._refreshing
    assert told(world.metrics, "ai_api_price_usd_per_million_tokens", token_type="input") == 20
    path.write_text("prices: nonsense")
    world.pass_seconds(REFRESH_EVERY)
    await world.prices._refreshing
    assert told(world.metrics, "ai_api_price_usd_per_million_tokens", token_type="input") == 20
    assert "cannot be used" in world.logged.calls[-1].kwargs["event"]
    await world.close()


async def test_the_end_waits_until_nobody_looks_at_prices() -> None:
    world = World(planned(paid_check()))
    world.pass_seconds(REFRESH_EVERY)
    await world.close()
    assert world.prices._refreshing is not None
    assert world.prices._refreshing.done()


async def test_what_a_plan_will_cost_is_looked_up_by_its_own_prices(tmp_path: Path) -> None:
    path = tmp_path / "prices.yml"
    path.write_text("prices: {'*': {input: 7}}")
    check = paid_check()
    check = replace(check, target=replace(check.target, price=None))
    world = World(planned(check))
    found = await world.prices.look_up(planned(check, prices_file=path), [check])
    assert [each and each.input for each in found.values()] == [7]
    await world.close()
