"""A sink that has a first failure confirmed soon: health says when, the scheduler does it."""

from collections.abc import Callable

from exporter.core.health_state import Health
from exporter.core.sink import Observation, Recalled, Skip
from exporter.core.target import Check
from exporter.health.states import confirm_after


class Confirmations:
    """Calls `confirm(check, seconds)` after each run that health wants confirmed."""

    def __init__(self, confirm: Callable[[Check, float], None]) -> None:
        self._confirm = confirm

    def observed(self, seen: Observation) -> None:
        delay = confirm_after(seen.check, seen.before, seen.after, seen.outcome)
        if delay is not None:
            self._confirm(seen.check, delay)

    def declare(self, check: Check) -> None:
        """Nothing to confirm yet."""

    def forget(self, check: Check) -> None:
        """The scheduler drops its confirmation with the check."""

    def recalled(self, check: Check, known: Recalled, model_health: bool | None) -> None:
        """What was to be confirmed is asked again in its turn."""

    def started(self, check: Check) -> None:
        """Only the end of a run says anything."""

    def skipped(self, check: Check, why: Skip) -> None:
        """What did not run has not failed."""

    def expired(self, check: Check, health: Health, model_health: bool | None) -> None:
        """What has not run has not failed."""
