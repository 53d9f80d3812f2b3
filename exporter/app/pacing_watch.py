"""Exports what changes without a run: effective intervals, open maintenance windows, what is left of budgets."""

from collections.abc import Iterable

from structlog.typing import FilteringBoundLogger

from exporter.app.accounting import Accounting
from exporter.core.clock import Clock
from exporter.core.target import Check
from exporter.metrics import ExporterMetrics, Metrics
from exporter.money.amount import to_dollars
from exporter.results.status_cache import StatusCache

SAID_AGAIN_AFTER = 3600.0
"""Seconds without a stretched interval after which the next one is worth a line in the log."""

PUBLISH_EVERY = 5
"""Seconds between two looks at intervals, windows and budgets."""


class PacingWatch:
    """Compares the state of each check with what was exported last. Methods are called on the event loop."""

    def __init__(  # noqa: PLR0917  (who knows it, and who is told)
        self,
        accounting: Accounting,
        metrics: Metrics,
        status: StatusCache,
        own: ExporterMetrics,
        clock: Clock,
        log: FilteringBoundLogger,
    ) -> None:
        self._accounting = accounting
        self._metrics = metrics
        self._status = status
        self._own = own
        self._clock = clock
        self._log = log
        self._paced_at: float | None = None
        self._checks: tuple[Check, ...] = ()
        self._intervals: dict[str, float] = {}
        self._resting: set[str] = set()

    def configure(self, checks: Iterable[Check]) -> None:
        """Export the state of these checks anew: adding a check to the metrics resets it there."""
        self._checks = tuple(checks)
        for check in self._checks:
            if check.id in self._resting:
                self._metrics.set_maintenance(check, active=False)
            if check.id in self._intervals:
                self._set_interval(check, check.interval)
        self._resting.clear()
        self._intervals.clear()
        self.publish_changes()

    def publish_changes(self) -> None:
        """Export what changed since the last call."""
        self._publish_maintenance()
        for check in self._checks:
            interval = self._accounting.admission.effective_interval(check)
            if self._intervals.get(check.id, check.interval) != interval:
                self._intervals[check.id] = interval
                self._set_interval(check, interval)
        self._log_pacing()
        spending = self._accounting.admission.report_spending()
        self._own.set_budgets(
            {budget: (to_dollars(limit), to_dollars(spent)) for budget, (limit, spent) in spending.items()}
        )

    def _set_interval(self, check: Check, seconds: float) -> None:
        self._metrics.set_interval(check, seconds)
        self._status.set_interval(check, seconds)

    def _log_pacing(self) -> None:
        """Say once when a budget begins to stretch intervals, and again only after an hour without."""
        paced = [check for check in self._checks if self._intervals.get(check.id, check.interval) > check.interval]
        if not paced:
            return
        now = self._clock.wall()
        if self._paced_at is None or now - self._paced_at > SAID_AGAIN_AFTER:
            slowest = max(paced, key=lambda check: self._intervals[check.id] / check.interval)
            self._log.warning(
                "a budget stretches the intervals of paid checks, so that it lasts; see docs/costs.md",
                checks=len(paced),
                most=slowest.id,
                interval=round(slowest.interval),
                effective_interval=round(self._intervals[slowest.id]),
            )
        self._paced_at = now

    def _publish_maintenance(self) -> None:
        windows, now = self._accounting.windows, self._clock.wall()
        for check in self._checks if windows or self._resting else ():
            if (rests := windows.is_resting(check, now)) is not (check.id in self._resting):
                (self._resting.add if rests else self._resting.discard)(check.id)
                self._metrics.set_maintenance(check, active=rests)
