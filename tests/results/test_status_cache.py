"""The board remembers what the pages show, and no more than it may."""

import pytest

from exporter.core.health_state import Grade, Health, State
from exporter.core.outcome import Reason
from exporter.core.sink import RestoredState, Skip
from exporter.core.target import Check
from exporter.results.history import Earlier, Run
from exporter.results.status_cache import Entry, StatusCache
from tests.metrics.make import STARTED, answered, check, failed, seen


def board(*checks: Check) -> StatusCache:
    made = StatusCache()
    for each in checks or (check(),):
        made.add_check(each)
    return made


def only(of: StatusCache) -> Entry:
    (entry,) = of.snapshot()
    return entry


def test_a_check_that_has_not_run_is_unknown() -> None:
    assert only(board()) == Entry(check=check(), health=Health())
    assert only(board()).health.state is State.UNKNOWN


def test_checks_stand_in_the_order_of_their_declaration() -> None:
    made = board(check("b"), check("a"))
    made.add_check(check("b", required=False))
    assert [(entry.check.target.model, entry.check.required) for entry in made.snapshot()] == [
        ("b", False),
        ("a", True),
    ]


def test_a_run_is_under_way_from_its_start_to_its_end() -> None:
    made = board()
    made.record_start(check())
    assert only(made).running == 1
    made.record_run(seen(check(), answered(), State.UP))
    assert only(made).running == 0
    made.record_run(seen(check(), answered(), State.UP))
    assert only(made).running == 0


def test_the_last_run_and_health_are_shown() -> None:
    made = board()
    outcome = failed(Reason.AUTH)
    made.record_run(seen(check(), outcome, State.DOWN, model_health=False))
    entry = only(made)
    assert entry.last is outcome
    assert (entry.health.state, entry.model_health) == (State.DOWN, False)


def test_a_skip_is_shown_until_a_run_starts() -> None:
    made = board()
    made.record_skip(check(), Skip.BUDGET)
    assert only(made).last_skip is Skip.BUDGET
    made.record_start(check())
    assert only(made).last_skip is None


def test_what_is_too_old_keeps_its_last_run() -> None:
    made = board()
    made.record_run(seen(check(), answered()))
    made.expire_check(check(), Health(state=State.UNKNOWN), model_health=None)
    entry = only(made)
    assert (entry.health.state, entry.model_health, entry.last) == (State.UNKNOWN, None, answered())


def test_a_check_is_looked_up_with_its_past() -> None:
    made = board(check("a"), check("b"))
    made.record_run(seen(check("a"), answered()))
    made.record_run(seen(check("a"), failed(Reason.DNS, started_at=STARTED + 60), State.DOWN))
    found = made.find(check("a").id)
    assert found is not None
    entry, past = found
    assert (entry.check, entry.health.state) == (check("a"), State.DOWN)
    assert [(run.reason, run.grade) for run in past.recent] == [(Reason.OK, Grade.CLEAN), (Reason.DNS, Grade.HARD)]
    assert [outcome.reason for outcome in past.failures] == [Reason.DNS]
    assert [(entry.check.id, len(past.recent)) for entry, past in made.overview()] == [
        (check("a").id, 2),
        (check("b").id, 0),
    ]


def test_costs_are_those_of_the_day() -> None:
    made = board(check("a"), check("b"), check("c"))
    made.record_run(seen(check("a"), answered(cost_nano_usd=1_000_000)))
    made.record_run(seen(check("a"), failed(cost_nano_usd=500_000)))
    made.record_run(seen(check("b"), answered(cost_nano_usd=None)))
    made.record_run(seen(check("c"), answered(cost_nano_usd=7, started_at=STARTED - 86_400)))
    assert made.costs(STARTED) == {check("a").id: pytest.approx(0.0015)}
    made.record_run(seen(check("a"), answered(cost_nano_usd=2_000, started_at=STARTED + 86_400)))
    assert made.costs(STARTED + 86_400) == {check("a").id: pytest.approx(0.000002)}


def test_what_an_earlier_process_knew_is_shown() -> None:
    made, known = board(), RestoredState(health=Health(state=State.DOWN), last=failed(Reason.AUTH))
    made.restore_check(check(), known, model_health=False)
    entry, past = made.find(check().id) or pytest.fail("it is declared")
    assert (entry.health, entry.last, entry.model_health, entry.running) == (known.health, known.last, False, 0)
    assert past.failures == (known.last,)
    assert past.recent == (), "it is no run of this process"
    made.restore_check(check("another"), known, model_health=False)
    assert len(made.snapshot()) == 1


@pytest.mark.parametrize("declared", [True, False], ids=["declared before", "declared later"])
def test_what_an_earlier_process_did_is_shown(declared: bool) -> None:
    made = board(check("a"))
    earlier = Earlier(recent=(Run.of(answered(), Grade.CLEAN),), spent=(int(STARTED // 86_400), 2_000_000_000))
    if declared:
        made.add_check(check())
    made.add_earlier(check().id, earlier)
    for _ in range(2):  # once more, as a reload does
        made.add_check(check())
    made.record_run(seen(check(), failed(cost_nano_usd=500_000_000, started_at=STARTED + 1)))
    _, past = made.find(check().id) or pytest.fail("it is declared")
    assert [run.reason for run in past.recent] == [Reason.OK, Reason.SERVER_ERROR]
    assert made.costs(STARTED) == {check().id: 2.5}


def test_a_snapshot_does_not_change() -> None:
    made = board()
    before = made.snapshot()
    made.record_run(seen(check(), answered()))
    assert before[0].last is None


@pytest.mark.parametrize("known", [False, True], ids=["never declared", "forgotten"])
def test_nothing_is_kept_of_a_check_that_is_not_configured(known: bool) -> None:
    made = StatusCache()
    if known:
        made.add_check(check())
        made.record_run(seen(check(), failed()))
        made.remove_check(check())
    made.record_start(check())
    made.restore_check(check(), RestoredState(health=Health()), model_health=None)
    made.record_run(seen(check(), failed()))
    made.record_skip(check(), Skip.OVERLAP)
    made.expire_check(check(), Health(), model_health=True)
    made.remove_check(check())
    assert made.snapshot() == ()
    assert made.overview() == ()
    assert made.find(check().id) is None
