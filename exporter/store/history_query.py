"""What checks did before this process, for the pages: read once, beside the one who writes."""

import contextlib
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from exporter.core.outcome import FAULTS, Fault, Outcome, Reason, Timing
from exporter.results.history import DAY, HOUR, KEPT_FAILURES, RECENT_RUNS, SECONDS_PER_DAY, Earlier, Run, SlotSums
from exporter.store.damage import damage_raised
from exporter.store.report_query import opened_beside
from exporter.store.tables import GRADES
from exporter.store.tables import HOUR as HOUR_LENGTH
from exporter.store.values import read_count, read_duration, read_sum, read_text, read_time

LATEST = 50_000
"""Runs of all checks together among which the last ones of each are looked for."""

_SLOTS = """
    SELECT check_id, CAST(at / :width AS INTEGER) AS slot, COUNT(*), SUM(grade = 1), SUM(grade = 2),
        COUNT(latency), TOTAL(latency), MAX(COALESCE(latency, 0)),
        COUNT(first_token), TOTAL(first_token), MAX(COALESCE(first_token, 0))
    FROM outcomes JOIN names ON names.key = outcomes.name
    WHERE at >= :since AND at < :until AND grade != 3 GROUP BY outcomes.name, slot
    """

_RECENT = """
    SELECT check_id, at, reason, fault, grade, COALESCE(duration, latency, 0), first_token FROM (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY name ORDER BY at DESC) AS back FROM (
            SELECT * FROM outcomes WHERE at < :until ORDER BY at DESC LIMIT :latest
        )
    ) AS found JOIN names ON names.key = found.name WHERE back <= :runs ORDER BY at
    """

_SPENT = f"""
    SELECT check_id, SUM(cost) FROM (
        SELECT name, cost FROM outcomes WHERE at >= :since AND at < :until
        UNION ALL SELECT name, cost FROM hours WHERE hour * {HOUR_LENGTH} >= :since AND hour * {HOUR_LENGTH} < :until
    ) JOIN names ON names.key = name WHERE cost IS NOT NULL GROUP BY name
    """


def read_history(folder: Path, until: float) -> Mapping[str, Earlier]:
    """Read what each check did up to, not including, a Unix time. Raises like `read_window`."""
    with opened_beside(folder) as connection:
        return past(until)(connection)


def past(until: float) -> Callable[[sqlite3.Connection], Mapping[str, Earlier]]:
    """Read the same on an open connection. Raises DamagedError for values that no exporter writes."""

    def read(connection: sqlite3.Connection) -> Mapping[str, Earlier]:
        with damage_raised():
            return _read_all(connection, until)

    return read


def _read_all(connection: sqlite3.Connection, until: float) -> Mapping[str, Earlier]:
    hours, days = _read_slots(connection, HOUR, until), _read_slots(connection, DAY, until)
    today = int(until // SECONDS_PER_DAY)
    moments = {"since": today * SECONDS_PER_DAY, "until": until}
    spent = {read_text(check_id): read_sum(cost) for check_id, cost in connection.execute(_SPENT, moments)}
    recent: defaultdict[str, list[Run]] = defaultdict(list)
    for check_id, run in _read_recent(connection, until):
        recent[check_id].append(run)
    return {
        check_id: Earlier(
            recent=tuple(recent[check_id]),
            failures=tuple(_keep_failures(recent[check_id])),
            hour=hours[check_id],
            day=days[check_id],
            spent=(today, spent[check_id]) if check_id in spent else None,
        )
        for check_id in {*hours, *days, *recent, *spent}
    }


def _read_slots(
    connection: sqlite3.Connection, shape: tuple[int, int], until: float
) -> Mapping[str, Sequence[SlotSums]]:
    width, count = shape
    since = (until // width - count + 1) * width
    found: defaultdict[str, list[SlotSums]] = defaultdict(list)
    for check_id, number, *sums in connection.execute(_SLOTS, {"width": width, "since": since, "until": until}):
        found[read_text(check_id)].append(SlotSums(read_count(number), *map(read_duration, sums)))
    return found


def _read_recent(connection: sqlite3.Connection, until: float) -> Iterator[tuple[str, Run]]:
    rows = connection.execute(_RECENT, {"until": until, "latest": LATEST, "runs": RECENT_RUNS})
    for check_id, at, reason, fault, grade, duration, first_token in rows:
        with contextlib.suppress(ValueError):  # a word of a later version
            why = Reason(reason)
            whose = Fault(fault) if fault else FAULTS.get(why)
            first = None if first_token is None else read_duration(first_token)
            yield (
                read_text(check_id),
                Run(read_time(at), why, whose, GRADES[read_count(grade)], read_duration(duration), first),
            )


def _keep_failures(runs: Sequence[Run]) -> Sequence[Outcome]:
    """Return the last failures as they are kept, without their texts."""
    return [
        Outcome(reason=run.reason, fault=run.fault, started_at=run.started_at, timing=Timing(duration=run.duration))
        for run in runs
        if run.reason is not Reason.OK
    ][-KEPT_FAILURES:]
