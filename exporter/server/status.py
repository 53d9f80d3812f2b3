"""The board as JSON: what machines that do not speak Prometheus ask for."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from exporter.core.health_state import State
from exporter.core.outcome import Outcome
from exporter.results.status_cache import Entry


def count_states(entries: Iterable[Entry]) -> dict[State, int]:
    """How many checks are in each state; every state is there. What a vendor does not offer is in none."""
    found = Counter(entry.health.state for entry in entries if entry.health.offered)
    return {state: found[state] for state in State}


def find_overall_state(entries: Sequence[Entry]) -> State:
    """One word for all.

    Down if a required check is; degraded if any check is degraded or down; unknown while a required check is unknown,
    or nothing is checked; else up.
    """
    judged = [entry for entry in entries if entry.health.offered]
    states = {entry.health.state for entry in judged}
    required = {entry.health.state for entry in judged if entry.check.required}
    if State.DOWN in required:
        return State.DOWN
    if states & {State.DOWN, State.DEGRADED}:
        return State.DEGRADED
    return State.UNKNOWN if State.UNKNOWN in required or not judged else State.UP


def make_health_report(entries: Sequence[Entry]) -> dict[str, Any]:
    """Make the answer of `/health`: `status`, `counts` by state, `checks`. Times are UTC, lengths seconds."""
    return {
        "status": find_overall_state(entries),
        "counts": {state.value: count for state, count in count_states(entries).items()},
        "checks": [_describe_check(entry) for entry in entries],
    }


def format_time(unix: float) -> str:
    """Format a point in time as RFC 3339 in UTC, to the millisecond."""
    return datetime.fromtimestamp(unix, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _describe_check(entry: Entry) -> dict[str, Any]:
    check, health = entry.check, entry.health
    return {
        "id": check.id,
        "provider": check.target.provider.name,
        "model": check.target.model,
        "probe": check.probe,
        "required": check.required,
        "state": health.state,
        "offered": health.offered,
        "since": format_time(health.since) if health.since else None,
        "last_run": None if entry.last is None else _describe_run(entry.last),
        "last_skip": entry.last_skip,
        "running": entry.running,
    }


def _describe_run(outcome: Outcome) -> dict[str, Any]:
    return {
        "started_at": format_time(outcome.started_at),
        "reason": outcome.reason,
        "fault": outcome.blamed,
        "detail": outcome.detail,
        "http_status": outcome.http_status,
        "duration_seconds": outcome.timing.duration,
        "time_to_first_token_seconds": outcome.timing.first_token,
        "served_model": outcome.served_model,
        "flags": sorted(outcome.flags),
    }
