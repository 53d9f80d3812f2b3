"""What an earlier process left: read once, when the store is opened."""

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import orjson

from exporter.core.health_state import Grade, Health, State
from exporter.core.sink import RestoredState
from exporter.money.ledger import QUARTER
from exporter.store import outcome_text as kept_outcome
from exporter.store.damage import DamagedError
from exporter.store.ledger_mirror import Entry
from exporter.store.values import read_count, read_text, read_time


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
    """Read all of it. Raises DamagedError where the ledger holds what no exporter writes.

    How a single check stood matters less than the ledger: where that cannot be read, the check is as good as new.
    """
    rows = connection.execute("SELECT check_id, health, last, succeeded, started, charge FROM states").fetchall()
    checks: dict[str, RestoredState] = {}
    started: dict[str, float] = {}
    charges: dict[str, int] = {}
    for check_id, health, last, succeeded, at, charge in rows:
        with contextlib.suppress(DamagedError):
            checks[read_text(check_id)] = _recalled(health, last, succeeded)
            if charge is not None:
                charges[check_id] = read_count(charge)
            started[check_id] = read_time(at)
    # The ledger is committed before a run begins, its state a moment later: after a crash the ledger knows more.
    for check_id, at in connection.execute("SELECT check_id, MAX(at) FROM ledger WHERE demand = 0 GROUP BY check_id"):
        started[read_text(check_id)] = max(read_time(at), started.get(check_id, 0.0))
    return StartupState(
        checks=checks,
        started=started,
        charges=charges,
        entries=tuple(_read_entries(connection)),
        next_id=_read_next_id(connection),
        known=True,
        forgot_at=_read_lost_at(connection),
    )


def _recalled(health: object, last: object, succeeded: object) -> RestoredState:
    return RestoredState(
        health=_read_health(health),
        last=kept_outcome.read_outcome(last),
        succeeded=None if succeeded is None else read_time(succeeded),
    )


def _read_lost_at(connection: sqlite3.Connection) -> float | None:
    """When a ledger before this one was lost."""
    found = connection.execute("SELECT since FROM kept WHERE what = 'ledger'").fetchone()
    return None if found is None else read_time(found[0])


def record_lost_ledger(connection: sqlite3.Connection, now: float) -> None:
    """Remember that what was spent until now is not known."""
    connection.execute("INSERT OR REPLACE INTO kept VALUES ('ledger', ?)", (now,))


def _read_next_id(connection: sqlite3.Connection) -> int:
    first, last = connection.execute("SELECT MIN(id), MAX(id) FROM ledger").fetchone()
    return 1 if first is None else max(read_count(first), read_count(last)) + 1


def _read_entries(connection: sqlite3.Connection) -> Iterator[Entry]:
    for quarter, *rest in connection.execute("SELECT quarter, provider, demand, amount FROM spent"):
        yield _entry(read_count(quarter) * QUARTER, *rest)
    rows = connection.execute("SELECT at, provider, demand, reserved, COALESCE(settled, reserved) FROM ledger")
    for at, provider, demand, reserved, amount in rows:
        read_count(reserved)
        yield _entry(at, provider, demand, amount)


def _entry(at: object, provider: object, demand: object, amount: object) -> Entry:
    return Entry(read_time(at), read_text(provider), read_count(amount), bool(read_count(demand)))


def write_health(health: Health) -> str:
    """Health as it is stored."""
    told = {
        "state": health.state,
        "since": health.since,
        "recent": list(health.recent),
        "last_run_at": health.last_run_at,
    }
    return orjson.dumps(told).decode()


def _read_health(written: object) -> Health:
    """Health as it was stored; unknown where a later version wrote words that this one does not know."""
    try:
        told = orjson.loads(read_text(written))
        ran = told["last_run_at"]
        return Health(
            state=State(told["state"]),
            since=read_time(told["since"]),
            recent=tuple(Grade(each) for each in told["recent"]),
            last_run_at=None if ran is None else read_time(ran),
        )
    except (KeyError, ValueError, TypeError, DamagedError):
        return Health()
