"""From memory to a file: both may number their checks differently, and both may have sums."""

import sqlite3

from exporter.core.outcome import Reason
from exporter.money.amount import to_dollars
from exporter.store.housekeeping import Room, clean_slice
from exporter.store.migration import count_received_runs, count_stored_runs, move_rows
from exporter.store.report_query import Window, make_window_query
from exporter.store.rows import NAME, RUN, STATE, make_name_row, make_run_row, make_state_row
from tests.metrics.make import STARTED, answered, check, failed, seen
from tests.store.conftest import Fresh

NO_ROOM = Room(runs=1, size=1_000_000)
CHECKS = (check("a"), check("b"))


def filled(fresh: Fresh, *order: int, begun: float, summed: bool) -> sqlite3.Connection:
    connection = fresh(begun)
    NAME.write(connection, [make_name_row(CHECKS[each]) for each in order])
    outcomes = [answered(started_at=begun + second, cost_nano_usd=5) for second in range(3)]
    outcomes.append(failed(Reason.DNS, started_at=begun + 3))
    for each in CHECKS:
        RUN.write(connection, [make_run_row(each, outcome) for outcome in outcomes])
        STATE.write(connection, [make_state_row(seen(each, outcome), 7) for outcome in outcomes])
    while summed and clean_slice(connection, begun + 9, 1e9, NO_ROOM):
        pass
    return connection


def read(connection: sqlite3.Connection) -> Window:
    return make_window_query(0, 2 * STARTED)(connection)


def test_runs_and_sums_are_added(fresh: Fresh) -> None:
    for summed in (False, True):
        file = filled(fresh, 0, 1, begun=STARTED - 10_000, summed=summed)
        memory = filled(fresh, 1, 0, begun=STARTED, summed=summed)
        exact = read(memory).exact
        move_rows(memory, file)
        found = read(file)
        assert [(each.model, each.requests, each.errors, each.cost) for each in found.models] == [
            ("a", 8, {"dns": 2}, to_dollars(30)),
            ("b", 8, {"dns": 2}, to_dollars(30)),
        ]
        assert [each.latency_count for each in found.models] == [6, 6]
        in_buckets = file.execute("SELECT TOTAL(runs) FROM latencies").fetchone()
        assert in_buckets == file.execute("SELECT TOTAL(latencies) FROM hours").fetchone()
        assert found.known == STARTED - 10_000
        assert found.exact == (exact if summed else STARTED - 10_000)


def test_states_are_those_of_memory(fresh: Fresh) -> None:
    file, memory = (filled(fresh, 0, 1, begun=begun, summed=False) for begun in (STARTED - 60, STARTED))
    memory.execute("UPDATE states SET succeeded = NULL WHERE check_id = ?", (CHECKS[0].id,))
    move_rows(memory, file)
    rows = file.execute(
        "SELECT started - ?, succeeded - ? FROM states ORDER BY check_id", (STARTED, STARTED)
    ).fetchall()
    assert rows == [(3.0, -60 + 2.75), (3.0, 2.75)], "a success is not forgotten"


def test_what_a_fresh_file_knows_begins_with_memory(fresh: Fresh) -> None:
    file = fresh(STARTED + 50)
    move_rows(filled(fresh, 0, 1, begun=STARTED, summed=False), file)
    assert (read(file).known, read(file).exact) == (STARTED, STARTED)
    assert sum(each.requests for each in read(file).models) == 8


def test_runs_are_counted_whether_summed_or_not(fresh: Fresh) -> None:
    for summed in (False, True):
        memory = filled(fresh, 0, 1, begun=STARTED, summed=summed)
        assert (count_stored_runs(memory), count_received_runs(memory)) == (8, 8)
        memory.execute("DELETE FROM outcomes WHERE rowid < 8")
        memory.execute("DELETE FROM hours")
        assert (count_stored_runs(memory), count_received_runs(memory)) == (1, 8)
    assert (count_stored_runs(fresh()), count_received_runs(fresh())) == (0, 0)
