"""The last outcome of a check as text, for the next process. Lists of models are left out: they are asked for anew."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from exporter.core.outcome import Outcome


def write_outcome(outcome: Outcome) -> bytes | None:
    """The outcome, redacted as it is, as JSON; None for one with a value that has no form there, such as 10^30."""
    kept = outcome if outcome.models is None else replace(outcome, models=None)
    try:
        return orjson.dumps(kept, default=_to_plain, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        return None


def read_outcome(text: bytes | None) -> Outcome | None:
    """The outcome; None where there is none, or a later version wrote words that this one does not know."""
    if text is None:
        return None
    try:
        return _make_adapter().validate_json(text)
    except ValidationError:
        return None


@cache
def _make_adapter() -> TypeAdapter[Outcome]:
    """Made when the first is read: a start without memory does without."""
    return TypeAdapter(Outcome)


def _to_plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else sorted(value)
