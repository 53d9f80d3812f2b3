"""What is remembered of a check: in brief, in slots that come round, and never more than it may."""

import pytest

from exporter.core.health_state import Grade
from exporter.core.outcome import Fault, Flag, Phase, Reason
from exporter.results.history import (
    DAY,
    HOUR,
    KEPT_FAILURES,
    RECENT_RUNS,
    Column,
    Earlier,
    History,
    Run,
    Slots,
    SlotSums,
)
from tests.metrics.make import PHASES, STARTED, answered, failed

MINUTE = 60


def slots() -> Slots:
    return Slots(MINUTE, 4)


def test_a_run_in_brief() -> None:
    run = Run.of(failed(Reason.DNS), Grade.HARD)
    assert run[:6] == (STARTED, Reason.DNS, Fault.NETWORK, Grade.HARD, 0.25, None)
    assert run.phases == pytest.approx({Phase.RESOLVE: 0.0, Phase.CONNECT: 0.01, Phase.WAIT: 0.24})


def test_all_phases_come_back_in_order() -> None:
    run = Run.of(answered(), Grade.CLEAN)
    assert list(run.phases) == list(Phase)
    assert run.phases == pytest.approx(PHASES)


@pytest.mark.parametrize(
    ("runs", "now", "column"),
    [
        pytest.param([], 0, [0, 0, 0, 0], id="nothing ran"),
        pytest.param([600], 600, [0, 0, 0, 1], id="one run, now"),
        pytest.param([600, 659, 660], 660, [0, 0, 2, 1], id="two in one slot"),
        pytest.param([600, 720], 720, [0, 1, 0, 1], id="a slot left out"),
        pytest.param([600], 700, [0, 0, 1, 0], id="time passed since"),
        pytest.param([600], 10_000, [0, 0, 0, 0], id="too long ago"),
        pytest.param([600, 660, 720, 780, 840], 840, [1, 1, 1, 1], id="the oldest falls out"),
        pytest.param([600, 660, 10_000], 10_000, [0, 0, 0, 1], id="all of it falls out"),
        pytest.param([720, 660], 720, [0, 0, 1, 1], id="out of order"),
        pytest.param([900, 600], 900, [0, 0, 0, 1], id="older than what is kept"),
        pytest.param([900, 660], 900, [0, 0, 0, 1], id="just older than what is kept"),
        pytest.param([660], 600, [0, 0, 0, 1], id="the clock was set back"),
    ],
)
def test_runs_are_counted_in_their_slots(runs: list[float], now: float, column: list[int]) -> None:
    made = slots()
    for at in runs:
        made.add(at, Grade.CLEAN, None, None)
    assert list(made.freeze().read_column(Column.RUNS, now)) == column


def test_grades_and_times_stand_apart() -> None:
    made = slots()
    made.add(600, Grade.CLEAN, 1.0, 0.25)
    made.add(601, Grade.SOFT, 3.0, None)
    made.add(602, Grade.HARD, None, None)
    series = made.freeze()
    last = {column: series.read_column(column, 600)[-1] for column in Column}
    assert last == {
        Column.RUNS: 3,
        Column.SOFT: 1,
        Column.HARD: 1,
        Column.TIMED: 2,
        Column.SECONDS: 4.0,
        Column.SLOWEST: 3.0,
        Column.TOKENS: 1,
        Column.TOKEN_SECONDS: 0.25,
        Column.TOKEN_SLOWEST: 0.25,
    }
    assert series.mean_of(Column.SECONDS, Column.TIMED, 600) == 2.0
    assert slots().freeze().mean_of(Column.SECONDS, Column.TIMED, 600) is None


def test_slots_know_when_they_begin() -> None:
    made = slots()
    made.add(610, Grade.CLEAN, None, None)
    assert made.freeze().list_starts(730) == [540.0, 600.0, 660.0, 720.0]


def test_what_was_frozen_does_not_change() -> None:
    history = History()
    history.add_run(answered(), Grade.CLEAN)
    before = history.freeze()
    history.add_run(failed(), Grade.HARD)
    assert (len(before.recent), before.failures) == (1, ())
    assert sum(before.day.read_column(Column.RUNS, STARTED)) == 1


def test_failures_outlive_the_successes_after_them() -> None:
    history = History()
    failures = [failed(started_at=STARTED + n) for n in range(KEPT_FAILURES + 5)]
    for outcome in failures:
        history.add_run(outcome, Grade.HARD)
    for _ in range(RECENT_RUNS * 2):
        history.add_run(answered(), Grade.CLEAN)
    past = history.freeze()
    assert past.failures == tuple(failures[5:])
    assert len(past.recent) == RECENT_RUNS
    assert {run.reason for run in past.recent} == {Reason.OK}


def test_a_clock_that_was_far_ahead_leaves_nothing_behind() -> None:
    history = History()
    history.add_run(answered(started_at=STARTED + 10 * 365 * 86_400.0), Grade.CLEAN)
    for second in (0, 1):
        history.add_run(answered(started_at=STARTED + second), Grade.CLEAN)
    past = history.freeze()
    for series in (past.hour, past.day):
        assert series.read_column(Column.RUNS, STARTED)[-1] == 2
        assert series.list_starts(STARTED)[-1] <= STARTED


