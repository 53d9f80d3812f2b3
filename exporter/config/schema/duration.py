"""Lengths of time as users write them: `500ms`, `30s`, `5m`, `1h30m`, `7d`. Never a bare number."""

import re

SECONDS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
"""Units from long to short, in seconds."""

_WHOLE = re.compile("".join(rf"(?:([0-9]{{1,9}}(?:\.[0-9]{{1,9}})?){unit})?" for unit in SECONDS))
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([a-z]+)")
_WORDS = {
    "d": ("day", "days"),
    "h": ("hr", "hrs", "hour", "hours"),
    "m": ("min", "mins", "minute", "minutes"),
    "s": ("sec", "secs", "second", "seconds"),
    "ms": ("msec", "millis", "millisecond", "milliseconds"),
}
_UNIT = {word: unit for unit, words in _WORDS.items() for word in (unit, *words)}


def parse_duration(text: str) -> float | None:
    """Parse a span to seconds; None if it is not a time span. Units go from long to short, each at most once."""
    found = _WHOLE.fullmatch(text)
    if not text or found is None:
        return None
    return sum(float(part) * size for part, size in zip(found.groups(), SECONDS.values(), strict=True) if part)


def suggest_duration(text: str) -> str:
    """Suggest what the writer of an invalid span most likely meant: `30` is `30s`, `5 min` is `5m`."""
    given = text.strip().lower()
    if _NUMBER.fullmatch(given):
        return f"write {given}s"
    parts = _PART.findall(given)
    meant = "".join(f"{number}{_UNIT[word]}" for number, word in parts if word in _UNIT)
    if len(parts) == len(re.findall(r"[0-9]+(?:\.[0-9]+)?", given)) and parse_duration(meant) is not None:
        return f"write {meant}"
    return "write a time span such as 30s, 5m or 1h30m"


def format_duration(seconds: float) -> str:
    """Format the span in the shortest form that means the same: 90 is `1m30s`, 0.5 is `500ms`."""
    rest = round(seconds * 1000)
    words = []
    for unit, size in SECONDS.items():
        count, rest = divmod(rest, round(size * 1000))
        if count:
            words.append(f"{count}{unit}")
    return "".join(words) or "0s"
