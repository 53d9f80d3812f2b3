"""Keeps the exchanges of the last failed run of each check, so that a person can see exactly what was said.

They are redacted when they are shown, with the secrets known by then. Bounded: the failures of 64 checks, the oldest go
first; of each the last two exchanges, of each exchange the first events. Never stored, never logged.
"""

from typing import NamedTuple

from exporter.core.exchange import Exchange, shorten_exchange
from exporter.core.outcome import Outcome
from exporter.core.redaction import Redactor, scrub
from exporter.core.target import Check

KEPT_CHECKS = 64
KEPT_EXCHANGES = 2
KEPT_EVENTS = 200


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
        """Record a run of a check."""
        if outcome.ok:
            return
        self._kept.pop(check.id, None)
        kept = tuple(shorten_exchange(each, KEPT_EVENTS) for each in exchanges[-KEPT_EXCHANGES:])
        self._kept[check.id] = FailedRun(outcome, kept)
        if len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]

    def last_failed_run(self, check: Check) -> FailedRun | None:
        """Return the last failed run of a check, redacted; None if none is kept."""
        found = self._kept.get(check.id)
        return None if found is None else scrub(found, self._redactor.make_cleaner())
