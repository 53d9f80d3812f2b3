"""Rows as they are written: of checks, of their states, and of runs; those of the ledger stand in books.py."""

from exporter.core.health_state import Health
from exporter.core.outcome import MOST_OF_A_RUN, Outcome
from exporter.core.sink import Observation
from exporter.core.target import Check
from exporter.health.states import grade_run
from exporter.results.latency_samples import taken
from exporter.store import outcome_text as kept_outcome
from exporter.store.ledger_mirror import ENTRY
from exporter.store.startup_state import write_health
from exporter.store.tables import GRADES, Row, Statement

NAME = Statement(
    "INSERT INTO names (check_id, provider, model, probe, alias) VALUES",
    5,
    "ON CONFLICT DO UPDATE SET alias = excluded.alias",
)
SETTLED = Statement("UPDATE ledger SET settled = column2 FROM (VALUES", 2, ") WHERE id = column1")
RUN = Statement(
    """
    INSERT INTO outcomes (at, reason, latency, first_token, input, output, cost, grade, duration, fault, name)
    SELECT column1, column2, column3, column4, column5, column6, column7, column8, column9, column10, key FROM (VALUES
    """,
    11,
    ") CROSS JOIN names ON check_id = column11",
)
EXPIRED = Statement("UPDATE states SET health = column2 FROM (VALUES", 2, ") WHERE check_id = column1")
STATE = Statement(
    "INSERT INTO states (check_id, health, started, charge, last, succeeded) VALUES",
    6,
    """
    ON CONFLICT DO UPDATE SET health = excluded.health, started = excluded.started, charge = excluded.charge,
    last = excluded.last, succeeded = COALESCE(excluded.succeeded, succeeded)
    """,
)
FORGOTTEN = Statement("DELETE FROM states WHERE check_id IN (VALUES", 1, ")")

ORDER = (NAME, ENTRY, SETTLED, RUN, EXPIRED, STATE, FORGOTTEN)
"""The order in which rows that were put together are written."""


def make_name_row(check: Check) -> Row:
    """Make the row with the id of a check, its provider, model and probe, and its alias."""
    target = check.target
    return check.id, target.provider.name, target.model, check.probe, target.alias or target.model


def make_state_row(seen: Observation, charge: int | None) -> Row:
    """How a check stands after a run; `charge` is what one is charged on average."""
    outcome = seen.outcome
    succeeded = outcome.started_at + outcome.timing.duration if outcome.ok else None
    last = kept_outcome.write_outcome(outcome)
    return seen.check.id, write_health(seen.after), outcome.started_at, charge, last, succeeded


def make_expired_row(check: Check, health: Health) -> Row:
    """Make the row of a check that has not run for too long."""
    return check.id, write_health(health)


def make_run_row(check: Check, outcome: Outcome) -> Row:
    """Make the row that report and history need. Its latency is set only if the histograms count it."""
    figures = dict(taken(outcome))
    latency = figures.get("ai_api_request_duration_seconds")
    tokens = outcome.tokens
    return (
        outcome.started_at,
        outcome.reason.value,
        latency,
        figures.get("ai_api_time_to_first_token_seconds"),
        min(tokens.input, MOST_OF_A_RUN) if tokens else 0,
        min(tokens.output, MOST_OF_A_RUN) if tokens else 0,
        None if outcome.cost_nano_usd is None else min(outcome.cost_nano_usd, MOST_OF_A_RUN),
        GRADES.index(grade_run(check, outcome)),
        outcome.timing.duration if latency is None else None,
        outcome.blamed if outcome.fault is not None else None,
        check.id,
    )
