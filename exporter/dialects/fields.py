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


LONGEST_NAME = 256
LARGEST_LIST = 4000
"""Models in a list; the longest lists known have some hundred. A longer one is refused rather than cut: models that
were left out would seem to be gone."""


def read_model_rows(
    rows: Iterable[Any], name: str = "id", retires: str = "", lifecycle: str = "", prefix: str = ""
) -> tuple[ListedModel, ...]:
    """Read rows whose fields have the names given; `prefix` is taken off the names.

    At most one row more than `LARGEST_LIST` is read. Left out: rows without a name, names over 256 characters and names
    that hold characters one cannot see.
    """
    return tuple(_iter_rows(rows, name, retires, lifecycle, prefix))


def _iter_rows(rows: Iterable[Any], name: str, retires: str, lifecycle: str, prefix: str) -> Iterator[ListedModel]:
    for row in map(as_object, islice(rows, LARGEST_LIST + 1)):
        model = as_text(row.get(name)).removeprefix(prefix)
        if model and len(model) <= LONGEST_NAME and model.isprintable():
            told = as_text(row.get(retires))
            yield ListedModel(
                id=model,
                retires_at=read_timestamp(told) if told else None,
                lifecycle=as_text(row.get(lifecycle)) or None,
            )
