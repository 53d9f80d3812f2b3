"""What the pages and the JSON show of each check: its health, its last run, what it did lately. Bounded memory.

The board only remembers. It decides nothing, formats nothing and knows no metric.
"""

from collections import deque
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from exporter.health import Health
from exporter.outcome import Fault, Outcome, Reason
from exporter.sink import Observation, Skip
from exporter.target import Check

RECENT_RUNS = 50
KEPT_FAILURES = 10


class Run(NamedTuple):
    """A run in brief: what a plot or an availability bar needs. Times are seconds, `started_at` Unix seconds."""

    started_at: float
    reason: Reason
    fault: Fault | None
    duration: float
    first_token: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One check as it stands.

    `last` is None before the first run; `last_skip` tells why the last due run was left out, None once one happened
    again; `model_health` is the roll-up over the model's required checks, None while not known; `running` counts the
    runs under way.
    """

    check: Check
    health: Health = field(default_factory=Health)
    last: Outcome | None = None
    last_skip: Skip | None = None
    model_health: bool | None = None
    running: int = 0


class _History:
    """The runs of one check. Fifty runs in brief take about 10 KB, as whole outcomes they would take 90."""

    __slots__ = ("failures", "recent")

    def __init__(self) -> None:
        self.recent: deque[Run] = deque(maxlen=RECENT_RUNS)
        self.failures: deque[Outcome] = deque(maxlen=KEPT_FAILURES)

    def ran(self, outcome: Outcome) -> None:
        timing = outcome.timing
        self.recent.append(Run(outcome.started_at, outcome.reason, outcome.whose, timing.duration, timing.first_token))
        if not outcome.ok:
            self.failures.append(outcome)


class Board:
    """The state of all checks. A `Sink`; its methods are called on the event loop only, what it returns is frozen."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._histories: dict[str, _History] = {}

    def snapshot(self) -> tuple[Entry, ...]:
        """All checks as they stand, in the order in which they were declared."""
        return tuple(self._entries.values())

    def recent(self, check_id: str) -> tuple[Run, ...]:
        """The last runs of a check, oldest first; none for a check that is not configured."""
        history = self._histories.get(check_id)
        return () if history is None else tuple(history.recent)

    def failures(self, check_id: str) -> tuple[Outcome, ...]:
        """The last failures of a check in full, oldest first: they outlive the successes that came after them."""
        history = self._histories.get(check_id)
        return () if history is None else tuple(history.failures)

    def declare(self, check: Check) -> None:
        known = self._entries.get(check.id)
        self._entries[check.id] = Entry(check=check) if known is None else replace(known, check=check)
        self._histories.setdefault(check.id, _History())

    def forget(self, check: Check) -> None:
        self._entries.pop(check.id, None)
        self._histories.pop(check.id, None)

    def started(self, check: Check) -> None:
        if (entry := self._entries.get(check.id)) is not None:
            self._entries[check.id] = replace(entry, running=entry.running + 1, last_skip=None)

    def observed(self, seen: Observation) -> None:
        if (entry := self._entries.get(seen.check.id)) is not None:
            self._histories[seen.check.id].ran(seen.outcome)
            self._entries[seen.check.id] = replace(
                entry,
                health=seen.after,
                last=seen.outcome,
                model_health=seen.model_health,
                running=max(0, entry.running - 1),
            )

    def skipped(self, check: Check, why: Skip) -> None:
        if (entry := self._entries.get(check.id)) is not None:
            self._entries[check.id] = replace(entry, last_skip=why)

    def expired(self, check: Check, health: Health, model_health: bool | None) -> None:
        if (entry := self._entries.get(check.id)) is not None:
            self._entries[check.id] = replace(entry, health=health, model_health=model_health)
