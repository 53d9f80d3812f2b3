"""What was spent, as far as this process knows, beside the file: with it a fresh file goes on where a lost one was.

Amounts are nano-dollars, times Unix seconds. Settled entries are kept as sums by day; what is open is kept by itself,
so that it can still be settled.
"""

import itertools
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from exporter.money.ledger import QUARTER
from exporter.store.tables import Row, Statement

OPEN_FOR = 3600.0
"""Seconds after which an entry that was not settled stays at its reservation."""

SUMS_FOR = 63 * 86_400.0
"""Seconds for which sums are kept: a month and the one before it, in any zone."""


ENTRY = Statement("INSERT INTO ledger (id, at, check_id, provider, demand, reserved) VALUES", 6)


@dataclass(frozen=True, slots=True)
class Entry:
    """An amount (nano-dollars) charged to a provider at a Unix time; `demand` for a run on demand."""

    at: float
    provider: str
    amount: int
    demand: bool


@dataclass(frozen=True, slots=True)
class Reservation:
    """An entry of the ledger as it is made."""

    number: int
    check_id: str
    entry: Entry


def make_ledger_row(reservation: Reservation) -> Row:
    """Make a row of the ledger."""
    told = reservation.entry
    return reservation.number, told.at, reservation.check_id, told.provider, int(told.demand), told.amount


def find_utc_day(at: float) -> float:
    """Default: days begin at midnight UTC."""
    return at - at % 86_400


class LedgerMirror:
    """`day_of` tells when the day of a Unix time began, by the budgets' calendar: at a quarter of an hour."""

    def __init__(self, day_of: Callable[[float], float] = find_utc_day) -> None:
        self._day_of = day_of
        self._sums: defaultdict[tuple[float, str, bool], int] = defaultdict(int)
        self._open: dict[int, Reservation] = {}

    def add(self, entries: Iterable[Entry]) -> None:
        """Add a final amount."""
        for quarter, group in itertools.groupby(entries, key=lambda entry: entry.at // QUARTER):
            day = self._day_of(quarter * QUARTER)
            for entry in group:
                self._sums[day, entry.provider, entry.demand] += entry.amount

    def reserve(self, reservation: Reservation) -> None:
        """Reserve the most that a run under way may cost."""
        for first in list(itertools.islice(self._open.values(), 2)):
            if first.entry.at < reservation.entry.at - OPEN_FOR:
                self.add([self._open.pop(first.number).entry])
        self._open[reservation.number] = reservation

    def settle(self, number: int, amount: int) -> None:
        """Settle an entry at its final amount."""
        if (found := self._open.pop(number, None)) is not None:
            entry = found.entry
            self._sums[self._day_of(entry.at), entry.provider, entry.demand] += amount

    def list_entries(self) -> Iterator[Entry]:
        """All of it; a sum stands at the beginning of its day."""
        for (day, provider, demand), amount in self._sums.items():
            yield Entry(day, provider, amount, demand)
        for each in self._open.values():
            yield each.entry

    def write(self, connection: sqlite3.Connection, now: float) -> None:
        """Make the ledger of a file say what is known here, and nothing else; within a transaction of the caller's."""
        connection.execute("DELETE FROM ledger")
        connection.execute("DELETE FROM spent")
        sums = [
            (int(day // QUARTER), provider, int(demand), amount)
            for (day, provider, demand), amount in self._sums.items()
            if day >= now - SUMS_FOR
        ]
        connection.executemany("INSERT INTO spent (quarter, provider, demand, amount) VALUES (?, ?, ?, ?)", sums)
        ENTRY.write(connection, [make_ledger_row(each) for each in self._open.values()])
