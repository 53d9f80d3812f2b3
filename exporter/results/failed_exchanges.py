"""Keeps the exchanges of the last failed run of each check, so that a person can see exactly what was said.

They are kept as they were and redacted when they are shown, with the secrets known by then. Bounded: the failures of so
many checks, the oldest go first. Never stored, never logged.
"""

from typing import NamedTuple

from exporter.core.exchange import Exchange
from exporter.core.outcome import Outcome
from exporter.core.redaction import Redactor, scrub
from exporter.core.target import Check

KEPT_CHECKS = 64


class FailedRun(NamedTuple):
    """A run and the exchanges it was judged by."""

    outcome: Outcome
    exchanges: tuple[Exchange, ...]


class FailedExchanges:
    """The exchanges of last failures, for at most `most` checks."""

    def __init__(self, redactor: Redactor, most: int = KEPT_CHECKS) -> None:
        self._redactor = redactor
        self._most = most
        self._kept: dict[str, FailedRun] = {}

    def record(self, check: Check, outcome: Outcome, exchanges: tuple[Exchange, ...]) -> None:
        """A run of a check ended."""
        if outcome.ok:
            return
        self._kept.pop(check.id, None)
        self._kept[check.id] = FailedRun(outcome, exchanges)
        if len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]

    def last_failed_run(self, check: Check) -> FailedRun | None:
        """The last failed run of a check, redacted; None if none is kept."""
        found = self._kept.get(check.id)
        return None if found is None else scrub(found, self._redactor.make_cleaner())
