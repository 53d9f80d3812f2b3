"""Where the gauges of a check are read from: one reader per family, from its record to its series.

A reader yields nothing where there is nothing true to say; no figure stands in for "not known".
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from math import isfinite

from exporter.core.health_state import State
from exporter.core.outcome import Flag, Limit, Outcome, Phase
from exporter.metrics.check_metrics import Record
from exporter.metrics.text import Samples, clean, pair

Reader = Callable[[Record], Samples]

_STATES = {state: tuple((pair("state", each), int(each is state)) for each in State) for state in State}
_PHASES = {phase: pair("phase", phase) for phase in Phase}
_MOST_LIMITS = 16
"""Rate limits of one check that are exported: what a vendor may name is not for us to bound otherwise."""


def _last(tell: Callable[[Outcome], float | None]) -> Reader:
    """A figure of the last run, absent where it has none."""

    def read(record: Record) -> Samples:
        value = None if record.last is None else tell(record.last)
        return () if value is None else (("", value),)

    return read


def _state(record: Record) -> Samples:
    return () if record.state is None else _STATES[record.state]


def _phases(record: Record) -> Samples:
    if record.last is None:
        return ()
    phases = record.last.timing.phases
    return [(labels, phases[phase]) for phase, labels in _PHASES.items() if phase in phases]


def _flags(record: Record) -> Samples:
    return () if record.last is None else _flagged(record.last.flags)


@cache
def _flagged(raised: frozenset[Flag]) -> Samples:
    return tuple((pair("flag", flag), int(flag in raised)) for flag in Flag)


def _failure(record: Record) -> Samples:
    last = record.last
    if last is None or last.whose is None:
        return ()
    return ((pair("error_type", last.reason) + pair("fault", last.whose), 1),)


def _speed(last: Outcome) -> float | None:
    pace = last.timing.per_output_token
    return 1 / pace if pace and not last.flags & {Flag.STARVED, Flag.BUFFERED} else None


def _match(last: Outcome) -> int | None:
    return int(Flag.MISMATCHED not in last.flags) if last.served_model else None


def _served(record: Record) -> Samples:
    if record.served_model is None:
        return ()
    upstream = pair("upstream", record.upstream) if record.upstream else ""
    return ((pair("served_model", record.served_model) + upstream, 1),)


@lru_cache(maxsize=256)
def _allowance(resource: str, window: str) -> str:
    """The labels of a rate limit. Vendors could name any; they name the same few in every answer."""
    return pair("resource", clean(resource)) + pair("window", clean(window))


def _limits(tell: Callable[[Limit], float | None]) -> Reader:
    """A figure of each rate limit that the last answer told; of two by one name the later counts."""

    def read(record: Record) -> Samples:
        if record.last is None or not record.last.limits:
            return ()
        told: dict[str, float] = {}
        for limit in record.last.limits[:_MOST_LIMITS]:
            value = tell(limit)
            if value is not None and isfinite(value) and value >= 0:
                told[_allowance(limit.resource, limit.window)] = value
        return tuple(told.items())

    return read


def _headroom(limit: Limit) -> float | None:
    return limit.remaining / limit.limit if limit.limit and limit.remaining is not None else None


def _last_run(record: Record) -> Samples:
    return () if record.last_run is None else (("", record.last_run),)


AFTER_A_RUN: Mapping[str, Reader] = {
    "ai_api_active_requests": lambda record: (("", record.active),),
    "ai_api_probe_success": _last(lambda last: last.ok),
    "ai_api_probe_failure_info": _failure,
    "ai_api_probe_duration_seconds": _last(lambda last: last.timing.duration),
    "ai_api_probe_time_to_first_token_seconds": _last(lambda last: last.timing.first_token),
    "ai_api_probe_http_status_code": _last(lambda last: last.http_status),
    "ai_api_probe_state": _state,
    "ai_api_probe_phase_seconds": _phases,
    "ai_api_stream_longest_gap_seconds": _last(lambda last: last.timing.longest_gap),
    "ai_api_probe_flag": _flags,
    "ai_api_output_tokens_per_second": _last(_speed),
    "ai_api_model_load_seconds": _last(lambda last: last.model_load),
    "ai_api_ratelimit_limit": _limits(lambda limit: limit.limit),
    "ai_api_ratelimit_remaining": _limits(lambda limit: limit.remaining),
    "ai_api_ratelimit_remaining_ratio": _limits(_headroom),
    "ai_api_ratelimit_reset_timestamp_seconds": _limits(lambda limit: limit.reset_at),
    "ai_api_served_model_info": _served,
    "ai_api_served_model_match": _last(_match),
    "ai_api_canary_correct": _last(lambda last: last.canary_correct),
    "ai_api_probe_last_run_timestamp_seconds": _last_run,
    "ai_api_probe_last_success_timestamp_seconds": lambda record: (("", record.last_success),),
}
"""What is read anew when a check was declared, ran, or its last run became too old."""

STEADY = frozenset(
    {
        "ai_api_active_requests",
        "ai_api_canary_correct",
        "ai_api_model_load_seconds",
        "ai_api_probe_failure_info",
        "ai_api_probe_flag",
        "ai_api_probe_http_status_code",
        "ai_api_probe_state",
        "ai_api_probe_success",
        "ai_api_ratelimit_limit",
        "ai_api_served_model_info",
        "ai_api_served_model_match",
    }
)
"""Those that mostly say what they said after the run before: worth remembering it, so as not to write it again."""


def described(record: Record, keys: Iterable[str]) -> Samples:
    """What is known of a check from its configuration, and the user's labels.

    `keys` are on every check from the start; one that a reload brings comes with the labels of the checks, one that
    it takes away stays as "", which to Prometheus is the same as not there.
    """
    check = record.check
    labels = {
        "alias": check.target.alias or check.target.model,
        "dialect": check.target.dialect,
        "kind": check.target.provider.kind,
        "required": "true" if check.required else "false",
        **dict.fromkeys(keys, ""),
        **check.labels,
    }
    return (("".join(pair(label, value) for label, value in labels.items()), 1),)
