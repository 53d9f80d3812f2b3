"""Reading fields of JSON that anyone may have written: a value of the wrong type is as good as none.

Vendors, gateways and home-made servers leave fields out, send null for them or another type. These readers never
raise, so that the dialects can say what they look for and nothing else.
"""

import math
from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

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
    """Whether a document may hold more values than are parsed; text full of commas counts too."""
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
