"""How the file is opened."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from exporter.core.health_state import Grade
from exporter.store.damage import DamagedError, NewerError
from exporter.store.tables import GRADES, VERSION, connect


def test_a_file_is_made_and_opened_again(tmp_path: Path) -> None:
    for _ in range(2):
        connection = connect(tmp_path / "state.db")
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,), "a commit is on the disk"
        connection.close()


def test_a_damaged_page_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    connection = connect(path)
    connection.executemany("INSERT INTO states VALUES (?, 'x', 0, 0, NULL, NULL)", [(f"{n}" * 50,) for n in range(500)])
    connection.close()
    content = bytearray(path.read_bytes())
    content[-4096:] = b"\xff" * 4096
    path.write_bytes(content)
    with pytest.raises(DamagedError):
        connect(path)


FIRST = """
CREATE TABLE outcomes (
    at REAL NOT NULL, name INTEGER NOT NULL, reason TEXT NOT NULL, latency REAL, first_token REAL,
    input INTEGER NOT NULL, output INTEGER NOT NULL, cost INTEGER
);
CREATE TABLE states (check_id TEXT PRIMARY KEY, health TEXT NOT NULL, started REAL NOT NULL, charge INTEGER);
PRAGMA user_version = 1;
"""
"""What differed in the first version."""


def test_a_file_of_the_first_version_is_taken_over(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "state.db")) as old:
        old.executescript(FIRST)
        reasons = ("ok", "rate_limited", "dns", "internal")
        old.executemany("INSERT INTO outcomes VALUES (1, 1, ?, 0.5, NULL, 0, 0, 7)", [(each,) for each in reasons])
        old.execute("INSERT INTO states VALUES ('a', '{}', 2, 3)")
        old.commit()
    connection = connect(tmp_path / "state.db")
    grades = connection.execute("SELECT grade, duration, fault, cost FROM outcomes ORDER BY rowid").fetchall()
    assert grades == [(GRADES.index(each), None, None, 7) for each in (Grade.CLEAN, Grade.SOFT, Grade.HARD, Grade.VOID)]
    assert connection.execute("SELECT * FROM states").fetchall() == [("a", "{}", 2.0, 3, None, None)]
    assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
    connection.close()


def test_a_file_of_the_second_version_knows_what_it_has(tmp_path: Path) -> None:
    old = connect(tmp_path / "state.db")
    for table in ("hours", "latencies", "kept"):
        old.execute(f"DROP TABLE {table}")
    old.executemany("INSERT INTO outcomes VALUES (?, 1, 'ok', 1, 1, 1, 1, 5, 0, NULL, NULL)", [(7.0,), (5.0,)])
    old.execute("PRAGMA user_version = 2")
    old.close()
    connection = connect(tmp_path / "state.db", now=9.0)
    assert dict(connection.execute("SELECT what, since FROM kept")) == {"runs": 5.0, "sums": 5.0}
    assert connection.execute("SELECT COUNT(*) FROM hours").fetchone() == (0,)
    connection.close()


def test_a_later_version_is_seen(tmp_path: Path) -> None:
    connection = connect(tmp_path / "state.db")
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    with pytest.raises(NewerError):
        connect(tmp_path / "state.db")
