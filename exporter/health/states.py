"""Health of a check: its states, and the one table that moves them.

A run gets a grade, the grades of the last runs give a signal, and the table says which state follows. Nothing else
moves health. This file knows no clock, no sink and no vendor.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from exporter.core.health_state import Grade, Health, Signal, State
from exporter.core.outcome import UNJUDGED, Flag, Outcome, Reason
from exporter.core.target import Check, HealthPolicy

TRANSITIONS: Mapping[State, Mapping[Signal, State]] = MappingProxyType(
    {
        State.UNKNOWN: {
            Signal.CLEARED: State.UP,
            Signal.FAILING: State.DOWN,
            Signal.DEGRADING: State.DEGRADED,
            Signal.UNDECIDED: State.UNKNOWN,
            Signal.VOID: State.UNKNOWN,
            Signal.STALE: State.UNKNOWN,
        },
        State.UP: {
            Signal.CLEARED: State.UP,
            Signal.FAILING: State.DOWN,
            Signal.DEGRADING: State.DEGRADED,
            Signal.UNDECIDED: State.UP,
            Signal.VOID: State.UP,
            Signal.STALE: State.UNKNOWN,
        },
        State.DEGRADED: {
            Signal.CLEARED: State.UP,
            Signal.FAILING: State.DOWN,
            Signal.DEGRADING: State.DEGRADED,
            Signal.UNDECIDED: State.DEGRADED,
            Signal.VOID: State.DEGRADED,
            Signal.STALE: State.UNKNOWN,
        },
        State.DOWN: {
            Signal.CLEARED: State.UP,
            Signal.FAILING: State.DOWN,
            Signal.DEGRADING: State.DEGRADED,
            Signal.UNDECIDED: State.DOWN,
            Signal.VOID: State.DOWN,
            Signal.STALE: State.UNKNOWN,
        },
    }
)

FALLS_SHORT = frozenset({Reason.RATE_LIMITED, Reason.ASSERTION_FAILED})
"""Errors of a vendor that is there and answers."""

SETTLED = frozenset(
    {
        Reason.AUTH,
        Reason.PERMISSION,
        Reason.QUOTA_EXHAUSTED,
        Reason.RATE_LIMITED,
        Reason.MODEL_NOT_FOUND,
        Reason.BAD_REQUEST,
    }
)
"""Errors that a second call cannot change, so none is made to confirm them."""


def grade_run(check: Check, outcome: Outcome) -> Grade:
    """Grade one run of a check by itself.

    A wrong answer to a question of known answer is a matter of quality, unless the check is required.
    """
    if outcome.reason in UNJUDGED:
        return Grade.VOID
    if outcome.canary_correct is False and check.required:
        return Grade.HARD
    if outcome.reason in FALLS_SHORT:
        return Grade.SOFT
    if not outcome.ok:
        return Grade.HARD
    return Grade.SOFT if Flag.SLOW in outcome.flags or outcome.canary_correct is False else Grade.CLEAN


def combine_grades(recent: tuple[Grade, ...], policy: HealthPolicy) -> Signal:
    """Combine the grades of the last runs. A clean streak outweighs failures that are still in the window."""
    streak, window = recent[-policy.successes :], recent[-policy.window :]
    if len(streak) == policy.successes and set(streak) == {Grade.CLEAN}:
        return Signal.CLEARED
    if window.count(Grade.HARD) >= policy.failures:
        return Signal.FAILING
    if window.count(Grade.HARD) + window.count(Grade.SOFT) >= policy.failures:
        return Signal.DEGRADING
    return Signal.UNDECIDED


def advance_health(health: Health, seen: Grade, policy: HealthPolicy, now: float) -> Health:
    """Return the health after one more run that ended at `now` (Unix seconds)."""
    if seen is Grade.VOID:
        return _move_to(replace(health, last_run_at=now), Signal.VOID, now)
    recent = (*health.recent, seen)[-max(policy.window, policy.successes) :]
    return _move_to(replace(health, recent=recent, last_run_at=now), combine_grades(recent, policy), now)


def expire_health(health: Health, now: float) -> Health:
    """Return the health of a check that has not run for too long: unknown since `now` (Unix seconds)."""
    return _move_to(replace(health, recent=(), last_run_at=None), Signal.STALE, now)


def _move_to(health: Health, what: Signal, now: float) -> Health:
    state = TRANSITIONS[health.state][what]
    return health if state is health.state else replace(health, state=state, since=now)


def confirmation_delay(check: Check, before: Health, after: Health, outcome: Outcome) -> float | None:
    """Return the seconds after which to confirm a first failure by another run; None if no confirmation is due.

    A first failure is one that follows a run that did not fail and that did not by itself decide on `down`.
    """
    if grade_run(check, outcome) is not Grade.HARD or outcome.reason in SETTLED:
        return None
    if after.state is State.DOWN or before.recent[-1:] == (Grade.HARD,):
        return None
    return max(min(check.health.confirm_interval, check.interval), outcome.retry_after or 0.0)


def roll_up_health(required: Iterable[State]) -> bool | None:
    """Roll up the health of a model from its required checks: False if any is down, None while not all are known."""
    states = frozenset(required)
    if State.DOWN in states:
        return False
    return None if not states or State.UNKNOWN in states else True
