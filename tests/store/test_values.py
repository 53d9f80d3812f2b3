"""Values that a file gives back are what an exporter writes, or the file is damaged."""

from collections.abc import Callable
from math import inf, nan

import pytest

from exporter.store.damage import DamagedError
from exporter.store.values import (
    LARGEST,
    LATEST,
    read_count,
    read_duration,
    read_number,
    read_sum,
    read_text,
    read_time,
)


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (read_text, "gpt-4o"),
        (read_count, 0),
        (read_count, LARGEST),
        (read_sum, -5),
        (read_number, -1.5),
        (read_duration, 0.0),
        (read_time, 1.7e9),
    ],
)
def test_sound_values(read: Callable[[object], object], value: object) -> None:
    assert read(value) == value


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (read_text, b"\xff"),
        (read_text, None),
        (read_count, -1),
        (read_count, 1.5),
        (read_count, LARGEST + 1),
        (read_sum, "much"),
        (read_number, nan),
        (read_number, inf),
        (read_number, "1"),
        (read_duration, -1.0),
        (read_duration, 1e300),
        (read_time, LATEST * 2),
        (read_time, -1.0),
    ],
)
def test_damaged_values(read: Callable[[object], object], value: object) -> None:
    with pytest.raises(DamagedError):
        read(value)
