"""What goes and what stays."""

import sqlite3

from exporter.store.housekeeping import IN_MEMORY, SLICE, Room, clean_slice
from exporter.store.startup_state import read_startup_state
from tests.store.conftest import Fresh

NOW = 1_795_435_200.0
DAY = 86_400.0
SUMS = "SELECT SUM(requests), SUM(latency), SUM(latencies), SUM(first_token), SUM(input), SUM(output), SUM(cost) FROM "
ALIKE = f"{SUMS} hours"
ONE_BY_ONE = f"""{SUMS} (
    SELECT 1 AS requests, COALESCE(latency, 0) AS latency, latency IS NOT NULL AS latencies,
        COALESCE(first_token, 0) AS first_token, input, output, cost FROM outcomes)"""


def filled(connection: sqlite3.Connection, outcomes: int) -> sqlite3.Connection:
    """One outcome and one entry of 100 per hour until now, the newest written last."""
    for hour in reversed(range(outcomes)):
        at = NOW - hour * 3600
        reason, latency = ("ok", 1.0 + hour % 7) if hour % 3 else ("auth", None)
        cost = None if hour % 2 else 5
        row = (at, hour % 2, reason, latency, latency, 10, 2, cost)
        connection.execute("INSERT INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, NULL, NULL)", row)
        connection.execute("INSERT INTO ledger VALUES (NULL, ?, 'a/m/chat', 'a', ?, 100, NULL)", (at, hour % 2))
    return connection


def tidied(connection: sqlite3.Connection, now: float, retention: float, room: Room = IN_MEMORY) -> int:
    """All slices; how many there were."""
    slices = 1
    while clean_slice(connection, now, retention, room):
        slices += 1
    return slices


def count(connection: sqlite3.Connection, table: str) -> int:
    (found,) = connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()
    return int(found)


def since(connection: sqlite3.Connection, what: str) -> float:
    (found,) = connection.execute("SELECT since FROM kept WHERE what = ?", (what,)).fetchone()
    return float(found)


def test_old_entries_become_sums_and_no_money_is_lost(fresh: Fresh) -> None:
    connection = filled(fresh(), 48)
    before = sum(entry.amount for entry in read_startup_state(connection).entries)
    for _ in range(2):
        tidied(connection, NOW, 7 * DAY)
    after = read_startup_state(connection).entries
    assert (count(connection, "ledger"), count(connection, "spent")) == (2, 46)
    assert sum(entry.amount for entry in after) == before == 4800
    assert sum(entry.amount for entry in after if entry.demand) == 2400
    assert all(0 <= (NOW - entry.at) < 48 * 3600 + 900 for entry in after)


def test_entries_of_one_quarter_are_added(fresh: Fresh) -> None:
    connection = fresh()
    for settled in (None, 40, 0):
        connection.execute("INSERT INTO ledger VALUES (NULL, ?, 'a/m/chat', 'a', 0, 100, ?)", (NOW - 5000, settled))
        tidied(connection, NOW, DAY)
    assert [entry.amount for entry in read_startup_state(connection).entries] == [140]


def test_outcomes_go_after_the_retention(fresh: Fresh) -> None:
    connection = filled(fresh(), 48)
    tidied(connection, NOW + 1800, DAY)
    assert count(connection, "outcomes") == 25, "by full hours"
    assert (since(connection, "runs"), since(connection, "sums")) == (NOW - DAY, NOW - DAY)


def test_outcomes_for_which_there_is_no_room_become_sums_and_nothing_is_lost(fresh: Fresh) -> None:
    connection = filled(fresh(), 100)
    before = connection.execute(ONE_BY_ONE).fetchone()
    tidied(connection, NOW, 365 * DAY, Room(runs=30, size=IN_MEMORY.size))
    assert count(connection, "outcomes") == 30
    after = [connection.execute(words).fetchone() for words in (ALIKE, ONE_BY_ONE)]
    assert [sum(column) for column in zip(*after, strict=True)] == list(before)
    assert since(connection, "runs") == NOW - 30 * 3600
    latencies = "SELECT SUM(runs) FROM latencies"
    assert connection.execute(latencies).fetchone() == connection.execute("SELECT SUM(latencies) FROM hours").fetchone()


def test_sums_of_one_hour_are_added(fresh: Fresh) -> None:
    connection = fresh()
    for cost in (None, 5, None, 6, 7):
        connection.execute("INSERT INTO outcomes VALUES (?, 1, 'ok', 1, NULL, 1, 1, ?, 0, NULL, NULL)", (NOW, cost))
        tidied(connection, NOW, DAY, Room(runs=1, size=IN_MEMORY.size))
    found = connection.execute("SELECT requests, latency, latencies, first_tokens, cost FROM hours").fetchall()
    assert found == [(4, 4.0, 4, 0, 11)]
    assert connection.execute("SELECT bucket, runs FROM latencies").fetchall() == [(176, 4)]


def test_a_cost_that_nobody_knows_is_not_nothing(fresh: Fresh) -> None:
    connection = fresh()
    for _ in range(3):
        connection.execute("INSERT INTO outcomes VALUES (?, 1, 'ok', 1, 1, 1, 1, NULL, 0, NULL, NULL)", (NOW,))
        tidied(connection, NOW, DAY, Room(runs=1, size=IN_MEMORY.size))
    assert connection.execute("SELECT requests, cost FROM hours").fetchall() == [(2, None)]


def test_sums_go_after_the_retention(fresh: Fresh) -> None:
    connection = filled(fresh(), 100)
    room = Room(runs=10, size=IN_MEMORY.size)
    tidied(connection, NOW, 365 * DAY, room)
    assert count(connection, "hours") == 90
    tidied(connection, NOW, 2 * DAY, room)
    assert count(connection, "hours") == 39
    assert since(connection, "sums") == NOW - 2 * DAY


def test_the_oldest_sums_go_where_the_file_is_too_large(fresh: Fresh) -> None:
    connection = filled(fresh(), 100)
    tidied(connection, NOW, 365 * DAY, Room(runs=10, size=IN_MEMORY.size))
    clean_slice(connection, NOW, 365 * DAY, Room(runs=10, size=0))
    assert count(connection, "hours") == 89
    assert since(connection, "sums") == NOW - 98 * 3600, "the hour after the oldest"


def test_much_goes_in_slices(fresh: Fresh) -> None:
    connection = filled(fresh(), 3 * SLICE)
    assert tidied(connection, NOW, DAY * 365, Room(runs=10, size=IN_MEMORY.size)) > 2
    assert (count(connection, "outcomes"), count(connection, "ledger")) == (10, 2)


def test_sums_of_money_go_after_two_months(fresh: Fresh) -> None:
    connection = filled(fresh(), 1)
    tidied(connection, NOW + 2 * 3600, DAY)
    assert count(connection, "spent") == 1
    tidied(connection, NOW + 64 * DAY, DAY)
    assert count(connection, "spent") == 0
