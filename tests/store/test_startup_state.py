"""What an earlier process left."""

import pytest

from exporter.core.health_state import Grade, Health, State
from exporter.core.sink import RestoredState
from exporter.store.startup_state import read_startup_state, write_health
from tests.store.conftest import Fresh

HEALTH = Health(state=State.UP, since=1.5, recent=(Grade.CLEAN,), last_run_at=9.0)


def test_the_ledger_knows_more_of_starts_than_the_states(fresh: Fresh) -> None:
    connection = fresh()
    rows = [("a", write_health(HEALTH), 100.0, None), ("b", write_health(HEALTH), 100.0, 7)]
    connection.executemany("INSERT INTO states (check_id, health, started, charge) VALUES (?, ?, ?, ?)", rows)
    connection.execute("INSERT INTO ledger VALUES (5, 130.0, 'a', 'p', 0, 1, NULL)")
    connection.execute("INSERT INTO ledger VALUES (6, 90.0, 'b', 'p', 0, 1, NULL)")
    connection.execute("INSERT INTO ledger VALUES (7, 140.0, 'c', 'p', 0, 1, NULL)")
    found = read_startup_state(connection)
    assert found.started == {"a": 130.0, "b": 100.0, "c": 140.0}
    assert (found.checks, found.charges, found.next_id) == (
        dict.fromkeys("ab", RestoredState(health=HEALTH)),
        {"b": 7},
        8,
    )


@pytest.mark.parametrize("health", ['{"state": "sleeping", "since": 1}', "[]", "{}", "half"])
def test_words_of_a_later_version_are_no_trouble(health: str, fresh: Fresh) -> None:
    connection = fresh()
    words = (health, b'{"reason": "asleep"}')
    connection.execute("INSERT INTO states VALUES ('a', ?, 1.0, NULL, ?, 3.0)", words)
    assert read_startup_state(connection).checks == {"a": RestoredState(health=Health(), succeeded=3.0)}
