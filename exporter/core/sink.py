"""Sinks receive what happens to checks. Metrics, status cache, store and log are sinks; none knows another."""

from dataclasses import dataclass
from enum import StrEnum

from exporter.core.health_state import Health
from exporter.core.outcome import Outcome
from exporter.core.target import Check


class Skip(StrEnum):
    """Why a due run did not happen."""

    BUDGET = "budget"
    TRAFFIC = "traffic"
    OVERLAP = "overlap"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One finished run, redacted, with what it did to health.

    `model_health` is the roll-up over the required checks of this provider and model: True up, False down, None
    not known yet.
    """

    check: Check
    outcome: Outcome
    before: Health
    after: Health
    model_health: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredState:
    """What an earlier process knew of a check.

    `health` is expired where the check has not run for too long; `last` is its last run, without a list of models;
    `succeeded` the Unix time at which the last success ended. None where that was never so.
    """

    health: Health
    last: Outcome | None = None
    succeeded: float | None = None

    @property
    def expired(self) -> bool:
        """Whether the last run is too old to say anything of now."""
        return self.health.last_run_at is None


class Sink:
    """Receives what happens to checks; a subclass overrides what it needs.

    Methods are called on the event loop: they must not block and must not raise.
    """

    def add_check(self, check: Check) -> None:
        """Take a check that was configured, or one of a known id that is configured differently now."""

    def remove_check(self, check: Check) -> None:
        """Drop everything that names a check, which is no longer configured."""

    def restore_check(self, check: Check, known: RestoredState, model_health: bool | None) -> None:
        """Take what an earlier process knew of a check that has not run yet in this one. It counts as no run."""

    def record_start(self, check: Check) -> None:
        """Note that a run begins."""

    def record_run(self, seen: Observation) -> None:
        """Take a run that ended."""

    def record_not_offered(self, seen: Observation) -> None:
        """Take a run that found nothing where the vendor need not have anything: it is neither success nor failure."""

    def record_skip(self, check: Check, why: Skip) -> None:
        """Note that a due run was left out."""

    def expire_check(self, check: Check, health: Health, model_health: bool | None) -> None:
        """Note that a check has not run for three intervals: values of its last run are out of date."""
