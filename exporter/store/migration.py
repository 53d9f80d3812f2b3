"""From memory to a file that can be written again: what runs came to, and how checks stand.

The two number their checks differently, so rows go by the checks' ids.
"""

import sqlite3

from exporter.store.rows import NAME, RUN, STATE
from exporter.store.tables import ADD_HOUR, ADD_LATENCY

_RUNS = """
    SELECT at, reason, latency, first_token, input, output, cost, grade, duration, fault, check_id
    FROM outcomes JOIN names ON key = name ORDER BY outcomes.rowid
    """

_HOURS = """
    SELECT hour, reason, requests, latency, latencies, first_token, first_tokens, input, output, cost, check_id
    FROM hours JOIN names ON key = name
    """

_PUT_HOUR = f"""
    INSERT INTO hours (hour, reason, requests, latency, latencies, first_token, first_tokens, input, output, cost, name)
    SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, key FROM names WHERE check_id = ?
    {ADD_HOUR}
    """

_LATENCIES = "SELECT hour, bucket, runs, check_id FROM latencies JOIN names ON key = name"

_PUT_LATENCY = f"""
    INSERT INTO latencies (hour, bucket, runs, name) SELECT ?, ?, ?, key FROM names WHERE check_id = ?
    {ADD_LATENCY}
    """


def move_rows(memory: sqlite3.Connection, file: sqlite3.Connection) -> None:
    """Add what memory has to the file, within a transaction of the caller's."""
    NAME.write(file, memory.execute("SELECT check_id, provider, model, probe, alias FROM names").fetchall())
    STATE.write(
        file, memory.execute("SELECT check_id, health, started, charge, last, succeeded FROM states").fetchall()
    )
    RUN.write(file, memory.execute(_RUNS).fetchall())
    file.executemany(_PUT_HOUR, memory.execute(_HOURS))
    file.executemany(_PUT_LATENCY, memory.execute(_LATENCIES))
    # A file that was begun just now has what memory has; one that was there has what it had, and a gap nowhere.
    since = dict(memory.execute("SELECT what, since FROM kept"))
    summed = memory.execute("SELECT 1 FROM hours LIMIT 1").fetchone() is not None
    file.execute("UPDATE kept SET since = MIN(since, ?) WHERE what IN ('runs', 'sums')", (since["sums"],))
    if summed:
        file.execute("UPDATE kept SET since = ? WHERE what = 'runs'", (since["runs"],))


def count_stored_runs(memory: sqlite3.Connection) -> int:
    """Count the runs in memory, one by one or summed."""
    (found,) = memory.execute("SELECT (SELECT COUNT(*) FROM outcomes) + (SELECT TOTAL(requests) FROM hours)").fetchone()
    return int(found)


def count_received_runs(memory: sqlite3.Connection) -> int:
    """Count the runs that memory received: they are numbered, and the newest is always there."""
    (found,) = memory.execute("SELECT COALESCE(MAX(rowid), 0) FROM outcomes").fetchone()
    return int(found)
