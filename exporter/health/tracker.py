"""Holds the health of every check, moves it run by run, and tells the sinks in their order.

How health moves is in states.py; this file decides which sink receives what, and when.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from exporter.core.health_state import Health
from exporter.core.outcome import Outcome
from exporter.core.sink import Observation, RestoredState, Sink, Skip
from exporter.core.target import Check
from exporter.health.model_lists import ModelLists, is_list_missing
from exporter.health.states import advance_health, expire_health, grade_run, roll_up_health

STALE_AFTER = 3
"""Intervals without a run after which a check's health is no longer known."""

REMEMBERED_PAUSES = 32
"""Pauses of this process that are taken into account; a check that ran since one is not touched by it."""

_METHODS = (
    "add_check",
    "remove_check",
    "restore_check",
    "record_start",
    "record_run",
    "record_not_offered",
    "record_skip",
    "expire_check",
)

Model = tuple[str, str]
"""Provider and model: what the roll-up is over."""


def get_configured_interval(check: Check) -> float:
    """Return the configured interval in seconds; the default where nothing stretches it."""
    return check.interval


@dataclass(slots=True)
class _Tracked:
    check: Check
    health: Health = field(default_factory=Health)


class HealthTracker:
    """The health of the checks declared. `interval` gives a check's effective interval in seconds.

    A check stays the same over a reload if its id does: it keeps its health, and the sinks are told of it again
    only where it is configured differently. What belongs to a check that was forgotten moves nothing.
    """

    def __init__(self, sinks: Iterable[Sink], interval: Callable[[Check], float] = get_configured_interval) -> None:
        sinks = tuple(sinks)
        self._sinks = {method: _select_sinks(sinks, method) for method in _METHODS}
        self._interval = interval
        self._tracked: dict[str, _Tracked] = {}
        self._models: dict[Model, set[str]] = {}
        self._lists = ModelLists()
        self._pauses: deque[tuple[float, float]] = deque(maxlen=REMEMBERED_PAUSES)

    def add_check(self, check: Check) -> None:
        """Add a check."""
        known = self._tracked.get(check.id)
        if known is not None and (known.check is check or known.check == check):
            return
        self._lists.add_check(check)
        if known is not None:
            self._lists.remove_check(known.check)
        self._tracked[check.id] = _Tracked(check) if known is None else _Tracked(check, known.health)
        self._models.setdefault(_model(check), set()).add(check.id)
        for sink in self._sinks["add_check"]:
            sink.add_check(check)

    def restore_checks(self, known: Mapping[str, RestoredState]) -> None:
        """Take what an earlier process knew of checks (by id) that were declared and have not run yet."""
        for check_id, each in known.items():
            self._tracked[check_id].health = each.health
            if each.succeeded is not None:
                self._lists.record_success(self._tracked[check_id].check)
        for check_id, each in known.items():
            check = self._tracked[check_id].check
            for sink in self._sinks["restore_check"]:
                sink.restore_check(check, each, self.model_health_of(check))

    def remove_check(self, check: Check) -> None:
        """Remove a check."""
        if (known := self._tracked.pop(check.id, None)) is None:
            return
        self._lists.remove_check(known.check)
        self._models[_model(check)].discard(check.id)
        if not self._models[_model(check)]:
            del self._models[_model(check)]
        for sink in self._sinks["remove_check"]:
            sink.remove_check(check)

    def health_of(self, check: Check) -> Health:
        """Return the current health of a check; unknown if it was not added."""
        known = self._tracked.get(check.id)
        return known.health if known is not None else Health()

    def record_start(self, check: Check) -> None:
        """Record the start of a run."""
        if check.id in self._tracked:
            for sink in self._sinks["record_start"]:
                sink.record_start(check)

    def record_skip(self, check: Check, why: Skip) -> None:
        """Record that a due run was left out."""
        if check.id in self._tracked:
            for sink in self._sinks["record_skip"]:
                sink.record_skip(check, why)

    def record_run(self, check: Check, outcome: Outcome) -> Observation:
        """Record a run: move the check's health and tell the sinks."""
        tracked = self._tracked.get(check.id) or _Tracked(check)
        before = tracked.health
        ended = outcome.started_at + outcome.timing.duration
        offered = not is_list_missing(check, outcome) or self._lists.is_offered(check, self._healths_of_models(check))
        if offered:
            known = before if before.offered else Health()
            tracked.health = advance_health(known, grade_run(tracked.check, outcome), tracked.check.health, ended)
        else:
            tracked.health = Health(since=ended if before.offered else before.since, last_run_at=ended, offered=False)
        if outcome.ok:
            self._lists.record_success(check)
        seen = Observation(
            check=tracked.check,
            outcome=outcome,
            before=before,
            after=tracked.health,
            model_health=self.model_health_of(check),
        )
        if check.id in self._tracked:
            self._publish_run(seen)
        return seen

    def _publish_run(self, seen: Observation) -> None:
        if seen.after.offered:
            for sink in self._sinks["record_run"]:
                sink.record_run(seen)
        else:
            for sink in self._sinks["record_not_offered"]:
                sink.record_not_offered(seen)

    def record_pause(self, seconds: float, now: float) -> None:
        """Note that this process stood still for some seconds until `now` (Unix): no check could run meanwhile."""
        self._pauses.append((now, seconds))

    def expire_stale_checks(self, now: float) -> None:
        """Expire what has not run for three effective intervals; `now` is Unix seconds. Call it every few seconds.

        Time in which this process stood still does not count.
        """
        for tracked in self._tracked.values():
            last = tracked.health.last_run_at
            if last is None or not tracked.health.offered:
                continue
            paused = sum(seconds for at, seconds in self._pauses if at > last)
            if now - last - paused > STALE_AFTER * self._interval(tracked.check):
                tracked.health = expire_health(tracked.health, now)
                rolled = self.model_health_of(tracked.check)
                for sink in self._sinks["expire_check"]:
                    sink.expire_check(tracked.check, tracked.health, rolled)

    def model_health_of(self, check: Check) -> bool | None:
        """Return the health of the check's model at its provider, over the required checks."""
        checks = [self._tracked[each] for each in self._models.get(_model(check), ())]
        return roll_up_health(each.health.state for each in checks if each.check.required and each.health.offered)

    def _healths_of_models(self, check: Check) -> Iterable[Health]:
        """Yield the health of each check that asks a model of this check's provider."""
        provider = check.target.provider.name
        for (name, model), ids in self._models.items():
            if name == provider and model:
                yield from (self._tracked[each].health for each in ids)


def _model(check: Check) -> Model:
    return check.target.provider.name, check.target.model


def _select_sinks(sinks: tuple[Sink, ...], method: str) -> tuple[Sink, ...]:
    """Return the sinks that do something in a method: most leave most methods empty."""
    return tuple(sink for sink in sinks if getattr(type(sink), method) is not getattr(Sink, method))
