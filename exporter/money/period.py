"""Days and months of a time zone, as spans of Unix time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo


class Period(StrEnum):
    """What a budget is for."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """From `begin` up to, not including, `end`, in Unix seconds."""

    begin: float
    end: float

    @property
    def length(self) -> float:
        """Seconds; a day on which clocks change has 23 or 25 hours."""
        return self.end - self.begin

    def contains(self, at: float) -> bool:
        """Return whether it contains a Unix time."""
        return self.begin <= at < self.end


def find_zone(name: str) -> tzinfo:
    """Find the time zone of a name such as Europe/Berlin. Raises ValueError if this machine does not know it."""
    if name.upper() == "UTC":
        return UTC  # also where the machine has no table of zones
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        raise ValueError(name) from None


class Calendar:
    """The periods of one zone. Remembers the last of each, as it is asked for the same again and again."""

    def __init__(self, where: tzinfo = UTC) -> None:
        self._zone = where
        self._last: dict[Period, TimeSpan] = {}

    def span_at(self, period: Period, at: float) -> TimeSpan:
        """Return the period that contains a Unix time."""
        last = self._last.get(period)
        if last is None or not last.contains(at):
            last = self._last[period] = self._make_span(period, at)
        return last

    def _make_span(self, period: Period, at: float) -> TimeSpan:
        day = datetime.fromtimestamp(at, self._zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        begin = day if period is Period.DAY else day.replace(day=1)
        later = begin + timedelta(days=1 if period is Period.DAY else 32)
        end = later if period is Period.DAY else later.replace(day=1)
        return TimeSpan(begin.timestamp(), end.timestamp())
