"""Maintenance windows: while one is open, the paid probes of the checks it matches rest."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from exporter.core.plan import Maintenance
from exporter.core.target import Check
from exporter.run.scheduler import cron_begins_between


class MaintenanceWindows:
    """The windows of one plan. Looks at their schedules once a second at most, however many checks there are."""

    def __init__(self, windows: Iterable[Maintenance]) -> None:
        self._windows = tuple(windows)
        self._second: int | None = None
        self._open: tuple[Maintenance, ...] = ()

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return bool(self._windows)

    def is_resting(self, check: Check, at: float) -> bool:
        """Return whether a window that matches the check is open at that Unix time."""
        if int(at) != self._second:
            self._second = int(at)
            self._open = tuple(each for each in self._windows if _is_open(each, at))
        return any(fnmatchcase(check.id, each.match) for each in self._open)


def _is_open(window: Maintenance, at: float) -> bool:
    return cron_begins_between(window.schedule, at - window.duration, at)
