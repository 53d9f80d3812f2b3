"""How late checks start, at 100 to 5,000 checks every 10 s: `python -m bench.schedule`.

Ours is the real scheduler, runner, health and metrics with a probe that answers at once, after a restart, so that
every check is in its slot from the first run on. Beside it APScheduler alone, on which ours stands, with as many jobs
that do nothing. Lateness is from the moment a run was due to the moment the probe begins, the wait for a place
included: what `ai_api_exporter_schedule_lag_seconds` tells. Each is measured in a process of its own
(`python -m bench.schedule WHO CHECKS`), whose memory shows what one more check takes.
"""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from time import process_time, time
from typing import ClassVar

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bench.figures import SHARES, Figure, Results, percentile
from bench.hold import core_waits
from bench.population import Example, Population, example
from bench.serving import resident, told
from exporter.aio.gc_tuning import freeze_heap, tune_gc
from exporter.core.ask import Ask, Complete
from exporter.core.clock import SystemClock
from exporter.core.exchange import Exchange
from exporter.core.outcome import Outcome
from exporter.core.redaction import Redactor
from exporter.core.target import Check
from exporter.metrics import ExporterMetrics
from exporter.probes.base import Call, ProbeSettings
from exporter.results.failed_exchanges import FailedExchanges
from exporter.results.status_cache import StatusCache
from exporter.run.admission import FreeAdmission, ReserveRetry
from exporter.run.runner import Runner
from exporter.run.scheduler import Scheduler

SIZES = (100, 1000, 5000)
COMPARED = (1000, 5000)
"""Where APScheduler alone is measured too: each measurement takes as long as an interval."""

INTERVAL = 10.0
AGO = 3.0
"""Seconds since the runs that an earlier process is said to have begun: the first of ours are due in two."""

SECONDS = INTERVAL + 5.0 - AGO
"""Until every check was due once in its slot."""

OURS, THEIRS = "ours", "apscheduler"
PEER = "APScheduler alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Seconds by which each start was late; due runs that never came; megabytes; seconds of processor time.

    `waited` are the seconds that the process waited for a core, because the machine had other work.
    """

    late: list[float]
    missed: int
    resident: float
    cpu: float
    waited: float


class Starts:
    """When runs were due and began, by check."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self._dues: dict[str, list[float]] = {}

    def began(self, check: str, due: float) -> None:
        self.late.append(time() - due)
        self._dues.setdefault(check, []).append(due)

    def missed(self, checks: int, until: float) -> int:
        """Runs that should have come until then and did not."""
        gaps = [later - due for dues in self._dues.values() for due, later in pairwise([*dues, until])]
        return checks - len(self._dues) + sum(int(gap / (1.05 * INTERVAL)) for gap in gaps)


class AtOnce:
    """A probe that knows the answer. It tells `starts` when it begins."""

    name: ClassVar[str] = "chat"
    settings: ClassVar[type[ProbeSettings]] = ProbeSettings
    asks: ClassVar[frozenset[type[Ask]]] = frozenset({Complete})
    paid: ClassVar[bool] = True
    per_provider: ClassVar[bool] = False

    def __init__(self, outcome: Outcome, starts: Starts, dues: Mapping[str, float]) -> None:
        self._outcome = outcome
        self._starts = starts
        self._dues = dues

    async def run(self, check: Check, call: Call) -> Outcome:  # noqa: ARG002  (it is given one)
        self._starts.began(check.id, self._dues[check.id])
        return replace(self._outcome, started_at=time())


def no_way(check: Check, again: ReserveRetry) -> Call:  # noqa: ARG001  (a way is asked for with both)
    """The way to a model that the probe here does not take."""

    async def asked(ask: Ask) -> Exchange:
        raise AssertionError(ask)

    return asked


async def ours(checks: int) -> Measured:
    tune_gc()
    like = await example()
    like = Example(check=replace(like.check, interval=INTERVAL), outcome=like.outcome, price=like.price)
    population, starts, dues = Population(like, checks, StatusCache()), Starts(), dict[str, float]()
    redactor = Redactor(lambda: ())
    runner = Runner(
        call_for=no_way,
        probes={like.check.kind: AtOnce(like.outcome, starts, dues)},
        tracker=population.tracker,
        redactor=redactor,
        clock=SystemClock(),
        max_in_flight=64,
        log=structlog.get_logger(),
        admission=FreeAdmission(),
        metrics=ExporterMetrics(),
        exchange_log=FailedExchanges(redactor),
    )

    async def run(check: Check, due: float) -> None:
        dues[check.id] = due
        await runner.run(check)

    scheduler = Scheduler(run, SystemClock())
    scheduler.start()
    now = time()
    list(scheduler.apply(population.checks, {check.id: now - AGO for check in population.checks}))
    freeze_heap()
    began = process_time()
    await asyncio.sleep(SECONDS)
    measured = _measured(starts, checks, process_time() - began)
    await scheduler.stop()
    return measured


