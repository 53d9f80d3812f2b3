"""A sink that remembers what it was told, and a clock held in the hand."""

from exporter.core.health_state import Health
from exporter.core.sink import Observation, Recalled, Skip
from exporter.core.target import Check


class RecordingSink:
    """Everything it was told, in order; `name` tells sinks apart that share a list."""

    def __init__(self, told: list[tuple[object, ...]] | None = None, name: str = "sink") -> None:
        self.told = told if told is not None else []
        self.name = name
        self.observations: list[Observation] = []

    def declare(self, check: Check) -> None:
        self.told.append((self.name, "declare", check))

    def forget(self, check: Check) -> None:
        self.told.append((self.name, "forget", check))

    def recalled(self, check: Check, known: Recalled, model_health: bool | None) -> None:
        self.told.append((self.name, "recalled", check, known, model_health))

    def started(self, check: Check) -> None:
        self.told.append((self.name, "started", check))

    def observed(self, seen: Observation) -> None:
        self.observations.append(seen)
        self.told.append((self.name, "observed", seen.check))

    def skipped(self, check: Check, why: Skip) -> None:
        self.told.append((self.name, "skipped", check, why))

    def expired(self, check: Check, health: Health, model_health: bool | None) -> None:
        self.told.append((self.name, "expired", check, health.state, model_health))

    @property
    def words(self) -> list[object]:
        """What happened, without to whom."""
        return [what for _, what, *_ in self.told]


class HeldClock:
    """A clock that moves only when told; both its times move together."""

    def __init__(self, wall: float = 1_700_000_000.0) -> None:
        self.seconds = 0.0
        self._start = wall

    def monotonic_ns(self) -> int:
        return round(self.seconds * 1e9)

    def wall(self) -> float:
        return self._start + self.seconds
