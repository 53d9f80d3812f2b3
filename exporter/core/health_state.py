"""Health of a check as readers see it: its state, and the grades of its last runs."""

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


class Signal(StrEnum):
    """What the last runs say together.

    cleared: `successes` clean runs in a row. failing: at least `failures` of the last `window` runs failed.
    degrading: as many failed or fell short. undecided: neither. void: the run says nothing of the vendor.
    stale: there was no run for too long.
    """

    CLEARED = "cleared"
    FAILING = "failing"
    DEGRADING = "degrading"
    UNDECIDED = "undecided"
    VOID = "void"
    STALE = "stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The health of one check: `since` and `last_run_at` are Unix seconds.

    `recent` holds the grades of the last runs, the oldest first, as many as the policy looks at and none void.
    `offered` False: the vendor has nothing at this address (a list of models), so there is no health to speak of.
    """

    state: State = State.UNKNOWN
    since: float = 0.0
    recent: tuple[Grade, ...] = ()
    last_run_at: float | None = None
    offered: bool = True
