"""A sink that remembers what it was told, and a clock held in the hand."""

from exporter.core.health_state import Health
from exporter.core.sink import Observation, RestoredState, Sink, Skip
from exporter.core.target import Check


class RecordingSink(Sink):
    """Everything it was told, in order; `name` tells sinks apart that share a list."""

    def __init__(self, told: list[tuple[object, ...]] | None = None, name: str = "sink") -> None:
        self.told = told if told is not None else []
        self.name = name
        self.observations: list[Observation] = []

    def add_check(self, check: Check) -> None:
        self.told.append((self.name, "declare", check))

    def remove_check(self, check: Check) -> None:
        self.told.append((self.name, "forget", check))

    def restore_check(self, check: Check, known: RestoredState, model_health: bool | None) -> None:
        self.told.append((self.name, "recalled", check, known, model_health))

    def record_start(self, check: Check) -> None:
        self.told.append((self.name, "started", check))

    def record_run(self, seen: Observation) -> None:
        self.observations.append(seen)
        self.told.append((self.name, "observed", seen.check))

    def record_not_offered(self, seen: Observation) -> None:
        self.told.append((self.name, "not offered", seen.check))

    def record_skip(self, check: Check, why: Skip) -> None:
        self.told.append((self.name, "skipped", check, why))

    def expire_check(self, check: Check, health: Health, model_health: bool | None) -> None:
        self.told.append((self.name, "expired", check, health.state, model_health))

    @property
    def words(self) -> list[object]:
        """What happened, without to whom."""
        return [what for _, what, *_ in self.told]


class RecordingMetrics:
    """What a runner reports about itself, in order."""

    def __init__(self) -> None:
        self.lags: list[float] = []
        self.in_flight = 0
        self.internal_errors = 0

    def observe_schedule_lag(self, seconds: float) -> None:
        self.lags.append(seconds)

    def set_in_flight(self, count: int) -> None:
        self.in_flight = count

    def count_internal_error(self) -> None:
        self.internal_errors += 1


class HeldClock:
    """A clock that moves only when told; both its times move together."""

    def __init__(self, wall: float = 1_700_000_000.0) -> None:
        self.seconds = 0.0
        self._start = wall

    def monotonic_ns(self) -> int:
        return round(self.seconds * 1e9)

    def wall(self) -> float:
        return self._start + self.seconds
