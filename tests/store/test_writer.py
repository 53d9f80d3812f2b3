"""The thread that writes: together, in order, and again where a connection fails."""

import sqlite3
import threading

from exporter.clock import SystemClock
from exporter.store.writer import Job, Writer, statement

INSERT = "INSERT INTO t VALUES (?)"


def table() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.execute("CREATE TABLE t (x)")
    return connection


def never(error: Exception) -> sqlite3.Connection:
    raise AssertionError(error)


def test_jobs_are_written_in_order_and_the_last_of_them_before_the_end() -> None:
    connection, seen = table(), []
    writer = Writer(connection, never, SystemClock())
    for number in range(100):
        writer.put(Job(statement(INSERT, (number,))))
    writer.put(Job(lambda of: seen.extend(of.execute("SELECT x FROM t").fetchall())))
    writer.stop()
    assert seen == [(number,) for number in range(100)]


def test_one_who_waits_is_told_after_the_commit() -> None:
    connection, told, inside = table(), threading.Event(), []
    writer = Writer(connection, never, SystemClock())

    def done() -> None:
        inside.append(connection.in_transaction)
        told.set()

    writer.put(Job(statement(INSERT, (1,))))
    writer.put(Job(statement(INSERT, (2,)), done))
    assert told.wait(5)
    assert inside == [False]
    writer.stop()


def test_what_fails_is_written_again_elsewhere() -> None:
    second, errors = table(), []

    def replaced(error: Exception) -> sqlite3.Connection:
        errors.append(error)
        return second

    told = threading.Event()
    first = table()
    first.execute("DROP TABLE t")
    writer = Writer(first, replaced, SystemClock())
    writer.put(Job(statement(INSERT, (1,)), told.set))
    assert told.wait(5)
    assert second.execute("SELECT x FROM t").fetchall() == [(1,)]
    assert [type(error) for error in errors] == [sqlite3.OperationalError]
    writer.stop()


def test_work_that_cannot_be_done_anywhere_holds_nobody_up() -> None:
    told, later = threading.Event(), threading.Event()
    writer = Writer(table(), lambda _: table(), SystemClock())
    writer.put(Job(statement("NONSENSE", ()), told.set))
    assert told.wait(5)
    writer.put(Job(statement(INSERT, (1,)), later.set))
    assert later.wait(5)
    writer.stop()
