"""What keeps the file small: old outcomes go, old entries of the ledger become sums."""

import sqlite3

from exporter.store.tables import QUARTER

ENTRIES_FOR = 3600.0
"""Seconds for which every entry of the ledger is kept by itself."""

SUMS_FOR = 63 * 86_400.0
"""Seconds for which sums are kept: a month and the one before it, in any zone."""

MOST_OUTCOMES = 4_000_000
"""Outcomes that are kept at most, about 300 MB; the oldest go first."""

MOST_IN_MEMORY = 100_000
"""The same where there is no state directory."""

AT_ONCE = 20_000
"""Outcomes that go in one pass, so that nobody waits long for the writer."""


def tidy(connection: sqlite3.Connection, now: float, retention: float, most: int = MOST_OUTCOMES) -> None:
    """One pass; within a transaction of the caller's."""
    _sum_up(connection, now - ENTRIES_FOR)
    connection.execute("DELETE FROM spent WHERE quarter < ?", ((now - SUMS_FOR) // QUARTER,))
    connection.execute(
        "DELETE FROM outcomes WHERE rowid IN (SELECT rowid FROM outcomes WHERE at < ? ORDER BY at LIMIT ?)",
        (now - retention, AT_ONCE),
    )
    first, last = connection.execute("SELECT MIN(rowid), MAX(rowid) FROM outcomes").fetchone()
    if first is not None and last - first >= most:
        connection.execute("DELETE FROM outcomes WHERE rowid <= ?", (min(last - most, first + AT_ONCE),))


def _sum_up(connection: sqlite3.Connection, before: float) -> None:
    connection.execute(
        """
        INSERT INTO spent (quarter, provider, demand, amount)
        SELECT CAST(at / ? AS INTEGER), provider, demand, SUM(COALESCE(settled, reserved)) FROM ledger
        WHERE at < ? GROUP BY 1, 2, 3
        ON CONFLICT DO UPDATE SET amount = amount + excluded.amount
        """,
        (QUARTER, before),
    )
    connection.execute("DELETE FROM ledger WHERE at < ?", (before,))
