"""What is written of a check and of a run."""

import sqlite3

import pytest

from exporter.core.health_state import Grade
from exporter.core.outcome import Fault, Flag, Outcome
from exporter.store.rows import (
    EXPIRED,
    FORGOTTEN,
    NAME,
    RUN,
    STATE,
    make_expired_row,
    make_name_row,
    make_run_row,
    make_state_row,
)
from exporter.store.tables import GRADES
from tests.metrics.make import answered, check, failed, seen
from tests.store.conftest import Fresh

COLUMNS = "reason, latency, duration, first_token, input, output, grade, fault"


def written(connection: sqlite3.Connection, *outcomes: Outcome) -> sqlite3.Connection:
    NAME.write(connection, [make_name_row(check())])
    RUN.write(connection, [make_run_row(check(), each) for each in outcomes])
    STATE.write(connection, [make_state_row(seen(check(), each), 7) for each in outcomes])
    return connection


@pytest.mark.parametrize(
    ("outcome", "row"),
    [
        pytest.param(answered(), ("ok", 0.75, None, 0.3, 12, 17, Grade.CLEAN, None), id="a success"),
        pytest.param(
            answered(flags=frozenset({Flag.CACHED})), ("ok", None, 0.75, None, 12, 17, Grade.CLEAN, None), id="cached"
        ),
        pytest.param(failed(), ("server_error", None, 0.25, None, 0, 0, Grade.HARD, None), id="a failure"),
        pytest.param(
            failed(fault=Fault.GATEWAY),
            ("server_error", None, 0.25, None, 0, 0, Grade.HARD, "gateway"),
            id="a gateway's",
        ),
    ],
)
def test_a_run(outcome: Outcome, row: tuple[object, ...], fresh: Fresh) -> None:
    (found,) = written(fresh(), outcome).execute(f"SELECT {COLUMNS} FROM outcomes").fetchall()
    assert (*found[:6], GRADES[found[6]], found[7]) == row


def test_a_check_has_one_row_and_its_last_alias(fresh: Fresh) -> None:
    connection = written(fresh())
    NAME.write(connection, [make_name_row(check(alias="best")), make_name_row(check(probe="canary"))])
    rows = connection.execute("SELECT check_id, alias FROM names ORDER BY key").fetchall()
    assert rows == [("openai/gpt-4o/chat", "best"), ("openai/gpt-4o/canary", "gpt-4o")]


def test_how_a_check_stands(fresh: Fresh) -> None:
    connection = written(fresh(), answered())
    before = connection.execute("SELECT health, charge FROM states").fetchone()
    EXPIRED.write(connection, [make_expired_row(check(), seen(check(), failed()).before)])
    after = connection.execute("SELECT health, charge FROM states").fetchone()
    assert before[0] != after[0]
    assert after[1] == 7
    FORGOTTEN.write(connection, [(check().id,)])
    assert connection.execute("SELECT COUNT(*) FROM states").fetchone() == (0,)
