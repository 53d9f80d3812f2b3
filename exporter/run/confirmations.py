"""A sink that has a first failure confirmed soon: health says when, the scheduler does it."""

from collections.abc import Callable

from exporter.core.health_state import Health
from exporter.core.sink import Observation, RestoredState, Skip
from exporter.core.target import Check
from exporter.health.states import confirmation_delay


class Confirmations:
    """Calls `confirm(check, seconds)` after each run that health wants confirmed."""

    def __init__(self, confirm: Callable[[Check, float], None]) -> None:
        self._confirm = confirm

    def record_run(self, seen: Observation) -> None:
        delay = confirmation_delay(seen.check, seen.before, seen.after, seen.outcome)
        if delay is not None:
            self._confirm(seen.check, delay)

    def add_check(self, check: Check) -> None:
        """Nothing to confirm yet."""

    def remove_check(self, check: Check) -> None:
        """The scheduler drops its confirmation with the check."""

    def restore_check(self, check: Check, known: RestoredState, model_health: bool | None) -> None:
        """What was to be confirmed is asked again in its turn."""

    def record_start(self, check: Check) -> None:
        """Only the end of a run says anything."""

    def record_skip(self, check: Check, why: Skip) -> None:
        """What did not run has not failed."""

    def expire_check(self, check: Check, health: Health, model_health: bool | None) -> None:
        """What has not run has not failed."""
