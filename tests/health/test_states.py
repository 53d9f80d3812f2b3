"""Health: grades of runs, the transition table row by row, and the rules around it."""

from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.core.health_state import Grade, Health, Signal, State
from exporter.core.outcome import UNJUDGED, Flag, Outcome, Reason, Timing
from exporter.core.target import HealthPolicy
from exporter.health.states import (
    SETTLED,
    TRANSITIONS,
    advance_health,
    combine_grades,
    confirmation_delay,
    expire_health,
    grade_run,
    roll_up_health,
)
from tests.probes.samples import a_check

C, S, H, V = Grade.CLEAN, Grade.SOFT, Grade.HARD, Grade.VOID
TWO_OF_THREE = HealthPolicy(failures=2, window=3, successes=1)
TWO_CLEAN = HealthPolicy(failures=2, window=3, successes=2)
GRADES = st.lists(st.sampled_from(Grade), max_size=20)
POLICIES = st.builds(
    lambda failures, extra, successes: HealthPolicy(failures=failures, window=failures + extra, successes=successes),
    st.integers(1, 4),
    st.integers(0, 3),
    st.integers(1, 5),
)


def outcome(
    reason: Reason = Reason.OK,
    *flags: Flag,
    canary_correct: bool | None = None,
    retry_after: float | None = None,
) -> Outcome:
    return Outcome(
        reason=reason,
        started_at=1000.0,
        timing=Timing(duration=1.0),
        flags=frozenset(flags),
        canary_correct=canary_correct,
        retry_after=retry_after,
    )


def after(grades: Sequence[Grade], policy: HealthPolicy = TWO_OF_THREE, start: State = State.UNKNOWN) -> Health:
    health = Health(state=start)
    for step, each in enumerate(grades):
        health = advance_health(health, each, policy, now=float(step))
    return health


class TestGrade:
    @pytest.mark.parametrize(
        ("run", "expected"),
        [
            pytest.param(outcome(), C, id="a clean run"),
            pytest.param(outcome(Reason.OK, Flag.STARVED), C, id="starved is alive"),
            pytest.param(outcome(Reason.OK, Flag.BUFFERED, Flag.CACHED, Flag.MISMATCHED), C, id="other flags"),
            pytest.param(outcome(Reason.OK, Flag.SLOW), S, id="slow"),
            pytest.param(outcome(canary_correct=True), C, id="a right canary"),
            pytest.param(outcome(canary_correct=False), S, id="a wrong canary"),
            pytest.param(outcome(Reason.RATE_LIMITED), S, id="rate limited"),
            pytest.param(outcome(Reason.ASSERTION_FAILED, canary_correct=False), S, id="assertion failed"),
            pytest.param(outcome(Reason.INTERNAL), V, id="our own bug"),
            pytest.param(outcome(Reason.PAUSED), V, id="our own pause"),
            pytest.param(outcome(Reason.AUTH, Flag.SLOW), H, id="a failure is hard, slow or not"),
        ],
    )
    def test_of_a_run(self, run: Outcome, expected: Grade) -> None:
        assert grade_run(a_check(required=False), run) is expected

    @pytest.mark.parametrize(
        ("run", "expected"),
        [
            pytest.param(outcome(canary_correct=True), C, id="right"),
            pytest.param(outcome(Reason.ASSERTION_FAILED, canary_correct=False), H, id="wrong"),
            pytest.param(outcome(Reason.ASSERTION_FAILED, canary_correct=True), S, id="right, but not as asserted"),
            pytest.param(outcome(Reason.ASSERTION_FAILED), S, id="another probe's answer, not as asserted"),
            pytest.param(outcome(Reason.RATE_LIMITED), S, id="no answer at all"),
        ],
    )
    def test_of_a_required_canary(self, run: Outcome, expected: Grade) -> None:
        assert grade_run(a_check("canary", required=True), run) is expected

    def test_a_required_canary_that_is_wrong_is_confirmed(self) -> None:
        check = a_check("canary", required=True)
        run = outcome(Reason.ASSERTION_FAILED, canary_correct=False)
        first = after([C], check.health)

        assert confirmation_delay(check, first, advance_health(first, H, check.health, 99.0), run) == 10.0

    @pytest.mark.parametrize(
        "reason", set(Reason) - {Reason.OK, Reason.RATE_LIMITED, Reason.ASSERTION_FAILED, *UNJUDGED}
    )
    def test_every_other_error_is_hard(self, reason: Reason) -> None:
        assert grade_run(a_check(), outcome(reason)) is H


