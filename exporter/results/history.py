"""What one check did lately, small enough to be kept for thousands of checks: about 20 KB each.

Its last runs in brief, its last failures in full, an hour by minutes and a day by quarters of an hour. It only
remembers: it judges nothing, formats nothing and reads no clock.
"""

from array import array
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from math import isnan, nan
from struct import Struct
from typing import NamedTuple

from exporter.core.health_state import Grade
from exporter.core.outcome import Fault, Outcome, Phase, Reason

RECENT_RUNS = 50
KEPT_FAILURES = 10

HOUR = (60, 60)
DAY = (900, 96)
"""Seconds per slot, and how many slots are kept."""

SECONDS_PER_DAY = 86_400

_PHASES = tuple(Phase)
_PACKED = Struct(f"{len(_PHASES)}f")
_NO_PHASES = _PACKED.pack(*[nan] * len(_PHASES))


class Run(NamedTuple):
    """A run in brief: what a plot or a bar needs. Times are seconds, `started_at` Unix seconds.

    `packed` are its phases as 32-bit floats: as numbers of the language fifty runs would take three times the memory.
    """

    started_at: float
    reason: Reason
    fault: Fault | None
    grade: Grade
    duration: float
    first_token: float | None
    packed: bytes = _NO_PHASES

    @classmethod
    def of(cls, outcome: Outcome, grade: Grade) -> "Run":
        """Make the brief of an outcome."""
        timing = outcome.timing
        packed = _PACKED.pack(*(timing.phases.get(phase, nan) for phase in _PHASES))
        return cls(
            outcome.started_at, outcome.reason, outcome.blamed, grade, timing.duration, timing.first_token, packed
        )

    @property
    def phases(self) -> Mapping[Phase, float]:
        """Seconds of each phase that was reached, in order."""
        values = zip(_PHASES, _PACKED.unpack(self.packed), strict=True)
        return {phase: seconds for phase, seconds in values if not isnan(seconds)}


class Column(IntEnum):
    """What is kept of each slot.

    RUNS counts what ran, SOFT and HARD what of it fell short or failed. TIMED counts successes, SECONDS is the sum
    and SLOWEST the most of their durations; TOKENS, TOKEN_SECONDS and TOKEN_SLOWEST the same of first tokens.
    """

    RUNS = 0
    SOFT = 1
    HARD = 2
    TIMED = 3
    SECONDS = 4
    SLOWEST = 5
    TOKENS = 6
    TOKEN_SECONDS = 7
    TOKEN_SLOWEST = 8


_ADDS_UP = tuple(column not in (Column.SLOWEST, Column.TOKEN_SLOWEST) for column in Column)
"""Whether a figure of two halves of a slot is their sum, or the larger of them."""


class SlotSums(NamedTuple):
    """What is kept of one slot, by its number (Unix time / width); the figures stand in the order of `Column`."""

    number: int
    runs: float
    soft: float
    hard: float
    timed: float
    seconds: float
    slowest: float
    tokens: float
    token_seconds: float
    token_slowest: float


