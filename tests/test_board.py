"""The board remembers what the pages show, and no more than it may."""

import pytest

from exporter.board import KEPT_FAILURES, RECENT_RUNS, Board, Entry, Run
from exporter.health import Health, State
from exporter.outcome import Fault, Reason
from exporter.sink import Skip
from exporter.target import Check
from tests.metrics.make import STARTED, answered, check, failed, seen


def board(*checks: Check) -> Board:
    made = Board()
    for each in checks or (check(),):
        made.declare(each)
    return made


def only(of: Board) -> Entry:
    (entry,) = of.snapshot()
    return entry


def test_a_check_that_has_not_run_is_unknown() -> None:
    assert only(board()) == Entry(check=check(), health=Health())
    assert only(board()).health.state is State.UNKNOWN


def test_checks_stand_in_the_order_of_their_declaration() -> None:
    made = board(check("b"), check("a"))
    made.declare(check("b", required=False))
    assert [(entry.check.target.model, entry.check.required) for entry in made.snapshot()] == [
        ("b", False),
        ("a", True),
    ]


def test_a_run_is_under_way_from_its_start_to_its_end() -> None:
    made = board()
    made.started(check())
    assert only(made).running == 1
    made.observed(seen(check(), answered(), State.UP))
    assert only(made).running == 0
    made.observed(seen(check(), answered(), State.UP))
    assert only(made).running == 0


def test_the_last_run_and_health_are_shown() -> None:
    made = board()
    outcome = failed(Reason.AUTH)
    made.observed(seen(check(), outcome, State.DOWN, model_health=False))
    entry = only(made)
    assert entry.last is outcome
    assert (entry.health.state, entry.model_health) == (State.DOWN, False)


def test_a_skip_is_shown_until_a_run_starts() -> None:
    made = board()
    made.skipped(check(), Skip.BUDGET)
    assert only(made).last_skip is Skip.BUDGET
    made.started(check())
    assert only(made).last_skip is None


def test_what_is_too_old_keeps_its_last_run() -> None:
    made = board()
    made.observed(seen(check(), answered()))
    made.expired(check(), Health(state=State.UNKNOWN), model_health=None)
    entry = only(made)
    assert (entry.health.state, entry.model_health, entry.last) == (State.UNKNOWN, None, answered())


def test_runs_are_kept_in_brief() -> None:
    made = board()
    made.observed(seen(check(), answered()))
    made.observed(seen(check(), failed(Reason.DNS, started_at=STARTED + 60)))
    assert made.recent(check().id) == (
        Run(STARTED, Reason.OK, None, 0.75, 0.3),
        Run(STARTED + 60, Reason.DNS, Fault.NETWORK, 0.25, None),
    )


def test_failures_outlive_the_successes_after_them() -> None:
    made = board()
    failures = [failed(started_at=STARTED + n) for n in range(KEPT_FAILURES + 5)]
    for outcome in failures:
        made.observed(seen(check(), outcome, State.DOWN))
    for _ in range(RECENT_RUNS * 2):
        made.observed(seen(check(), answered()))
    assert made.failures(check().id) == tuple(failures[5:])
    assert len(made.recent(check().id)) == RECENT_RUNS
    assert {run.reason for run in made.recent(check().id)} == {Reason.OK}


def test_a_snapshot_does_not_change() -> None:
    made = board()
    before = made.snapshot()
    made.observed(seen(check(), answered()))
    assert before[0].last is None


@pytest.mark.parametrize("known", [False, True], ids=["never declared", "forgotten"])
def test_nothing_is_kept_of_a_check_that_is_not_configured(known: bool) -> None:
    made = Board()
    if known:
        made.declare(check())
        made.observed(seen(check(), failed()))
        made.forget(check())
    made.started(check())
    made.observed(seen(check(), failed()))
    made.skipped(check(), Skip.OVERLAP)
    made.expired(check(), Health(), model_health=True)
    made.forget(check())
    assert made.snapshot() == ()
    assert made.recent(check().id) == ()
    assert made.failures(check().id) == ()
