"""Read fields of JSON that anyone may have written: a value of the wrong type counts as missing.

Vendors, gateways and home-made servers leave fields out, send null for them or another type. These readers never
raise. Embeddings and rows of model lists are read here too, as several dialects share them.
"""

import base64
import binascii
import math
import struct
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import orjson

from exporter.core.outcome import ListedModel
from exporter.dialects.times import read_timestamp

MOST_VALUES = 200_000
"""Values in one JSON document. Parsing this many holds the event loop for about 15 ms and takes about 20 MB."""

LARGEST = 2**53
"""No count is larger than this; what is, is no count (and would not survive as a float)."""


def parse_json(data: bytes) -> Any:
    """Parse the JSON document in `data`, which may begin with a byte order mark. None if it is not JSON."""
    try:
        return orjson.loads(data.removeprefix(BOM_UTF8))
    except orjson.JSONDecodeError:
        return None


def has_too_many_values(data: bytes) -> bool:
    """Return whether a document may hold more values than are parsed; text full of commas counts too."""
    if len(data) <= MOST_VALUES:
        return False
    return data.count(b",") + data.count(b"{") + data.count(b"[") > MOST_VALUES


def as_object(value: Any) -> dict[str, Any]:
    """Return the object, or an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """Return the list, or an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: Any) -> str:
    """Return the string, or an empty one."""
    return value if isinstance(value, str) else ""


def as_amount(value: Any) -> float | None:
    """Return the finite number that is not negative, or None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if 0 <= value < math.inf else None


def as_count(value: Any) -> int:
    """Return the number as a count (some vendors send floats), or 0."""
    if value is None:
        return 0
    number = as_amount(value)
    return 0 if number is None or number > LARGEST else int(number)


def find_first_text(values: Iterable[Any]) -> str:
    """Return the first string that is not empty, or an empty one."""
    return next((value for value in values if isinstance(value, str) and value), "")


def merge(base: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Lay `extra` over `base`, objects within objects too; the extra value wins."""
    result = dict(base)
    for key, value in extra.items():
        below = result.get(key)
        both = isinstance(below, Mapping) and isinstance(value, Mapping)
        result[key] = merge(below, value) if both else value  # type: ignore[arg-type]  # `both` has shown it
    return result


LARGEST_VECTOR = 65_536
"""Numbers in an embedding; the longest known have 8192."""

FLOAT32 = 4
"""Bytes of one number in base64."""


def read_vector(value: Any) -> tuple[float, ...] | None:
    """Read an embedding: a list of numbers, or 32-bit floats (little-endian) in base64. None if it is neither.

    What is written as null is no number: it becomes NaN, so that a probe can see it. A longer list is no embedding.
    """
    if isinstance(value, str):
        return _unpack(value)
    numbers = as_list(value)
    if not 0 < len(numbers) <= LARGEST_VECTOR or not all(
        each is None or type(each) in (int, float) for each in numbers
    ):
        return None
    return tuple(math.nan if each is None else float(each) for each in numbers)


def _unpack(value: str) -> tuple[float, ...] | None:
    if len(value) > LARGEST_VECTOR * FLOAT32 * 4 // 3 + FLOAT32:
        return None
    try:
        raw = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None
    many, rest = divmod(len(raw), FLOAT32)
    return None if rest or not many else struct.unpack(f"<{many}f", raw)


LAST_MOMENT = 10_000_000_000
"""Unix seconds beyond which a number is one of milliseconds (the year 2286)."""

LONGEST_NAME = 256
LARGEST_LIST = 4000
"""Models in a list; the longest lists known have some hundred. A longer one is refused rather than cut: models that
were left out would seem to be gone."""


RETIREMENTS = (
    "retires_at",  # Anthropic
    "retirement_date",
    "shutdown_date",
    "sunset_date",
    "endOfLifeTime",  # Bedrock
    "end_of_life",
    "expiration_date",  # OpenRouter
    "deprecation_date",
    "deprecation",  # Mistral: a date; Azure: an object
    "inference",  # Azure, within it: when questions are refused
)
"""Fields of a row, or of an object in it, that tell when a model goes: the final date before the announced one."""

LIFECYCLES = ("lifecycle", "lifecycle_status", "lifecycleStatus", "status", "state")
"""Fields of an object about a model's life that tell its stage; of a row itself only the first three do."""

OBJECTS = ("lifecycle", "modelLifecycle", "retirement", "deprecation")
"""Fields of a row that may hold an object about a model's life."""

_OF_ITS_LIFE = frozenset((*RETIREMENTS, *LIFECYCLES[:3], *OBJECTS))


def read_model_rows(
    rows: Iterable[Any], name: str = "id", lifecycle: str = "", prefix: str = ""
) -> tuple[ListedModel, ...]:
    """Read rows whose name stands in that field; `prefix` is taken off it. `lifecycle` is one more field for the stage.

    At most one row more than `LARGEST_LIST` is read. Left out: rows without a name, names over 256 characters and names
    that hold characters one cannot see.
    """
    return tuple(_iter_rows(rows, name, lifecycle, prefix))


def _iter_rows(rows: Iterable[Any], name: str, lifecycle: str, prefix: str) -> Iterator[ListedModel]:
    for row in map(as_object, islice(rows, LARGEST_LIST + 1)):
        model = as_text(row.get(name)).removeprefix(prefix)
        if model and len(model) <= LONGEST_NAME and model.isprintable():
            if _OF_ITS_LIFE.isdisjoint(row) and lifecycle not in row:  # nearly all: lists have thousands of rows
                yield ListedModel(id=model)
            else:
                yield _read_life(model, row, lifecycle)


def _read_life(model: str, row: Mapping[str, Any], lifecycle: str) -> ListedModel:
    """Read a row that tells something of a model's life."""
    lives = [held for field in OBJECTS if (held := as_object(row.get(field)))]
    stages = [as_text(row.get(field)) for field in (lifecycle, *LIFECYCLES[:3]) if field]
    stages += [as_text(life.get(field)) for life in lives for field in LIFECYCLES]
    moments = (_read_moment(place.get(field)) for field in RETIREMENTS for place in (row, *lives))
    return ListedModel(
        id=model,
        retires_at=next((moment for moment in moments if moment is not None), None),
        lifecycle=next(filter(None, stages), None),
    )


def _read_moment(value: Any) -> float | None:
    """Read Unix seconds from a date in text, or from a number of seconds or milliseconds; None if it is none."""
    if isinstance(value, str):
        return read_timestamp(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < LAST_MOMENT * 1000:
        return None
    return float(value if value < LAST_MOMENT else value / 1000)
