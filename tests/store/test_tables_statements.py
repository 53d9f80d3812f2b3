"""Many rows in one statement."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from exporter.store.tables import SIZES, Statement, split_rows

INSERT = Statement("INSERT INTO t VALUES", 2)


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE t (a, b)")
        yield connection


@pytest.mark.parametrize("count", [0, 1, 7, 8, 63, 64, 65, 1000])
def test_all_rows_are_written_in_their_order(connection: sqlite3.Connection, count: int) -> None:
    rows = [(number, f"{number}") for number in range(count)]
    INSERT.write(connection, rows)
    assert connection.execute("SELECT a, b FROM t ORDER BY rowid").fetchall() == rows


def test_rows_go_in_few_parts() -> None:
    found = [len(part) for part in split_rows((number,) for number in range(100))]
    assert sum(found) == 100
    assert set(found) <= set(SIZES)
    assert len(found) == 1 + 4 + 4


def test_what_stands_before_and_after(connection: sqlite3.Connection) -> None:
    INSERT.write(connection, [(number, "x") for number in range(9)])
    Statement("UPDATE t SET b = column2 FROM (VALUES", 2, ") WHERE a = column1").write(connection, [(3, "y"), (5, "z")])
    assert connection.execute("SELECT a, b FROM t WHERE b != 'x'").fetchall() == [(3, "y"), (5, "z")]
