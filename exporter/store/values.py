"""Check values that a file gives back: SQLite keeps text in a column of numbers if something wrote it there.

Each function returns the value as what it has to be and raises DamagedError for what an exporter does not write.
"""

from math import isfinite

from exporter.store.damage import DamagedError

LATEST = 2.0**37
"""Unix seconds (year 6325) from which on no time is believed; calendars end in the year 9999."""

LARGEST = 2**62
"""The largest number and amount of an entry of the ledger: half of what SQLite can count."""

LONGEST = 1e9
"""Seconds that nothing lasts."""


def read_text(value: object) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise DamagedError(f"a text is kept as {type(value).__name__}")
    return value


def read_count(value: object) -> int:
    """Return a number of entries or runs, an amount or a key: whole, from 0 up to `LARGEST`."""
    if not isinstance(value, int) or not 0 <= value <= LARGEST:
        raise DamagedError("a number is not one that can be counted")
    return value


def read_sum(value: object) -> int:
    """Return a sum of what vendors counted: whole, of either sign."""
    if not isinstance(value, int):
        raise DamagedError(f"a sum is kept as {type(value).__name__}")
    return value


def read_number(value: object) -> float:
    """Return a finite number."""
    if not isinstance(value, int | float) or not isfinite(value):
        raise DamagedError("a number is not finite")
    return float(value)


def read_duration(value: object) -> float:
    """Return a length of time in seconds."""
    seconds = read_number(value)
    if not 0 <= seconds <= LONGEST:
        raise DamagedError("a duration is beyond reason")
    return seconds


def read_time(value: object) -> float:
    """Return a Unix time."""
    at = read_number(value)
    if not 0 <= at <= LATEST:
        raise DamagedError("a time is beyond reason")
    return at