@pytest.mark.parametrize(
    ("back", "kept"),
    [pytest.param(3, True, id="within what is kept"), pytest.param(4, False, id="by all that is kept")],
)
def test_a_clock_that_is_set_back(back: int, kept: bool) -> None:
    made = slots()
    made.add(900, Grade.CLEAN, None, None)
    made.drop_after(900 - back * MINUTE)
    assert (sum(made.freeze().read_column(Column.RUNS, 900)) == 1) is kept


def test_the_times_of_failures_are_no_part_of_a_mean() -> None:
    history = History()
    history.add_run(answered(), Grade.CLEAN)
    history.add_run(failed(), Grade.HARD)
    history.add_run(answered(flags=frozenset({Flag.SLOW})), Grade.SOFT)
    past = history.freeze()
    for series in (past.hour, past.day):
        assert series.mean_of(Column.SECONDS, Column.TIMED, STARTED) == 0.75
        assert list(series.read_column(Column.RUNS, STARTED))[-1] == 3


def test_a_run_that_says_nothing_of_the_vendor_is_only_listed() -> None:
    history = History()
    history.add_run(failed(Reason.INTERNAL), Grade.VOID)
    past = history.freeze()
    assert len(past.recent) == len(past.failures) == 1
    assert sum(past.day.read_column(Column.RUNS, STARTED)) == 0


def test_an_hour_and_a_day_are_kept() -> None:
    past = History().freeze()
    assert (past.hour.width * past.hour.count, past.day.width * past.day.count) == (3600, 86_400)
    assert (HOUR, DAY) == ((60, 60), (900, 96))


def sums(number: int, **figures: float) -> SlotSums:
    names = ("runs", "soft", "hard", "timed", "seconds", "slowest", "tokens", "token_seconds", "token_slowest")
    return SlotSums(number, **{name: figures.get(name, 0.0) for name in names})


def test_sums_of_before_are_added_to_those_of_now() -> None:
    made = slots()
    made.add(720, Grade.HARD, None, None)
    made.add(720, Grade.CLEAN, 2.0, 1.0)
    made.add_slot(sums(12, runs=3, hard=1, timed=2, seconds=4.0, slowest=3.0, tokens=1, token_seconds=0.5))
    made.add_slot(sums(10, runs=1, soft=1))
    made.add_slot(sums(8, runs=1))
    series = made.freeze()
    assert list(series.read_column(Column.RUNS, 720)) == [0, 1, 0, 5]
    assert list(series.read_column(Column.SOFT, 720)) == [0, 1, 0, 0]
    last = [series.read_column(column, 720)[-1] for column in Column]
    assert last == [5, 0, 2, 3, 6.0, 3.0, 2, 1.5, 1.0]


def test_sums_of_before_come_round_like_runs() -> None:
    made = slots()
    made.add_slot(sums(8, runs=1))
    made.add_slot(sums(12, runs=2))
    assert list(made.freeze().read_column(Column.RUNS, 720)) == [0, 0, 0, 2]


def test_the_hour_and_the_day_of_before_are_added() -> None:
    made = History()
    made.add_run(answered(), Grade.CLEAN)
    hour, day = sums(int(STARTED // 60) - 1, runs=2), sums(int(STARTED // 900) - 1, runs=3)
    made.prepend(Earlier(hour=[hour], day=[day]))
    past = made.freeze()
    assert [list(each.read_column(Column.RUNS, STARTED))[-2:] for each in (past.hour, past.day)] == [[2, 1], [3, 1]]


def test_a_success_of_before_is_no_failure() -> None:
    made = History()
    made.restore_last(answered())
    assert made.freeze().failures == ()


def test_what_was_before_stands_before() -> None:
    made = History()
    made.restore_last(failed(Reason.AUTH, started_at=STARTED - 1))
    made.add_run(failed(Reason.DNS), Grade.HARD)
    before = [
        failed(Reason.SERVER_ERROR, started_at=STARTED - 2),
        failed(Reason.AUTH, started_at=STARTED - 1, detail=""),
    ]
    made.prepend(Earlier(recent=[Run.of(each, Grade.HARD) for each in before], failures=before))
    past = made.freeze()
    assert [run.started_at - STARTED for run in past.recent] == [-2, -1, 0]
    assert [each.reason for each in past.failures] == [Reason.SERVER_ERROR, Reason.AUTH, Reason.DNS]
    assert past.failures[1].detail, "the last run is known in full"


@pytest.mark.parametrize(
    ("day", "spent"),
    [pytest.param(0, 12, id="the same day"), pytest.param(-1, 5, id="the day before")],
)
def test_what_was_spent_before_is_added_on_the_same_day(day: int, spent: int) -> None:
    today = int(STARTED // 86_400)
    made = History()
    made.add_run(answered(cost_nano_usd=5), Grade.CLEAN)
    made.prepend(Earlier(spent=(today + day, 7)))
    assert made.spent == (today, spent)


def test_much_of_before_is_cut_to_what_is_kept() -> None:
    made = History()
    runs = [failed(started_at=STARTED + n) for n in range(2 * RECENT_RUNS)]
    made.prepend(Earlier(recent=[Run.of(each, Grade.HARD) for each in runs], failures=runs))
    past = made.freeze()
    assert (len(past.recent), len(past.failures)) == (RECENT_RUNS, KEPT_FAILURES)
    assert past.recent[-1].started_at == past.failures[-1].started_at == runs[-1].started_at