class TestSignal:
    @pytest.mark.parametrize(
        ("recent", "policy", "expected"),
        [
            pytest.param((), TWO_OF_THREE, Signal.UNDECIDED, id="no run yet"),
            pytest.param((C,), TWO_OF_THREE, Signal.CLEARED, id="one clean run is enough"),
            pytest.param((C,), TWO_CLEAN, Signal.UNDECIDED, id="one clean run of two"),
            pytest.param((H, C, C), TWO_CLEAN, Signal.CLEARED, id="two clean runs in a row"),
            pytest.param((C, H, C), TWO_CLEAN, Signal.UNDECIDED, id="two clean runs, not in a row"),
            pytest.param((H, H, C), TWO_OF_THREE, Signal.CLEARED, id="a clean streak outweighs the window"),
            pytest.param((H, H, C), TWO_CLEAN, Signal.FAILING, id="a streak not yet reached does not"),
            pytest.param((H,), TWO_OF_THREE, Signal.UNDECIDED, id="a first failure"),
            pytest.param((H, H), TWO_OF_THREE, Signal.FAILING, id="two failures"),
            pytest.param((H, C, H), TWO_OF_THREE, Signal.FAILING, id="two failures of three runs"),
            pytest.param((H, C, C, H), TWO_OF_THREE, Signal.UNDECIDED, id="the window forgets"),
            pytest.param((S,), TWO_OF_THREE, Signal.UNDECIDED, id="once short"),
            pytest.param((S, S), TWO_OF_THREE, Signal.DEGRADING, id="twice short"),
            pytest.param((S, C, S), TWO_OF_THREE, Signal.DEGRADING, id="short in two of three runs"),
            pytest.param((H, S), TWO_OF_THREE, Signal.DEGRADING, id="one failed, one short"),
            pytest.param((S, H, H), TWO_OF_THREE, Signal.FAILING, id="failing outweighs degrading"),
        ],
    )
    def test_of_recent_grades(self, recent: tuple[Grade, ...], policy: HealthPolicy, expected: Signal) -> None:
        assert combine_grades(recent, policy) is expected


class Row(NamedTuple):
    """From one state, these grades more, to another. The grades before are those that lead to the state."""

    start: State
    before: tuple[Grade, ...]
    seen: Grade | None
    end: State


ROWS = {
    (State.UNKNOWN, Signal.CLEARED): Row(State.UNKNOWN, (), C, State.UP),
    (State.UNKNOWN, Signal.FAILING): Row(State.UNKNOWN, (H,), H, State.DOWN),
    (State.UNKNOWN, Signal.DEGRADING): Row(State.UNKNOWN, (S,), S, State.DEGRADED),
    (State.UNKNOWN, Signal.UNDECIDED): Row(State.UNKNOWN, (), H, State.UNKNOWN),
    (State.UNKNOWN, Signal.VOID): Row(State.UNKNOWN, (), V, State.UNKNOWN),
    (State.UNKNOWN, Signal.STALE): Row(State.UNKNOWN, (H,), None, State.UNKNOWN),
    (State.UP, Signal.CLEARED): Row(State.UP, (C,), C, State.UP),
    (State.UP, Signal.FAILING): Row(State.UP, (C, H), H, State.DOWN),
    (State.UP, Signal.DEGRADING): Row(State.UP, (C, S), S, State.DEGRADED),
    (State.UP, Signal.UNDECIDED): Row(State.UP, (C,), H, State.UP),
    (State.UP, Signal.VOID): Row(State.UP, (C, H), V, State.UP),
    (State.UP, Signal.STALE): Row(State.UP, (C,), None, State.UNKNOWN),
    (State.DEGRADED, Signal.CLEARED): Row(State.DEGRADED, (S, S), C, State.UP),
    (State.DEGRADED, Signal.FAILING): Row(State.DEGRADED, (S, H), H, State.DOWN),
    (State.DEGRADED, Signal.DEGRADING): Row(State.DEGRADED, (S, S), H, State.DEGRADED),
    (State.DEGRADED, Signal.UNDECIDED): Row(State.DEGRADED, (), S, State.DEGRADED),
    (State.DEGRADED, Signal.VOID): Row(State.DEGRADED, (S, S), V, State.DEGRADED),
    (State.DEGRADED, Signal.STALE): Row(State.DEGRADED, (S, S), None, State.UNKNOWN),
    (State.DOWN, Signal.CLEARED): Row(State.DOWN, (H, H), C, State.UP),
    (State.DOWN, Signal.FAILING): Row(State.DOWN, (H, H), S, State.DOWN),
    (State.DOWN, Signal.DEGRADING): Row(State.DOWN, (H, S), S, State.DEGRADED),
    (State.DOWN, Signal.UNDECIDED): Row(State.DOWN, (), H, State.DOWN),
    (State.DOWN, Signal.VOID): Row(State.DOWN, (H, H), V, State.DOWN),
    (State.DOWN, Signal.STALE): Row(State.DOWN, (H, H), None, State.UNKNOWN),
}


