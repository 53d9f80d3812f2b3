"""What an earlier process left: read once, when the store is opened."""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import orjson

from exporter.core.health_state import Grade, Health, State
from exporter.core.sink import RestoredState
from exporter.money.ledger import QUARTER
from exporter.store import outcome_text as kept_outcome
from exporter.store.ledger_mirror import Entry


@dataclass(frozen=True, slots=True)
class StartupState:
    """What is known from before, by check id.

    `checks` is how each stood, whether that is still true or not; `started` is when the last run began (Unix seconds),
    `charges` what one is charged on average (nano-dollars);
    `entries` is what was charged since two months ago; `next_id` is free for an entry of the ledger. `known` is
    whether there was anything to read, `forgot_at` from when on the entries are complete where they are not.
    """

    checks: Mapping[str, RestoredState] = field(default_factory=dict)
    started: Mapping[str, float] = field(default_factory=dict)
    charges: Mapping[str, int] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    next_id: int = 1
    known: bool = False
    forgot_at: float | None = None


def read_startup_state(connection: sqlite3.Connection) -> StartupState:
    """Read all of it."""
    rows = connection.execute("SELECT check_id, health, last, succeeded, started, charge FROM states").fetchall()
    started = {check_id: at for check_id, *_, at, _ in rows}
    # The ledger is committed before a run begins, its state a moment later: after a crash the ledger knows more.
    for check_id, at in connection.execute("SELECT check_id, MAX(at) FROM ledger WHERE demand = 0 GROUP BY check_id"):
        started[check_id] = max(at, started.get(check_id, at))
    return StartupState(
        checks={
            check_id: RestoredState(
                health=_read_health(health), last=kept_outcome.read_outcome(last), succeeded=succeeded
            )
            for check_id, health, last, succeeded, *_ in rows
        },
        started=started,
        charges={check_id: charge for check_id, *_, charge in rows if charge is not None},
        entries=tuple(_read_entries(connection)),
        next_id=_read_next_id(connection),
        known=True,
        forgot_at=_read_lost_at(connection),
    )


def _read_lost_at(connection: sqlite3.Connection) -> float | None:
    """When a ledger before this one was lost."""
    found = connection.execute("SELECT since FROM kept WHERE what = 'ledger'").fetchone()
    return None if found is None else float(found[0])


def record_lost_ledger(connection: sqlite3.Connection, now: float) -> None:
    """Remember that what was spent until now is not known."""
    connection.execute("INSERT OR REPLACE INTO kept VALUES ('ledger', ?)", (now,))


def _read_next_id(connection: sqlite3.Connection) -> int:
    (last,) = connection.execute("SELECT MAX(id) FROM ledger").fetchone()
    return 1 if last is None else int(last) + 1


def _read_entries(connection: sqlite3.Connection) -> Iterator[Entry]:
    for quarter, provider, demand, amount in connection.execute("SELECT quarter, provider, demand, amount FROM spent"):
        yield Entry(quarter * QUARTER, provider, amount, bool(demand))
    rows = connection.execute("SELECT at, provider, demand, COALESCE(settled, reserved) FROM ledger")
    for at, provider, demand, amount in rows:
        yield Entry(at, provider, amount, bool(demand))


def write_health(health: Health) -> str:
    """Health as it is stored."""
    told = {
        "state": health.state,
        "since": health.since,
        "recent": list(health.recent),
        "last_run_at": health.last_run_at,
    }
    return orjson.dumps(told).decode()


def _read_health(written: str) -> Health:
    """Health as it was stored; unknown where a later version wrote words that this one does not know."""
    try:
        told = orjson.loads(written)
        return Health(
            state=State(told["state"]),
            since=told["since"],
            recent=tuple(Grade(each) for each in told["recent"]),
            last_run_at=told["last_run_at"],
        )
    except (KeyError, ValueError, TypeError):
        return Health()
