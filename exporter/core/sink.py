"""What readers of results are told. Metrics, board, store and log are sinks; none knows another."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

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


class Sink(Protocol):
    """A reader of results. Called on the event loop: must not block and must not raise."""

    def add_check(self, check: Check) -> None:
        """A check was configured and has not run yet, or one of the same id is configured differently now."""

    def remove_check(self, check: Check) -> None:
        """A check is no longer configured: drop everything that names it."""

    def restore_check(self, check: Check, known: RestoredState, model_health: bool | None) -> None:
        """This is known of a check that was declared and has not run yet in this process. It is no run."""

    def record_start(self, check: Check) -> None:
        """A run begins."""

    def record_run(self, seen: Observation) -> None:
        """A run ended."""

    def record_skip(self, check: Check, why: Skip) -> None:
        """A due run was left out."""

    def expire_check(self, check: Check, health: Health, model_health: bool | None) -> None:
        """A check has not run for three intervals: its last-run values are no longer true."""
