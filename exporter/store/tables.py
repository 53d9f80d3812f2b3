"""The tables and statements of the store, and how a file that holds them is opened."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from pathlib import Path

from exporter.core.health_state import Grade
from exporter.store.damage import DamagedError, NewerError, check_file, damage_raised

Row = tuple[object, ...]

SIZES = (64, 8, 1)
"""Rows that one statement takes; a few sizes, so that each is understood by SQLite only once."""


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with a list of rows of `columns` values between `before` and `after`."""

    before: str
    columns: int
    after: str = ""

    def write(self, connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
        """Write the rows in their order, within a transaction of the caller's."""
        for part in split_rows(rows):
            connection.execute(_make_sql(self, len(part)), tuple(chain.from_iterable(part)))


def split_rows(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Split the rows into groups of the sizes that have a statement."""
    left = list(rows)
    rest = iter(left)
    for size in SIZES:
        for _ in range(len(left) // size):
            yield list(islice(rest, size))
        left = left[: len(left) % size]


@cache
def _make_sql(statement: Statement, rows: int) -> str:
    row = f"({', '.join('?' * statement.columns)})"
    return f"{statement.before} {', '.join([row] * rows)} {statement.after}"


VERSION = 3

CHECKED = 32 * 1024 * 1024
"""Bytes of a file that is read whole when it is opened, to see whether it is damaged; of a larger one use will tell."""

PATIENCE = 5.0
"""Seconds to wait for another process that has the file locked."""

HOUR = 3600
"""Seconds of the spans that old outcomes are summed in."""

_SUMS = """
CREATE TABLE hours (
    hour INTEGER NOT NULL, name INTEGER NOT NULL, reason TEXT NOT NULL, requests INTEGER NOT NULL,
    latency REAL NOT NULL, latencies INTEGER NOT NULL, first_token REAL NOT NULL, first_tokens INTEGER NOT NULL,
    input INTEGER NOT NULL, output INTEGER NOT NULL, cost INTEGER,
    PRIMARY KEY (hour, name, reason)
) WITHOUT ROWID;
CREATE TABLE latencies (
    hour INTEGER NOT NULL, name INTEGER NOT NULL, bucket INTEGER NOT NULL, runs INTEGER NOT NULL,
    PRIMARY KEY (hour, name, bucket)
) WITHOUT ROWID;
CREATE TABLE kept (what TEXT PRIMARY KEY, since REAL NOT NULL) WITHOUT ROWID;
"""

_SCHEMA = f"""
CREATE TABLE names (
    key INTEGER PRIMARY KEY, check_id TEXT NOT NULL UNIQUE, provider TEXT NOT NULL, model TEXT NOT NULL,
    probe TEXT NOT NULL, alias TEXT NOT NULL
);
CREATE TABLE outcomes (
    at REAL NOT NULL, name INTEGER NOT NULL, reason TEXT NOT NULL, latency REAL, first_token REAL,
    input INTEGER NOT NULL, output INTEGER NOT NULL, cost INTEGER, grade INTEGER NOT NULL DEFAULT 0, duration REAL,
    fault TEXT
);
CREATE INDEX outcomes_by_time ON outcomes (at);
CREATE TABLE states (check_id TEXT PRIMARY KEY, health TEXT NOT NULL, started REAL NOT NULL, charge INTEGER,
    last BLOB, succeeded REAL
);
CREATE TABLE ledger (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, check_id TEXT NOT NULL, provider TEXT NOT NULL, demand INTEGER NOT NULL,
    reserved INTEGER NOT NULL, settled INTEGER
);
CREATE TABLE spent (
    quarter INTEGER NOT NULL, provider TEXT NOT NULL, demand INTEGER NOT NULL, amount INTEGER NOT NULL,
    PRIMARY KEY (quarter, provider, demand)
) WITHOUT ROWID;
{_SUMS}
"""
"""Amounts are nano-dollars, times Unix seconds, lengths seconds.

outcomes.latency is NULL for a run without a latency worth comparing (see the metrics' histograms), and
outcomes.duration where it is the latency; outcomes.grade is a place in `GRADES`, outcomes.fault NULL where the reason
tells it; ledger.settled is NULL until told; entries of the ledger that are older than an hour are summed in spent.

hours has sums of outcomes that are no longer kept one by one, by hour (Unix seconds / 3600), check and reason:
hours.latencies is the number of runs with a latency; latencies has how many of these fell into each bucket (see
buckets.py). kept.since is from when on is kept what kept.what says: `runs` one by one, `sums` at least as sums,
`ledger` what was spent (no row: from the beginning).
"""

ADD_HOUR = """
    ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, latency = latency + excluded.latency,
        latencies = latencies + excluded.latencies, first_token = first_token + excluded.first_token,
        first_tokens = first_tokens + excluded.first_tokens, input = input + excluded.input,
        output = output + excluded.output, cost = COALESCE(cost + excluded.cost, cost, excluded.cost)
    """
"""After an INSERT into hours: where there is a row already, both are added."""

ADD_LATENCY = "ON CONFLICT DO UPDATE SET runs = runs + excluded.runs"
"""The same after one into latencies."""

GRADES = (Grade.CLEAN, Grade.SOFT, Grade.HARD, Grade.VOID)
"""Grades as they are stored, by number: 0 and 1 take no room."""

_FROM_1 = """
ALTER TABLE outcomes ADD COLUMN grade INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outcomes ADD COLUMN duration REAL;
ALTER TABLE outcomes ADD COLUMN fault TEXT;
ALTER TABLE states ADD COLUMN last BLOB;
ALTER TABLE states ADD COLUMN succeeded REAL;
UPDATE outcomes SET grade = CASE reason
    WHEN 'ok' THEN 0 WHEN 'rate_limited' THEN 1 WHEN 'assertion_failed' THEN 1 WHEN 'internal' THEN 3 ELSE 2 END;
"""
"""What makes a file of version 1 one of version 2."""

_EVER_SINCE = frozenset({"names", "outcomes", "states", "ledger", "spent"})
"""Tables of every version: by these a file is known for ours."""

_TABLES = _EVER_SINCE | {"hours", "latencies", "kept"}
"""Tables of this version."""


def connect(path: Path | None, now: float = 0.0) -> sqlite3.Connection:
    """Open the file for writing, making it and its tables if need be; None keeps them in memory.

    `now` (Unix seconds) is when a new one begins. Raises DamagedError, NewerError, sqlite3.Error or OSError.
    """
    with damage_raised():
        if path is not None and path.exists():
            check_file(path)
        connection = sqlite3.connect(
            path or ":memory:", isolation_level=None, check_same_thread=False, timeout=PATIENCE
        )
        try:
            _prepare(connection, path, now)
        except BaseException:
            connection.close()
            raise
        return connection


def read_version(connection: sqlite3.Connection) -> int:
    """Return the version of the tables, 0 where there are none yet. Raises DamagedError where they are not ours."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if version < 0 or (version == 0 and tables) or (version > VERSION and not tables >= _EVER_SINCE):
        raise DamagedError("it is not the store of an exporter, or its version is damaged")
    return int(version)


def check_tables(connection: sqlite3.Connection) -> None:
    """See that the tables are those of this version, and that nothing else acts on them. Raises DamagedError.

    A file can be sound and yet of another program, or have triggers, defaults and constraints that no exporter made.
    Tables and views beside ours are let be.
    """
    found, expected = _objects(connection), _expected()
    if expected.keys() - found.keys():
        raise DamagedError("it is not the store of an exporter, or tables are missing")
    if wrong := sorted(name for name in found if found[name] != expected.get(name)):
        raise DamagedError(f"it has other tables than this version makes: {', '.join(map(repr, wrong))[:100]}")


def _prepare(connection: sqlite3.Connection, path: Path | None, now: float) -> None:
    # A file that comes from elsewhere runs nothing by its defaults or views.
    connection.execute("PRAGMA trusted_schema = OFF")
    version = read_version(connection)
    if version > VERSION:
        raise NewerError
    connection.execute("PRAGMA journal_mode = WAL")
    # Full: a commit is on the disk, so that not even a power cut makes us spend twice.
    connection.execute("PRAGMA synchronous = FULL")
    # What a crowd left in the log of writes is not kept for ever.
    connection.execute(f"PRAGMA journal_size_limit = {CHECKED}")
    if path is not None and version and path.stat().st_size <= CHECKED:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise DamagedError(verdict)
    if version < VERSION:
        _create_tables(connection, version, now)


def _create_tables(connection: sqlite3.Connection, version: int, now: float) -> None:
    """All tables where there are none, what an older version lacked where there are."""
    missing = {0: (_SCHEMA,), 1: (_FROM_1, _SUMS), 2: (_SUMS,)}[version]
    connection.execute("BEGIN IMMEDIATE")
    try:
        for each in "".join(missing).split(";"):
            connection.execute(each)
        first = "(SELECT COALESCE(MIN(at), ?) FROM outcomes)"
        connection.execute(f"INSERT INTO kept VALUES ('runs', {first}), ('sums', {first})", (now, now))
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@cache
def _expected() -> Mapping[str, str]:
    with closing(connect(None)) as fresh:
        return _objects(fresh)


def _objects(connection: sqlite3.Connection) -> dict[str, str]:
    """Return what is defined on our tables, as SQL without white space: that differs where a column was added later."""
    tables = ", ".join(f"'{name}'" for name in sorted(_TABLES))
    rows = connection.execute(f"SELECT name, sql FROM sqlite_master WHERE tbl_name COLLATE NOCASE IN ({tables})")
    return {name: "".join(sql.split()) for name, sql in rows if sql is not None}
