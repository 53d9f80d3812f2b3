"""A sink that has a first failure confirmed soon: health says when, the scheduler does it."""

from collections.abc import Callable

from exporter.core.sink import Observation, Sink
from exporter.core.target import Check
from exporter.health.states import confirmation_delay


class Confirmations(Sink):
    """Calls `confirm(check, seconds)` after each run that health wants confirmed."""

    def __init__(self, confirm: Callable[[Check, float], None]) -> None:
        self._confirm = confirm

    def record_run(self, seen: Observation) -> None:
        delay = confirmation_delay(seen.check, seen.before, seen.after, seen.outcome)
        if delay is not None:
            self._confirm(seen.check, delay)
