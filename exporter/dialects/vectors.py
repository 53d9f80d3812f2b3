"""Embeddings as they stand in JSON: lists of numbers, or packed numbers in base64."""

import base64
import binascii
import math
import struct
from typing import Any

from exporter.dialects.fields import as_list

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
