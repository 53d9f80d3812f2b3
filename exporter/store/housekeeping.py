"""What keeps the file small: old entries of the ledger become sums, so do outcomes beyond a number, and old ones go.

All of it in slices of a few milliseconds, in SQL, so that neither the event loop nor a reservation waits for long.
"""

import sqlite3
from dataclasses import dataclass

from exporter.money.ledger import QUARTER
from exporter.store.buckets import bucket_expression
from exporter.store.ledger_mirror import SUMS_FOR
from exporter.store.tables import ADD_HOUR, ADD_LATENCY, HOUR

ENTRIES_FOR = 3600.0
"""Seconds for which every entry of the ledger is kept by itself."""

SLICE = 500
"""Rows of a table that go in one slice."""

SUMS_SLICE = 4000
"""The same of tables of sums, whose rows go without being looked at."""


@dataclass(frozen=True, slots=True)
class Room:
    """How much is kept: `runs` one by one, about 65 bytes each, and `size` bytes of all that is in the file."""

    runs: int
    size: int


ON_DISK = Room(runs=2_000_000, size=400_000_000)
IN_MEMORY = Room(runs=100_000, size=64_000_000)


def clean_slice(connection: sqlite3.Connection, now: float, retention: float, room: Room) -> bool:
    """Do one slice, within a transaction of the caller's; whether there is more to do.

    `retention` is for how many seconds outcomes are kept; full hours go.
    """
    before = (now - retention) // HOUR * HOUR
    more = [
        _sum_up_ledger(connection, now - ENTRIES_FOR),
        _drop_runs(connection, before),
        _sum_up_runs(connection, room.runs),
        _drop_sums(connection, _find_first_hour(connection, before, room.size)),
    ]
    connection.execute("DELETE FROM spent WHERE quarter < ?", ((now - SUMS_FOR) // QUARTER,))
    return any(more)


def _sum_up_ledger(connection: sqlite3.Connection, before: float) -> bool:
    (first,) = connection.execute("SELECT MIN(id) FROM ledger").fetchone()
    if first is None:
        return False
    rows = {"before": before, "last": first + SLICE - 1, "quarter": QUARTER}
    connection.execute(
        """
        INSERT INTO spent (quarter, provider, demand, amount)
        SELECT CAST(at / :quarter AS INTEGER), provider, demand, SUM(COALESCE(settled, reserved)) FROM ledger
        WHERE at < :before AND id <= :last GROUP BY 1, 2, 3
        ON CONFLICT DO UPDATE SET amount = amount + excluded.amount
        """,
        rows,
    )
    gone = connection.execute("DELETE FROM ledger WHERE at < :before AND id <= :last", rows)
    return gone.rowcount == SLICE


def _drop_runs(connection: sqlite3.Connection, before: float) -> bool:
    gone = connection.execute(
        "DELETE FROM outcomes WHERE rowid IN (SELECT rowid FROM outcomes WHERE at < ? ORDER BY at LIMIT ?)",
        (before, SLICE),
    )
    _set_known_since(connection, "runs", before)
    return gone.rowcount == SLICE


def _sum_up_runs(connection: sqlite3.Connection, most: int) -> bool:
    """Add the oldest runs over the limit to the sums of their hours."""
    first, last = connection.execute(
        "SELECT (SELECT MIN(rowid) FROM outcomes), (SELECT MAX(rowid) FROM outcomes)"
    ).fetchone()
    excess = 0 if first is None else last - first + 1 - most
    if excess <= 0:
        return False
    upto = (first + min(excess, SLICE) - 1,)
    (latest,) = connection.execute("SELECT MAX(+at) FROM outcomes WHERE rowid <= ?", upto).fetchone()
    connection.execute(_HOURS, upto)
    connection.execute(_LATENCIES, upto)
    connection.execute("DELETE FROM outcomes WHERE rowid <= ?", upto)
    _set_known_since(connection, "runs", latest)
    return excess > SLICE


_HOURS = f"""
    INSERT INTO hours
    SELECT CAST(at / {HOUR} AS INTEGER), name, reason, COUNT(*), TOTAL(latency), COUNT(latency), TOTAL(first_token),
        COUNT(first_token), SUM(input), SUM(output), SUM(cost)
    FROM outcomes WHERE rowid <= ? GROUP BY 1, 2, 3
    {ADD_HOUR}
    """

_LATENCIES = f"""
    INSERT INTO latencies
    SELECT CAST(at / {HOUR} AS INTEGER), name, {bucket_expression("latency")}, COUNT(*)
    FROM outcomes WHERE rowid <= ? AND latency IS NOT NULL GROUP BY 1, 2, 3
    {ADD_LATENCY}
    """


def _find_first_hour(connection: sqlite3.Connection, before: float, size: int) -> int:
    """Find the first hour whose sums stay: by age, or the one after the oldest if the file is too large."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    (page,) = connection.execute("PRAGMA page_size").fetchone()
    (oldest,) = connection.execute("SELECT MIN(hour) FROM hours").fetchone()
    aged = int(before // HOUR)
    return aged if oldest is None or (pages - free) * page <= size else max(aged, oldest + 1)


def _drop_sums(connection: sqlite3.Connection, before: int) -> bool:
    rows = (before, SUMS_SLICE)
    gone = [
        connection.execute(
            f"DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE hour < ? LIMIT ?)", rows
        )
        for table, key in (("latencies", "hour, name, bucket"), ("hours", "hour, name, reason"))
    ]
    _set_known_since(connection, "sums", before * HOUR)
    return any(each.rowcount == SUMS_SLICE for each in gone)


def _set_known_since(connection: sqlite3.Connection, what: str, since: float) -> None:
    connection.execute("UPDATE kept SET since = ? WHERE what = ? AND since < ?", (since, what, since))
