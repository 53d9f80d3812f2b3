"""How long the vendor asks to wait, from the headers of an answer. No clock: an HTTP date is read against `date`.

Order as in the SDKs of OpenAI and Anthropic: `retry-after-ms`, `retry-after` as seconds, then as a date; after them
what LiteLLM re-exports from its upstream.
"""

from collections.abc import Mapping

from exporter.dialects.times import read_http_date, read_number

REEXPORTED = "llm_provider-"

LONGEST_WAIT = 86400.0
"""Seconds: a vendor may ask for any time, up to 1e300; what is longer than a day is taken as a day."""


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait, counted from the answer and at most a day, or None where it does not tell."""
    told = (_read_one(headers, prefix) for prefix in ("", REEXPORTED))
    return next((min(seconds, LONGEST_WAIT) for seconds in told if seconds is not None), None)


def _read_one(headers: Mapping[str, str], prefix: str) -> float | None:
    milliseconds = read_number(headers.get(f"{prefix}retry-after-ms", ""))
    if milliseconds is not None and milliseconds >= 0:
        return milliseconds / 1000
    text = headers.get(f"{prefix}retry-after", "")
    seconds = read_number(text)
    if seconds is None:
        seconds = _seconds_until(text, headers.get("date", ""))
    return seconds if seconds is not None and seconds >= 0 else None


def _seconds_until(text: str, answered: str) -> float | None:
    """Seconds from the answer's own date to the one told: both are the server's clock, so its error falls out."""
    until, since = read_http_date(text), read_http_date(answered)
    return None if until is None or since is None else max(0.0, until - since)