async def apscheduler(checks: int) -> Measured:
    """As ours is set: nothing is dropped for being late."""
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    starts, begin = Starts(), time()
    rules = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    engine = AsyncIOScheduler(job_defaults=rules, timezone=UTC)

    async def job(number: int) -> None:
        first = begin + 1 + number * INTERVAL / checks
        starts.began(str(number), first + (time() - first) // INTERVAL * INTERVAL)

    engine.start()
    for number in range(checks):
        first = datetime.fromtimestamp(begin + 1 + number * INTERVAL / checks, UTC)
        engine.add_job(job, IntervalTrigger(seconds=int(INTERVAL), start_date=first, timezone=UTC), args=(number,))
    began = process_time()
    await asyncio.sleep(SECONDS)
    measured = _measured(starts, checks, process_time() - began)
    engine.pause()
    await asyncio.sleep(0.1)
    engine.shutdown(wait=False)
    return measured


def _measured(starts: Starts, checks: int, cpu: float) -> Measured:
    missed = starts.missed(checks, time())
    return Measured(late=starts.late, missed=missed, resident=resident(os.getpid()), cpu=cpu, waited=core_waits())


def in_a_process(who: str, checks: int) -> Measured:
    return Measured(**told("-m", "bench.schedule", who, str(checks)))


def figures(checks: int, mine: Measured, theirs: Measured | None) -> Iterator[Figure]:
    """Lateness in milliseconds, and what a start costs."""

    def late(name: str, seconds: float) -> Figure:
        return Figure(
            what=f"lateness of starts, {checks:,} checks every {INTERVAL:.0f} s, {name}",
            ours=seconds * 1000,
            unit="ms",
            peer=PEER,
            theirs=None if theirs is None else percentile(theirs.late, SHARES[name]) * 1000,
            limit=3.0 if (checks, name) == (1000, "p99") else None,
            note=_starts(mine, theirs) if name == "p50" else "",
        )

    yield from (late(name, percentile(mine.late, share)) for name, share in SHARES.items())
    yield Figure(what=f"due runs that never began, {checks:,} checks", ours=mine.missed, unit="runs", limit=0.0)
    yield Figure(
        what=f"CPU of a start, {checks:,} checks",
        ours=mine.cpu / len(mine.late) * 1e6,
        unit="us",
        peer=PEER,
        theirs=None if theirs is None else theirs.cpu / len(theirs.late) * 1e6,
        note="ours with the runner, health, metrics and the board" if checks == SIZES[0] else "",
    )


def _starts(mine: Measured, theirs: Measured | None) -> str:
    """How many there were, and how the machine's other work kept them from a core."""
    alone = "" if theirs is None else f", {PEER} {theirs.waited * 1000:.0f} ms"
    return f"{len(mine.late)} starts; waited for a core: ours {mine.waited * 1000:.0f} ms in all{alone}"


def memory(mine: Mapping[int, Measured], theirs: Mapping[int, Measured]) -> Figure:
    """What one more check takes."""

    def each(found: Mapping[int, Measured]) -> float:
        few, many = min(found), max(found)
        return (found[many].resident - found[few].resident) / (many - few) * 1000

    return Figure(
        what=f"memory of one more check, {SIZES[0]:,} to {SIZES[-1]:,}",
        ours=each(mine),
        unit="kB",
        peer=PEER,
        theirs=each(theirs),
        note="ours with its metrics written, its place on the board and its health",
    )


def main() -> None:
    if len(sys.argv) > 1:
        who, checks = sys.argv[1], int(sys.argv[2])
        print(json.dumps(asdict(asyncio.run(ours(checks) if who == OURS else apscheduler(checks)))))
        return
    results = Results()
    mine = {checks: in_a_process(OURS, checks) for checks in SIZES}
    theirs = {checks: in_a_process(THEIRS, checks) for checks in COMPARED}
    for checks in SIZES:
        results.extend(figures(checks, mine[checks], theirs.get(checks)))
    results.add(memory(mine, theirs))
    results.write("schedule", "how late checks start")


if __name__ == "__main__":
    main()
