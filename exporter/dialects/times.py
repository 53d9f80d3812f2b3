"""How vendors write times: Go durations, RFC 3339, Unix seconds, HTTP dates. No clock: `now` is an argument.

Formats seen: `6m0s`, `2m59.56s`, `20ms` (OpenAI, Groq), `38s` (Gemini), whole seconds (Azure), `2025-08-21T12:40:59Z`
(Anthropic), Unix seconds (Cohere), Unix milliseconds (OpenRouter).
"""

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ns": 1e-9}
DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|us|µs|μs|ns|d|h|m|s))+")
PART = re.compile(r"(\d+(?:\.\d+)?)(ms|us|µs|μs|ns|d|h|m|s)")
LONGEST_TEXT = 64
UNIX_SINCE = 1e9
"""A bare number from here on is a moment (2001), below it a number of seconds."""
UNIX_MILLISECONDS_SINCE = 1e11
A_DAY, A_YEAR = 86400.0, 366 * 86400.0


def read_number(text: str) -> float | None:
    """Read the finite number written in a header, or None."""
    try:
        value = float(text) if len(text) <= LONGEST_TEXT else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def read_duration(text: str) -> float | None:
    """Read a Go duration as seconds; None if it is none."""
    if len(text) > LONGEST_TEXT or not DURATION.fullmatch(text):
        return None
    return sum(float(value) * UNITS[unit] for value, unit in PART.findall(text))


def read_timestamp(text: str) -> float | None:
    """Read an RFC 3339 date and time (UTC without an offset) as Unix seconds; None if it is none."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):  # such as the first or last day of all calendars, in a zone beside UTC
        return None


def read_http_date(text: str) -> float | None:
    """Read an HTTP date as Unix seconds; None if it is none."""
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def read_reset(text: str, now: float) -> float | None:
    """Unix seconds at which a limit resets, however the header writes it; None for what no limit waits for.

    Moments more than a day past or a year ahead are sentinels (Go's zero time, the largest integer).
    """
    seconds = read_duration(text)
    if seconds is None:
        seconds = read_number(text)
    if seconds is None:
        moment = read_timestamp(text)
    elif seconds < 0:
        moment = None
    elif seconds >= UNIX_MILLISECONDS_SINCE:
        moment = seconds / 1000
    else:
        moment = seconds if seconds >= UNIX_SINCE else now + seconds
    return moment if moment is not None and now - A_DAY < moment < now + A_YEAR else None
