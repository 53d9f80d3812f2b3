"""What an earlier process knew is handed out once."""

from pathlib import Path

from exporter.core.health_state import State
from exporter.core.plan import Budget, Discovery
from exporter.core.target import Target
from tests.app.accounts import World, planned
from tests.metrics.make import answered, listing, provider
from tests.simulated_day import COST, MIDNIGHT, paid_check


async def test_what_was_known_is_resumed_once(tmp_path: Path) -> None:
    check = paid_check()
    first = World(planned(check), tmp_path)
    await first.run(check)
    await first.close()
    again = World(planned(check), tmp_path, now=MIDNIGHT + 60)
    assert again.budget("spent_usd", scope="all") == COST / 1e9
    known = again.resumption.take_states([check])[check.id]
    assert (known.health.state, known.expired) == (State.UP, False)
    assert known.last is not None
    assert known.last.started_at == MIDNIGHT
    assert again.resumption.take_states([check]) == {}
    assert len((await again.accounting.store.read_history())[check.id].recent) == 1
    assert again.resumption.take_start_times([check], planned(check)) == {check.id: MIDNIGHT}
    assert again.resumption.take_start_times([check], planned(check)) == {}
    await again.close()


async def test_health_is_as_old_as_the_stretched_interval_lets_it_be(tmp_path: Path) -> None:
    check = paid_check()
    plan = planned(check, budget=Budget(daily_usd=0.01))
    first = World(plan, tmp_path)
    await first.run(check)
    await first.close()
    again = World(plan, tmp_path, now=MIDNIGHT + 10 * check.interval)
    assert again.resumption.take_states([check])[check.id].health.state is State.UP
    await again.close()


async def test_health_that_is_too_old_is_unknown(tmp_path: Path) -> None:
    check = paid_check()
    first = World(planned(check), tmp_path)
    await first.run(check)
    await first.close()
    again = World(planned(check), tmp_path, now=MIDNIGHT + 3600)
    known = again.resumption.take_states([check])[check.id]
    assert (known.health.state, known.expired) == (State.UNKNOWN, True)
    assert known.succeeded == MIDNIGHT + answered().timing.duration
    await again.close()


async def test_lists_that_are_searched_are_asked_for_at_once(tmp_path: Path) -> None:
    """What they held is not kept: until one comes, nothing would be known of the models found in it."""
    at = paid_check().target.provider
    searched, plain = listing(at), listing(provider("another"))
    first = World(planned(searched, plain), tmp_path)
    for check in (searched, plain):
        await first.run(check)
    await first.close()
    found = Discovery(provider=at, include=("*",), exclude=(), every=60.0, limit=5, target=_none, checks=lambda _: ())
    again = World(planned(searched, plain, discoveries=(found,)), tmp_path, now=MIDNIGHT + 1)
    assert set(
        again.resumption.take_start_times([searched, plain], planned(searched, plain, discoveries=(found,)))
    ) == {plain.id}
    await again.close()


def _none(model: str) -> Target:
    raise LookupError(model)
