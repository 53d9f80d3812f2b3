"""How bad it is, in the words of the most common kind of status page (Statuspage's API v2)."""

from collections.abc import Iterable
from enum import StrEnum


class Indicator(StrEnum):
    """A vendor's public word on itself; becomes a label value, so the set is closed. Ascending."""

    NONE = "none"
    MAINTENANCE = "maintenance"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


_ORDER = tuple(Indicator)


def find_worst(several: Iterable[Indicator]) -> Indicator:
    """Find the worst indicator; `none` if there is none."""
    return max(several, key=_ORDER.index, default=Indicator.NONE)