@dataclass(frozen=True, slots=True)
class Series:
    """Slots of equal width as they were at one moment. `latest` numbers the newest slot (Unix time / width)."""

    width: int
    count: int
    latest: int
    cells: "array[float]"

    def read_column(self, which: Column, now: float) -> "array[float]":
        """Read one figure of every slot, oldest first, up to that of `now` (Unix seconds); 0 where nothing ran."""
        begin = which * self.count
        newest = begin + self.latest % self.count + 1
        ordered = self.cells[newest : begin + self.count] + self.cells[begin:newest]
        passed = min(self.count, max(0, int(now // self.width) - self.latest))
        return ordered[passed:] + array("f", bytes(4 * passed))

    def list_starts(self, now: float) -> list[float]:
        """List when each slot of `column` begins, in Unix seconds."""
        last = max(self.latest, int(now // self.width))
        return [float((last - back) * self.width) for back in range(self.count - 1, -1, -1)]

    def mean_of(self, total: Column, number: Column, now: float) -> float | None:
        """Return the mean over all slots; None if nothing was counted."""
        counted = sum(self.read_column(number, now))
        return sum(self.read_column(total, now)) / counted if counted else None


class Slots:
    """The same while it grows. A ring per column in one array: a slot that comes round again was emptied before."""

    __slots__ = ("_cells", "_count", "_latest", "_width")

    def __init__(self, width: int, count: int) -> None:
        self._width, self._count, self._latest = width, count, 0
        self._cells = self._make_empty()

    def drop_after(self, now: float) -> None:
        """Drop everything if the clock was set back by more than is kept: else nothing would count until then."""
        slot = int(now // self._width)
        if slot <= self._latest - self._count:
            self._latest, self._cells = slot, self._make_empty()

    def add(self, at: float, grade: Grade, duration: float | None, first_token: float | None) -> None:
        """Count a run that started at `at`; its times are None where they do not count (a failure, no output)."""
        slot = int(at // self._width)
        if slot <= self._latest - self._count:
            return
        self._clear_up_to(slot)
        cell = slot % self._count
        self._add_to(Column.RUNS, cell, 1)
        if grade in (Grade.SOFT, Grade.HARD):
            self._add_to(Column.SOFT if grade is Grade.SOFT else Column.HARD, cell, 1)
        self._add_time(cell, Column.TIMED, duration)
        self._add_time(cell, Column.TOKENS, first_token)

    def add_slot(self, slot: SlotSums) -> None:
        """Add what an earlier process kept of a slot."""
        number, *figures = slot
        if number <= self._latest - self._count:
            return
        self._clear_up_to(number)
        cells, place = self._cells, number % self._count
        for adds_up, figure in zip(_ADDS_UP, figures, strict=True):
            cells[place] = cells[place] + figure if adds_up else max(cells[place], figure)
            place += self._count

    def freeze(self) -> Series:
        """Return a copy that does not change."""
        return Series(self._width, self._count, self._latest, self._cells[:])

    def _make_empty(self) -> "array[float]":
        return array("f", bytes(4 * self._count * len(Column)))

    def _clear_up_to(self, slot: int) -> None:
        for passed in range(max(self._latest, slot - self._count) + 1, slot + 1):
            self._cells[passed % self._count :: self._count] = array("f", bytes(4 * len(Column)))
        self._latest = max(self._latest, slot)

    def _add_time(self, cell: int, number: Column, seconds: float | None) -> None:
        """Count, sum and maximum stand in this order in `Column`."""
        if seconds is not None:
            self._add_to(number, cell, 1)
            self._add_to(Column(number + 1), cell, seconds)
            slowest = (number + 2) * self._count + cell
            self._cells[slowest] = max(self._cells[slowest], seconds)

    def _add_to(self, column: Column, cell: int, more: float) -> None:
        self._cells[column * self._count + cell] += more


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The history of a check at one moment, oldest first: runs in brief, failures in full, the hour and the day.

    `spent` is a day (counted from the epoch, UTC) and the nano-dollars its runs cost, None while no cost is known.
    """

    recent: tuple[Run, ...]
    failures: tuple[Outcome, ...]
    hour: Series
    day: Series
    spent: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What an earlier process left of a check, oldest first; as `Past`, without what was said and without phases."""

    recent: Sequence[Run] = ()
    failures: Sequence[Outcome] = ()
    hour: Sequence[SlotSums] = ()
    day: Sequence[SlotSums] = ()
    spent: tuple[int, int] | None = None


class History:
    """The history of a check as it grows."""

    __slots__ = ("_day", "_failures", "_hour", "_recent", "_spent")

    def __init__(self) -> None:
        self._recent: deque[Run] = deque(maxlen=RECENT_RUNS)
        self._failures: deque[Outcome] = deque(maxlen=KEPT_FAILURES)
        self._hour, self._day = Slots(*HOUR), Slots(*DAY)
        self._spent: tuple[int, int] | None = None

    def add_run(self, outcome: Outcome, grade: Grade) -> None:
        """Add a run. One that says nothing of the vendor is no part of the hour and the day."""
        self._recent.append(Run.of(outcome, grade))
        if not outcome.ok:
            self._failures.append(outcome)
        if outcome.cost_nano_usd is not None:
            self._add_spending(int(outcome.started_at // SECONDS_PER_DAY), outcome.cost_nano_usd)
        if grade is Grade.VOID:
            return
        timing = outcome.timing
        duration, first_token = (timing.duration, timing.first_token) if outcome.ok else (None, None)
        for slots in (self._hour, self._day):
            slots.drop_after(outcome.started_at + timing.duration)
            slots.add(outcome.started_at, grade, duration, first_token)

    def prepend(self, earlier: Earlier) -> None:
        """Put before all that is known what an earlier process left. Once, and only what was before."""
        self._recent = deque((*earlier.recent, *self._recent), maxlen=RECENT_RUNS)
        told = {failure.started_at for failure in self._failures}
        before = [each for each in earlier.failures if each.started_at not in told]
        self._failures = deque((*before, *self._failures), maxlen=KEPT_FAILURES)
        for slots, kept in ((self._hour, earlier.hour), (self._day, earlier.day)):
            for slot in kept:
                slots.add_slot(slot)
        if earlier.spent is not None and (self._spent is None or self._spent[0] == earlier.spent[0]):
            self._add_spending(*earlier.spent)

    def restore_last(self, last: Outcome) -> None:
        """Restore the last run of an earlier process; it does not count as a run of this one."""
        if not last.ok:
            self._failures.append(last)

    def freeze(self) -> Past:
        """Return a copy that does not change; this takes a few microseconds."""
        return Past(
            recent=tuple(self._recent),
            failures=tuple(self._failures),
            hour=self._hour.freeze(),
            day=self._day.freeze(),
            spent=self._spent,
        )

    @property
    def spent(self) -> tuple[int, int] | None:
        """See `Past.spent`."""
        return self._spent

    def _add_spending(self, day: int, nano_usd: int) -> None:
        before = self._spent[1] if self._spent and self._spent[0] == day else 0
        self._spent = (day, before + nano_usd)
