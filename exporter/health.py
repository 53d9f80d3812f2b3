"""Health of a check: its states, and the one table that moves them."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Debounced health of a check."""

    UNKNOWN = "unknown"
    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"


class Grade(StrEnum):
    """What one run says about health."""

    CLEAN = "clean"
    SOFT = "soft"
    HARD = "hard"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The health of one check: `since` and `last_run_at` are Unix seconds, `recent` the grades of the last runs."""

    state: State = State.UNKNOWN
    since: float = 0.0
    recent: tuple[Grade, ...] = ()
    last_run_at: float | None = None
