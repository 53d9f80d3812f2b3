"""The last outcome of a check as text, for the next process. Lists of models are left out: they are asked for anew."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from exporter.core.outcome import Outcome
from exporter.store.damage import DamagedError
from exporter.store.values import read_duration, read_time


def write_outcome(outcome: Outcome) -> bytes | None:
    """Write the redacted outcome as JSON; None if a value has no form there, such as 10^30."""
    kept = outcome if outcome.models is None else replace(outcome, models=None)
    try:
        return orjson.dumps(kept, default=_to_plain, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        return None


def read_outcome(text: object) -> Outcome | None:
    """Read an outcome; None if there is none, it is damaged, or a later version wrote unknown words.

    JSON has no number that is not finite; ones beyond reason are refused, for pages make dates and bars of them.
    """
    if not isinstance(text, str | bytes):
        return None
    try:
        outcome = _make_adapter().validate_json(text, strict=True)
        for at in (outcome.started_at, outcome.retires_at, outcome.certificate_expires_at, *_resets(outcome)):
            if at is not None:
                read_time(at)
        for seconds in _durations(outcome):
            read_duration(seconds)
    except (ValidationError, DamagedError):
        return None
    return outcome


def _resets(outcome: Outcome) -> Iterator[float | None]:
    return (limit.reset_at for limit in outcome.limits)


def _durations(outcome: Outcome) -> Iterator[float]:
    timing = outcome.timing
    found = (
        timing.duration, timing.first_token, timing.first_answer, timing.per_output_token, timing.longest_gap,
        outcome.model_load, outcome.retry_after, *timing.phases.values(),
    )  # fmt: skip
    return (seconds for seconds in found if seconds is not None)


@cache
def _make_adapter() -> TypeAdapter[Outcome]:
    """Made when the first is read: a start without memory does without."""
    return TypeAdapter(Outcome)


def _to_plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else sorted(value)
