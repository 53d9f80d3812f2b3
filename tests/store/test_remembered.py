"""What an earlier process left."""

from exporter.health import Grade, Health, State
from exporter.store.remembered import remembered, written_health
from exporter.store.tables import connect

HEALTH = Health(state=State.UP, since=1.5, recent=(Grade.CLEAN,), last_run_at=9.0)


def test_the_ledger_knows_more_of_starts_than_the_states() -> None:
    connection = connect(None)
    rows = [("a", written_health(HEALTH), 100.0, None), ("b", written_health(HEALTH), 100.0, 7)]
    connection.executemany("INSERT INTO states VALUES (?, ?, ?, ?)", rows)
    connection.execute("INSERT INTO ledger VALUES (5, 130.0, 'a', 'p', 0, 1, NULL)")
    connection.execute("INSERT INTO ledger VALUES (6, 90.0, 'b', 'p', 0, 1, NULL)")
    connection.execute("INSERT INTO ledger VALUES (7, 140.0, 'c', 'p', 0, 1, NULL)")
    found = remembered(connection)
    assert found.started == {"a": 130.0, "b": 100.0, "c": 140.0}
    assert (found.health, found.charges, found.next_id) == ({"a": HEALTH, "b": HEALTH}, {"b": 7}, 8)


def test_words_of_a_later_version_are_no_trouble() -> None:
    connection = connect(None)
    connection.execute("INSERT INTO states VALUES ('a', ?, 1.0, NULL)", ('{"state": "sleeping", "since": 1}',))
    assert remembered(connection).health == {"a": Health()}
