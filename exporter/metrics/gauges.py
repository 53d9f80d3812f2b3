"""Where the gauges of a check are read from: one reader per family, from its record to its series.

A reader yields nothing where there is nothing true to say; no figure stands in for "not known".
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from math import isfinite

from exporter.core.health_state import State
from exporter.core.outcome import Flag, Limit, Outcome, Phase
from exporter.metrics.check_metrics import CheckMetrics
from exporter.metrics.text import Samples, clean_label, render_label

Reader = Callable[[CheckMetrics], Samples]

_STATES = {state: tuple((render_label("state", each), int(each is state)) for each in State) for state in State}
_PHASES = {phase: render_label("phase", phase) for phase in Phase}
_MOST_LIMITS = 16
"""Rate limits of one check that are exported: what a vendor may name is not for us to bound otherwise."""


def _read_last(tell: Callable[[Outcome], float | None]) -> Reader:
    """Read a figure of the last run, absent if it has none."""

    def read(record: CheckMetrics) -> Samples:
        value = None if record.last is None else tell(record.last)
        return () if value is None else (("", value),)

    return read


def _read_state(record: CheckMetrics) -> Samples:
    return () if record.state is None else _STATES[record.state]


def _read_phases(record: CheckMetrics) -> Samples:
    if record.last is None:
        return ()
    phases = record.last.timing.phases
    return [(labels, phases[phase]) for phase, labels in _PHASES.items() if phase in phases]


def _read_flags(record: CheckMetrics) -> Samples:
    return () if record.last is None else _render_flags(record.last.flags)


@cache
def _render_flags(raised: frozenset[Flag]) -> Samples:
    return tuple((render_label("flag", flag), int(flag in raised)) for flag in Flag)


def _read_failure(record: CheckMetrics) -> Samples:
    last = record.last
    if last is None or last.blamed is None:
        return ()
    return ((render_label("error_type", last.reason) + render_label("fault", last.blamed), 1),)


def _read_speed(last: Outcome) -> float | None:
    pace = last.timing.per_output_token
    return 1 / pace if pace and not last.flags & {Flag.STARVED, Flag.BUFFERED} else None


def _read_match(last: Outcome) -> int | None:
    return int(Flag.MISMATCHED not in last.flags) if last.served_model else None


def _read_served(record: CheckMetrics) -> Samples:
    if record.served_model is None:
        return ()
    upstream = render_label("upstream", record.upstream) if record.upstream else ""
    return ((render_label("served_model", record.served_model) + upstream, 1),)


@lru_cache(maxsize=256)
def _limit_labels(resource: str, window: str) -> str:
    """Make the labels of a rate limit. Vendors could name any; they name the same few in every answer."""
    return render_label("resource", clean_label(resource)) + render_label("window", clean_label(window))


def _read_limits(tell: Callable[[Limit], float | None]) -> Reader:
    """Read a figure of each rate limit of the last answer; of two by one name the later counts."""

    def read(record: CheckMetrics) -> Samples:
        if record.last is None or not record.last.limits:
            return ()
        told: dict[str, float] = {}
        for limit in record.last.limits[:_MOST_LIMITS]:
            value = tell(limit)
            if value is not None and isfinite(value) and value >= 0:
                told[_limit_labels(limit.resource, limit.window)] = value
        return tuple(told.items())

    return read


def _remaining_ratio(limit: Limit) -> float | None:
    return limit.remaining / limit.limit if limit.limit and limit.remaining is not None else None


def _read_last_run(record: CheckMetrics) -> Samples:
    return () if record.last_run is None else (("", record.last_run),)


def _read_last_success(record: CheckMetrics) -> Samples:
    return () if record.last_success is None else (("", record.last_success),)


AFTER_A_RUN: Mapping[str, Reader] = {
    "ai_api_active_requests": lambda record: (("", record.active),),
    "ai_api_probe_success": _read_last(lambda last: last.ok),
    "ai_api_probe_failure_info": _read_failure,
    "ai_api_probe_duration_seconds": _read_last(lambda last: last.timing.duration),
    "ai_api_probe_time_to_first_token_seconds": _read_last(lambda last: last.timing.first_token),
    "ai_api_probe_http_status_code": _read_last(lambda last: last.http_status),
    "ai_api_probe_state": _read_state,
    "ai_api_probe_phase_seconds": _read_phases,
    "ai_api_stream_longest_gap_seconds": _read_last(lambda last: last.timing.longest_gap),
    "ai_api_probe_flag": _read_flags,
    "ai_api_output_tokens_per_second": _read_last(_read_speed),
    "ai_api_model_load_seconds": _read_last(lambda last: last.model_load),
    "ai_api_ratelimit_limit": _read_limits(lambda limit: limit.limit),
    "ai_api_ratelimit_remaining": _read_limits(lambda limit: limit.remaining),
    "ai_api_ratelimit_remaining_ratio": _read_limits(_remaining_ratio),
    "ai_api_ratelimit_reset_timestamp_seconds": _read_limits(lambda limit: limit.reset_at),
    "ai_api_served_model_info": _read_served,
    "ai_api_served_model_match": _read_last(_read_match),
    "ai_api_canary_correct": _read_last(lambda last: last.canary_correct),
    "ai_api_probe_last_run_timestamp_seconds": _read_last_run,
    "ai_api_probe_last_success_timestamp_seconds": _read_last_success,
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


def read_info(record: CheckMetrics, keys: Iterable[str]) -> Samples:
    """Read the configuration of a check and the user's labels.

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
    return (("".join(render_label(label, value) for label, value in labels.items()), 1),)
