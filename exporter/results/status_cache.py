"""What the pages and the JSON show of each check: its health, its last run, what it did lately. Bounded memory.

The board only remembers. It decides nothing, formats nothing and knows no metric.
"""

from dataclasses import dataclass, field, replace

from exporter.core.health_state import Health
from exporter.core.outcome import Outcome
from exporter.core.sink import Observation, RestoredState, Sink, Skip
from exporter.core.target import Check
from exporter.health.states import grade_run
from exporter.results.history import SECONDS_PER_DAY, Earlier, History, Past


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One check as it stands.

    `last` is None before the first run; `last_skip` tells why the last due run was left out, None once one happened
    again; `interval` is the effective one in seconds, None while it is the configured one;
    `model_health` is the roll-up over the model's required checks, None while not known; `running` counts the
    runs under way.
    """

    check: Check
    health: Health = field(default_factory=Health)
    last: Outcome | None = None
    last_skip: Skip | None = None
    model_health: bool | None = None
    running: int = 0
    interval: float | None = None


class StatusCache(Sink):
    """The state of all checks. A `Sink`; its methods are called on the event loop only, what it returns is frozen."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._histories: dict[str, History] = {}
        self._earlier: dict[str, Earlier] = {}

    def snapshot(self) -> tuple[Entry, ...]:
        """Return all checks as they are, in the order in which they were added."""
        return tuple(self._entries.values())

    def overview(self) -> tuple[tuple[Entry, Past], ...]:
        """Return all checks as they are, each with its recent past."""
        return tuple((entry, self._histories[check_id].freeze()) for check_id, entry in self._entries.items())

    def find(self, check_id: str) -> tuple[Entry, Past] | None:
        """Find one check; None if none of that id is configured."""
        entry = self._entries.get(check_id)
        return None if entry is None else (entry, self._histories[check_id].freeze())

    def costs(self, now: float) -> dict[str, float]:
        """Return the USD that each check cost on the UTC day of `now`; unknown costs are left out."""
        today = int(now // SECONDS_PER_DAY)
        spent = {check_id: history.spent for check_id, history in self._histories.items()}
        return {check_id: told[1] / 1e9 for check_id, told in spent.items() if told and told[0] == today}

    def set_interval(self, check: Check, seconds: float) -> None:
        """Set the interval in seconds at which a check really runs."""
        if (entry := self._entries.get(check.id)) is not None:
            self._entries[check.id] = replace(entry, interval=None if seconds == check.interval else seconds)

    def add_earlier(self, check_id: str, earlier: Earlier) -> None:
        """Add what an earlier process knew of a check that is declared, or will be."""
        if check_id in self._histories:
            self._histories[check_id].prepend(earlier)
        else:
            self._earlier[check_id] = earlier

    def add_check(self, check: Check) -> None:
        known = self._entries.get(check.id)
        self._entries[check.id] = Entry(check=check) if known is None else replace(known, check=check)
        history = self._histories.setdefault(check.id, History())
        if (left := self._earlier.pop(check.id, None)) is not None:
            history.prepend(left)

    def remove_check(self, check: Check) -> None:
        self._entries.pop(check.id, None)
        self._histories.pop(check.id, None)

    def restore_check(self, check: Check, known: RestoredState, model_health: bool | None) -> None:
        if (entry := self._entries.get(check.id)) is not None:
            self._entries[check.id] = replace(entry, health=known.health, last=known.last, model_health=model_health)
            if known.last is not None:
                self._histories[check.id].restore_last(known.last)

    def record_start(self, check: Check) -> None:
        if (entry := self._entries.get(check.id)) is not None:
            self._entries[check.id] = replace(entry, running=entry.running + 1, last_skip=None)

    def record_run(self, seen: Observation) -> None:
        if (entry := self._entries.get(seen.check.id)) is not None:
            self._histories[seen.check.id].add_run(seen.outcome, grade_run(seen.check, seen.outcome))
            self._entries[seen.check.id] = self._make_entry(entry, seen, seen.outcome)

    def record_not_offered(self, seen: Observation) -> None:
        if (entry := self._entries.get(seen.check.id)) is not None:
            self._entries[seen.check.id] = self._make_entry(entry, seen, None)

    def record_skip(self, check: Check, why: Skip) -> None:
        if (entry := self._entries.get(check.id)) is not None:
            self._entries[check.id] = replace(entry, last_skip=why)

    def expire_check(self, check: Check, health: Health, model_health: bool | None) -> None:
        if (entry := self._entries.get(check.id)) is not None:
            self._entries[check.id] = replace(entry, health=health, model_health=model_health)

    @staticmethod
    def _make_entry(before: Entry, seen: Observation, last: Outcome | None) -> Entry:
        """Make the entry after a run. Built, not replaced: this happens at every run."""
        return Entry(
            check=before.check,
            health=seen.after,
            last=last,
            last_skip=before.last_skip,
            model_health=seen.model_health,
            running=max(0, before.running - 1),
            interval=before.interval,
        )