class TestTransitions:
    def test_the_table_is_total(self) -> None:
        assert {(state, what) for state in State for what in Signal} == {
            (state, what) for state, row in TRANSITIONS.items() for what in row
        }

    def test_every_transition_has_a_row_here(self) -> None:
        assert set(ROWS) == {(state, what) for state in State for what in Signal}

    @pytest.mark.parametrize("key", ROWS, ids=lambda key: f"{key[0]} when {key[1]}")
    def test_row(self, key: tuple[State, Signal]) -> None:
        row = ROWS[key]
        health = Health(state=row.start, since=1.0, recent=row.before, last_run_at=2.0)
        seen = expire_health(health, 9.0) if row.seen is None else advance_health(health, row.seen, TWO_OF_THREE, 9.0)

        assert seen.state is row.end
        assert seen.since == (1.0 if row.end is row.start else 9.0)


class TestAdvance:
    @pytest.mark.parametrize(
        ("grades", "policy", "expected"),
        [
            pytest.param((H,), TWO_OF_THREE, State.UNKNOWN, id="one failure decides nothing"),
            pytest.param((C, H, C, H), TWO_OF_THREE, State.DOWN, id="every second run fails"),
            pytest.param((C, H, C, C, H), TWO_OF_THREE, State.UP, id="every third run fails"),
            pytest.param((H, H, C, H), TWO_OF_THREE, State.DOWN, id="a relapse inside the window counts at once"),
            pytest.param((H, H, C, C), TWO_CLEAN, State.UP, id="recovery takes as many clean runs as asked"),
            pytest.param((H, H, C), TWO_CLEAN, State.DOWN, id="and no fewer"),
            pytest.param((H, H, S, S), TWO_OF_THREE, State.DEGRADED, id="it answers again, badly"),
            pytest.param((C, V, V, V, V), TWO_OF_THREE, State.UP, id="our own bugs say nothing"),
            pytest.param((H, V, H), TWO_OF_THREE, State.DOWN, id="nor do they push failures out of the window"),
            pytest.param((H,), HealthPolicy(failures=1, window=1), State.DOWN, id="one failure, if one is enough"),
            pytest.param((C,) * 5, HealthPolicy(successes=5), State.UP, id="a streak longer than the window"),
        ],
    )
    def test_over_several_runs(self, grades: tuple[Grade, ...], policy: HealthPolicy, expected: State) -> None:
        assert after(grades, policy).state is expected

    def test_a_void_run_was_a_run(self) -> None:
        assert advance_health(Health(), V, TWO_OF_THREE, 7.0) == Health(last_run_at=7.0)

    @given(GRADES, POLICIES, st.sampled_from(State))
    def test_keeps_no_more_than_the_policy_looks_at(
        self, grades: list[Grade], policy: HealthPolicy, start: State
    ) -> None:
        recent = after(grades, policy, start).recent

        told = tuple(each for each in grades if each is not V)
        assert recent == told[-max(policy.window, policy.successes) :]

    @given(GRADES, POLICIES, st.sampled_from(State))
    def test_void_runs_never_matter(self, grades: list[Grade], policy: HealthPolicy, start: State) -> None:
        told = [each for each in grades if each is not V]

        assert after(grades, policy, start).state is after(told, policy, start).state

    @given(GRADES, POLICIES, st.sampled_from(State))
    def test_enough_clean_runs_bring_any_state_up(
        self, grades: list[Grade], policy: HealthPolicy, start: State
    ) -> None:
        assert after([*grades, *[C] * policy.successes], policy, start).state is State.UP

    @given(GRADES, POLICIES, st.sampled_from(State))
    def test_enough_failures_bring_any_state_down(
        self, grades: list[Grade], policy: HealthPolicy, start: State
    ) -> None:
        assert after([*grades, *[H] * policy.failures], policy, start).state is State.DOWN

    @given(GRADES, POLICIES)
    def test_without_failures_nothing_is_down(self, grades: list[Grade], policy: HealthPolicy) -> None:
        mild = [each for each in grades if each is not H]

        assert after(mild, policy).state is not State.DOWN

    @given(GRADES, POLICIES)
    def test_since_is_when_the_state_last_changed(self, grades: list[Grade], policy: HealthPolicy) -> None:
        states = [after(grades[:count], policy).state for count in range(len(grades) + 1)]
        changes = [at for at in range(len(grades)) if states[at] is not states[at + 1]]

        assert after(grades, policy).since == float(changes[-1] if changes else 0)


