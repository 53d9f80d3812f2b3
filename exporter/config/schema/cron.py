"""When a maintenance window begins: five cron fields, checked here and understood by the scheduler's cron trigger."""

import re
from typing import Annotated

from pydantic import AfterValidator

from exporter.config.schema.fields import Means, PlainText, refuse_value

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of month", 1, 31), ("month", 1, 12))
_PART = re.compile(r"(?:\*|([0-9]{1,2})(?:-([0-9]{1,2}))?)(?:/([0-9]{1,2}))?")
_DAY = "(?:mon|tue|wed|thu|fri|sat|sun)"
_DAYS = re.compile(rf"\*|{_DAY}(?:-{_DAY})?(?:,{_DAY}(?:-{_DAY})?)*")


def _is_in_range(part: str, low: int, high: int) -> bool:
    found = _PART.fullmatch(part)
    if found is None or (found[3] is not None and int(found[3]) == 0):
        return False
    first, last = (int(each) if each else None for each in (found[1], found[2]))
    ends = [each for each in (first, last) if each is not None]
    return all(low <= each <= high for each in ends) and ends == sorted(ends)


def _check_schedule(value: str) -> str:
    """Check the five fields. Weekdays are written by name: numbers mean different days to different crons."""
    fields = value.lower().split()
    if len(fields) != len(_FIELDS) + 1:
        raise refuse_value("{given} is not five cron fields", 'write it like "0 3 * * sun" (Sundays at 03:00 UTC)')
    for text, (name, low, high) in zip(fields, _FIELDS, strict=False):
        if not all(_is_in_range(part, low, high) for part in text.split(",")):
            raise refuse_value(f"the {name} of {{given}} is not valid", f"write *, or numbers from {low} to {high}")
    if not _DAYS.fullmatch(fields[-1]):
        raise refuse_value("the weekday of {given} is not valid", "write *, or names such as mon-fri")
    return " ".join(fields)


Schedule = Annotated[PlainText, AfterValidator(_check_schedule), Means("five cron fields")]
