"""Whether a due run may be made, and what it came to: the seam between running checks and paying for them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from exporter.core.errors import ExporterError
from exporter.core.outcome import Outcome
from exporter.core.sink import Skip
from exporter.core.target import Check


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """A run that may be made: what is reserved for it (nano-dollars, at a Unix time) under which number.

    `likely` is what it will cost as a rule.
    """

    check: Check
    at: float = 0.0
    reserved: int = 0
    likely: int = 0
    number: int = 0
    demand: bool = False


ReserveRetry = Callable[[], Awaitable[None]]
"""To be awaited before a run sends another form of a question that was refused without being billed."""


async def allow_retry() -> None:
    """Default: nothing is reserved, and the retry may be sent at once."""


class NotAdmittedError(ExporterError):
    """The run is not allowed now; one sentence says why."""


class Admission(Protocol):
    """Stands before every run."""

    async def admit(self, check: Check, *, demand: bool = False) -> Permit | Skip:
        """Admit a run once its worst case is reserved, or return why not. `demand`: it is a run on demand."""

    async def reserve_retry(self, admission: Permit) -> Permit:
        """Replace the refused request's reservation with one for the retry."""

    def settle(self, admission: Permit, outcome: Outcome) -> Outcome:
        """Replace the run's reservation by its cost; return the outcome with its cost."""


class FreeAdmission:
    """Lets every run begin and knows no prices."""

    async def admit(self, check: Check, *, demand: bool = False) -> Permit | Skip:
        return Permit(check=check, demand=demand)

    async def reserve_retry(self, admission: Permit) -> Permit:
        return admission

    def settle(self, admission: Permit, outcome: Outcome) -> Outcome:  # noqa: ARG002  (a Gate is told)
        return outcome