class TestExpire:
    @given(GRADES, POLICIES, st.sampled_from(State))
    def test_nothing_is_left_of_what_was_known(self, grades: list[Grade], policy: HealthPolicy, start: State) -> None:
        gone = expire_health(after(grades, policy, start), 99.0)

        assert gone.state is State.UNKNOWN
        assert gone.recent == ()
        assert gone.last_run_at is None


class TestConfirmAfter:
    def delay(  # one row of the table below
        self, before: Sequence[Grade], reason: Reason, *, interval: float = 60.0, retry_after: float | None = None
    ) -> float | None:
        check = a_check(interval=interval)
        run = outcome(reason, retry_after=retry_after)
        first = after(before, check.health)
        return confirmation_delay(check, first, advance_health(first, grade_run(check, run), check.health, 99.0), run)

    @pytest.mark.parametrize(
        ("before", "reason", "interval", "retry_after", "expected"),
        [
            pytest.param([C], Reason.OVERLOADED, 60.0, None, 10.0, id="a first failure"),
            pytest.param([], Reason.DNS, 60.0, None, 10.0, id="a failure in the very first run"),
            pytest.param([S], Reason.TIMEOUT_TOTAL, 60.0, None, 10.0, id="a failure after a poor run"),
            pytest.param([C], Reason.OVERLOADED, 5.0, None, 5.0, id="never later than an interval"),
            pytest.param([C], Reason.OVERLOADED, 60.0, 30.0, 30.0, id="never before Retry-After"),
            pytest.param([C], Reason.OVERLOADED, 60.0, 3.0, 10.0, id="a short Retry-After does not hurry it"),
            pytest.param([C], Reason.OK, 60.0, None, None, id="nothing to confirm"),
            pytest.param([C], Reason.ASSERTION_FAILED, 60.0, None, None, id="a wrong answer is not a failure"),
            pytest.param([C], Reason.INTERNAL, 60.0, None, None, id="nor is our own bug"),
            pytest.param([H, C, C, C, H], Reason.OVERLOADED, 60.0, None, None, id="this run was the confirmation"),
            pytest.param([H, C], Reason.OVERLOADED, 60.0, None, None, id="down is already decided"),
            pytest.param([H, H], Reason.OVERLOADED, 60.0, None, None, id="down is long known"),
        ],
    )
    def test_table(
        self,
        before: list[Grade],
        reason: Reason,
        interval: float,
        retry_after: float | None,
        expected: float | None,
    ) -> None:
        assert self.delay(before, reason, interval=interval, retry_after=retry_after) == expected

    @pytest.mark.parametrize("reason", sorted(SETTLED))
    def test_not_for_what_a_second_call_cannot_change(self, reason: Reason) -> None:
        assert self.delay([C], reason) is None

    def test_the_settled_errors_are_those_of_the_design(self) -> None:
        assert {reason.value for reason in SETTLED} == {
            "auth", "permission", "quota_exhausted", "rate_limited", "model_not_found", "bad_request",
        }  # fmt: skip

    def test_once_only_even_if_three_failures_are_needed(self) -> None:
        check = a_check(health=HealthPolicy(failures=3, window=4))
        run = outcome(Reason.OVERLOADED)
        first = advance_health(Health(), H, check.health, 1.0)
        second = advance_health(first, H, check.health, 2.0)

        assert confirmation_delay(check, Health(), first, run) == 10.0
        assert confirmation_delay(check, first, second, run) is None


class TestRollUp:
    @pytest.mark.parametrize(
        ("states", "expected"),
        [
            pytest.param([], None, id="nothing required"),
            pytest.param([State.UP], True, id="up"),
            pytest.param([State.UP, State.DEGRADED], True, id="degraded still works"),
            pytest.param([State.UNKNOWN, State.UP], None, id="one not known yet"),
            pytest.param([State.UP, State.DOWN], False, id="one down"),
            pytest.param([State.UNKNOWN, State.DOWN], False, id="down outweighs unknown"),
        ],
    )
    def test_of_required_checks(self, states: list[State], expected: bool | None) -> None:
        assert roll_up_health(states) is expected
