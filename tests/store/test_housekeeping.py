"""What goes and what stays."""

import sqlite3

from exporter.store.housekeeping import tidy
from exporter.store.remembered import remembered
from exporter.store.tables import connect

NOW = 1_795_435_200.0
DAY = 86_400.0


def filled(outcomes: int = 10) -> sqlite3.Connection:
    """One outcome and one entry of 100 per hour until now."""
    connection = connect(None)
    for hour in range(outcomes):
        at = NOW - hour * 3600
        connection.execute("INSERT INTO outcomes VALUES (?, 1, 'ok', 1.0, 0.5, 1, 1, 5, 0, NULL, NULL)", (at,))
        connection.execute("INSERT INTO ledger VALUES (NULL, ?, 'a/m/chat', 'a', ?, 100, NULL)", (at, hour % 2))
    return connection


def count(connection: sqlite3.Connection, table: str) -> int:
    (found,) = connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()
    return int(found)


def test_old_entries_become_sums_and_no_money_is_lost() -> None:
    connection = filled(48)
    before = sum(entry.amount for entry in remembered(connection).entries)
    for _ in range(2):
        tidy(connection, NOW, 7 * DAY)
    after = remembered(connection).entries
    assert (count(connection, "ledger"), count(connection, "spent")) == (2, 46)
    assert sum(entry.amount for entry in after) == before == 4800
    assert sum(entry.amount for entry in after if entry.demand) == 2400
    assert all(0 <= (NOW - entry.at) < 48 * 3600 + 900 for entry in after)


def test_entries_of_one_quarter_are_added() -> None:
    connection = connect(None)
    for settled in (None, 40, 0):
        connection.execute("INSERT INTO ledger VALUES (NULL, ?, 'a/m/chat', 'a', 0, 100, ?)", (NOW - 5000, settled))
        tidy(connection, NOW, DAY)
    assert [entry.amount for entry in remembered(connection).entries] == [140]


def test_outcomes_go_after_the_retention() -> None:
    connection = filled(48)
    tidy(connection, NOW, DAY)
    assert count(connection, "outcomes") == 25


def test_there_are_never_more_outcomes_than_so_many() -> None:
    connection = filled(100)
    tidy(connection, NOW, 365 * DAY, most=30)
    assert count(connection, "outcomes") == 30


def test_sums_go_after_two_months() -> None:
    connection = filled(1)
    tidy(connection, NOW + 2 * 3600, DAY)
    assert count(connection, "spent") == 1
    tidy(connection, NOW + 64 * DAY, DAY)
    assert count(connection, "spent") == 0
