"""Rows as they are written: of checks, of their states, and of runs."""

import sqlite3
from collections.abc import Iterable

from exporter.health import Health, grade
from exporter.metrics.samples import taken
from exporter.outcome import Outcome
from exporter.sink import Observation
from exporter.store import kept_outcome
from exporter.store.remembered import written_health
from exporter.store.tables import GRADES
from exporter.target import Check

Name = tuple[str, str, str, str, str]
"""The id of a check, its provider, model and probe, and its alias."""

NAME = """
    INSERT INTO names (check_id, provider, model, probe, alias) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET alias = excluded.alias
    """

STATE = """
    INSERT INTO states (check_id, health, started, charge, last, succeeded) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET health = excluded.health, started = excluded.started, charge = excluded.charge,
    last = excluded.last, succeeded = COALESCE(excluded.succeeded, succeeded)
    """

RUN = """
    INSERT INTO outcomes (at, name, reason, latency, first_token, input, output, cost, grade, duration, fault)
    SELECT ?, key, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM names WHERE check_id = ?
    """


def name(check: Check) -> Name:
    """The row of a check."""
    target = check.target
    return check.id, target.provider.name, target.model, check.probe, target.alias or target.model


def declare(connection: sqlite3.Connection, names: Iterable[Name]) -> None:
    """Write the rows of checks."""
    connection.executemany(NAME, names)


def observe(connection: sqlite3.Connection, seen: Observation, charge: int | None) -> None:
    """Write a run, and how its check stands after it; `charge` is what one is charged on average."""
    check, outcome = seen.check, seen.outcome
    connection.execute(RUN, _run(check, outcome))
    succeeded = outcome.started_at + outcome.timing.duration if outcome.ok else None
    last = kept_outcome.written(outcome)
    connection.execute(STATE, (check.id, written_health(seen.after), outcome.started_at, charge, last, succeeded))


def expire(connection: sqlite3.Connection, check: Check, health: Health) -> None:
    """A check that did not run stands otherwise now."""
    connection.execute("UPDATE states SET health = ? WHERE check_id = ?", (written_health(health), check.id))


def forget(connection: sqlite3.Connection, check: Check) -> None:
    """Nobody asks any more how a check stands."""
    connection.execute("DELETE FROM states WHERE check_id = ?", (check.id,))


def _run(check: Check, outcome: Outcome) -> tuple[object, ...]:
    """What report and history need of a run. A latency is kept only where the histograms count it: so both agree."""
    figures = dict(taken(outcome))
    latency = figures.get("ai_api_request_duration_seconds")
    tokens = outcome.tokens
    return (
        outcome.started_at,
        outcome.reason.value,
        latency,
        figures.get("ai_api_time_to_first_token_seconds"),
        tokens.input if tokens else 0,
        tokens.output if tokens else 0,
        outcome.cost_nano_usd,
        GRADES.index(grade(check, outcome)),
        outcome.timing.duration if latency is None else None,
        outcome.whose if outcome.fault is not None else None,
        check.id,
    )
