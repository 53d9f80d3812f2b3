"""What checks did before this process, for the pages: read once, beside the one who writes."""

import contextlib
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from exporter.core.outcome import FAULTS, Fault, Outcome, Reason, Timing
from exporter.results.history import DAY, HOUR, KEPT_FAILURES, RECENT_RUNS, SECONDS_PER_DAY, Earlier, Run, SlotSums
from exporter.store.directory import DATABASE
from exporter.store.report_query import open_readonly
from exporter.store.tables import GRADES
from exporter.store.tables import HOUR as HOUR_LENGTH

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
    """What each check did up to, not including, a Unix time; nothing where the file cannot be read."""
    try:
        with contextlib.closing(open_readonly(folder / DATABASE)) as connection:
            return _read_all(connection, until)
    except sqlite3.Error:
        return {}


def _read_all(connection: sqlite3.Connection, until: float) -> Mapping[str, Earlier]:
    hours, days = _read_slots(connection, HOUR, until), _read_slots(connection, DAY, until)
    today = int(until // SECONDS_PER_DAY)
    moments = {"since": today * SECONDS_PER_DAY, "until": until}
    spent = dict(connection.execute(_SPENT, moments).fetchall())
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
    for check_id, *slot in connection.execute(_SLOTS, {"width": width, "since": since, "until": until}):
        found[check_id].append(SlotSums(*slot))
    return found


def _read_recent(connection: sqlite3.Connection, until: float) -> Iterator[tuple[str, Run]]:
    rows = connection.execute(_RECENT, {"until": until, "latest": LATEST, "runs": RECENT_RUNS})
    for check_id, at, reason, fault, grade, duration, first_token in rows:
        with contextlib.suppress(ValueError):  # a word of a later version
            why = Reason(reason)
            whose = Fault(fault) if fault else FAULTS.get(why)
            yield check_id, Run(at, why, whose, GRADES[grade], duration, first_token)


def _keep_failures(runs: Sequence[Run]) -> Sequence[Outcome]:
    """The last failures as far as they are kept: what was said is not."""
    return [
        Outcome(reason=run.reason, fault=run.fault, started_at=run.started_at, timing=Timing(duration=run.duration))
        for run in runs
        if run.reason is not Reason.OK
    ][-KEPT_FAILURES:]
