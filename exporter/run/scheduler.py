"""When each check runs: APScheduler (<4) wired so that starts spread, never bunch and are never silently dropped.

It knows checks and time, not probes: `run` is given. Every check has a stable slot in its interval (a hash of its
id), so that restarts and replicas do not bunch; free provider probes start at once, first paid runs are spread.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from apscheduler.executors.base import BaseExecutor
from apscheduler.job import Job
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger

from exporter.core.clock import Clock
from exporter.core.target import Check

STARTS_PER_SECOND = 50
SHORTEST_SPREAD = 5.0
CLOCK_STEP = 2.0
CONFIRM = "confirm "
"""Before a check's id, the name of the job that confirms its failure; no provider, so no id, begins like this."""

AT_ONCE = 32
"""Checks that are scheduled in one step: a millisecond or two."""

Run = Callable[[Check, float], Coroutine[Any, Any, None]]
"""Runs a check that was due at the given Unix time; never raises."""

Pace = Callable[[Check, float], float]
"""When a check that was due at the given Unix time is due again, in Unix seconds; later than that time."""


def slot_offset(check: Check) -> float:
    """Return the check's stable offset in its interval, in seconds: the same in every process."""
    digest = hashlib.blake2b(check.id.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64 * check.interval


def next_slot(check: Check, after: float) -> float:
    """Return the first Unix time at or after `after` that is the check's slot."""
    offset = slot_offset(check)
    return after + (offset - after) % check.interval


def next_regular_run(check: Check, due: float) -> float:
    """Return the next run at the configured pace: the check's slot in the interval that follows."""
    return next_slot(check, due + check.interval / 2)


def cron_begins_between(schedule: str, after: float, until: float) -> bool:
    """Return whether five cron fields (UTC) name a moment after the one Unix time and not after the other."""
    trigger = CronTrigger.from_crontab(schedule, timezone=UTC)
    begins = trigger.get_next_fire_time(None, _to_datetime(after) + timedelta(microseconds=1))
    return begins is not None and begins <= _to_datetime(until)


@dataclass(frozen=True, slots=True)
class FirstRun:
    """When a check runs for the first time (`at`) and from when on it keeps its slot (`regular`), Unix seconds."""

    check: Check
    at: float
    regular: float


def plan_first_runs(checks: Iterable[Check], now: float) -> list[FirstRun]:
    """Spread the first runs: free ones at once, paid ones over min(interval, max(5 s, checks / 50 per s)).

    The slot begins at least half an interval after the first run, so that nothing is asked twice in a row.
    """
    every = list(checks)
    paid = [check for check in every if check.paid]
    places = {
        check.id: place for place, check in enumerate(sorted(paid, key=lambda each: slot_offset(each) / each.interval))
    }
    spread = max(SHORTEST_SPREAD, len(paid) / STARTS_PER_SECOND)
    starts = []
    for check in every:
        share = places.get(check.id, 0) / max(1, len(paid))
        at = now + share * min(check.interval, spread)
        starts.append(FirstRun(check, at, next_slot(check, at + check.interval / 2)))
    return starts


def resume_first_runs(checks: Sequence[Check], began: Mapping[str, float], now: float, pace: Pace) -> list[FirstRun]:
    """Place the first runs of checks that an earlier process ran at the Unix times that `began` returns by id.

    Those keep to their pace. What fell due meanwhile is spread like the first runs of those that never ran.
    """
    dues = {check.id: pace(check, began[check.id]) for check in checks if check.id in began}
    fresh = [check for check in checks if dues.get(check.id, now) <= now]
    kept = [FirstRun(check, dues[check.id], dues[check.id]) for check in checks if dues.get(check.id, now) > now]
    return plan_first_runs(fresh, now) + kept


class _Starter(BaseExecutor):  # type: ignore[misc]  # the library has no annotations
    """Starts runs at once. Starting only makes a task of ours, so none of the library's is made around it."""

    def submit_job(self, job: Job, run_times: Sequence[datetime]) -> None:
        self._do_submit_job(job, run_times)

    def _do_submit_job(self, job: Job, run_times: Sequence[datetime]) -> None:  # noqa: ARG002  (a run knows its moment)
        job.func(*job.args)


class _Engine(AsyncIOScheduler):  # type: ignore[misc]  # the library has no annotations
    """The library's scheduler where everything is on one loop: waking it is a call, no message between threads."""

    def wakeup(self) -> None:
        self._stop_timer()
        self._start_timer(self._process_jobs())


class PacedTrigger(BaseTrigger):  # type: ignore[misc]  # the library has no annotations
    """Asks the pace anew each time, so that intervals may stretch. `due` is the moment that the run under way was due.

    A moment that has passed is not made up for: the pace goes on from now.
    """

    def __init__(self, first: FirstRun, pace: Pace) -> None:
        self.due = first.at
        self._check = first.check
        # Compared as the library has it: a moment that rounding moved must not come before itself.
        self._begin, self._regular = _to_datetime(first.at), _to_datetime(first.regular)
        self._pace = pace
        self._asked: tuple[datetime, datetime] | None = None
        self._answer = self._begin

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Return the time of the next run. The library calls this twice after each run."""
        if previous_fire_time is None:
            return self._begin
        if self._asked != (previous_fire_time, now):
            self._asked = (previous_fire_time, now)
            self.due = previous_fire_time.timestamp()
            self._answer = self._next_after(previous_fire_time, now)
        return self._answer

    def _next_after(self, previous: datetime, now: datetime) -> datetime:
        at = self._regular if previous < self._regular else _to_datetime(self._pace(self._check, self.due))
        return at if at > now else _to_datetime(self._pace(self._check, now.timestamp()))


class Scheduler:
    """Starts `run(check, due)` when a check is due, and owns the tasks it started until `stop`.

    `pace` says when a check is due again; by default in its slot of every interval. Runs of one check may be asked for
    while one is under way: whether that is an overlap is the runner's word.
    """

    def __init__(self, run: Run, clock: Clock, pace: Pace = next_regular_run) -> None:
        self._run = run
        self._clock = clock
        self._pace = pace
        self._rhythms: dict[str, PacedTrigger] = {}
        self._checks: dict[str, Check] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._engine = _Engine(
            executors={"default": _Starter()},
            # A missed moment is run late and once; the default grace of 1 s would drop it without a word.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
            timezone=UTC,
        )
        self._step = 0.0

    def start(self) -> None:
        """Begin to count time. Needs a running event loop."""
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._step = self._clock_offset()
        self._engine.start()

    def apply(self, checks: Iterable[Check], began: Mapping[str, float] = MappingProxyType({})) -> Iterator[None]:
        """Schedule exactly these checks, step by step. One whose interval did not change keeps its schedule.

        `began` is when an earlier process began the last run, in Unix seconds by check id: from there the pace goes on.
        What is due first is scheduled first, so that the first starts need not wait for the last step.
        """
        wanted = {check.id: check for check in checks}
        yield
        for gone in self._checks.keys() - wanted.keys():
            self._remove_jobs(gone)
            yield
        fresh = [check for check_id, check in wanted.items() if not _has_same_rhythm(check, self._checks.get(check_id))]
        self._checks |= wanted
        yield
        starts = sorted(resume_first_runs(fresh, began, self._clock.wall(), self._pace), key=lambda start: start.at)
        for begin in range(0, len(starts), AT_ONCE):
            with self._batch_changes():
                for each in starts[begin : begin + AT_ONCE]:
                    self._schedule(each)
            yield

    def confirm(self, check: Check, delay: float) -> None:
        """Run the check once more in `delay` seconds, beside its schedule; a second request replaces the first."""
        self._confirm_at(check.id, self._clock.wall() + delay)

    def realign(self) -> bool:
        """Set every schedule anew if the wall clock was stepped, so that a step neither starves nor bunches checks.

        Confirmations move with the clock. Call it about once a second. Returns whether there was a step.
        """
        offset = self._clock_offset()
        step = offset - self._step
        if abs(step) < CLOCK_STEP:
            return False
        self._step = offset
        now = self._clock.wall()
        with self._batch_changes():
            for check_id, at in [job.args for job in self._engine.get_jobs() if job.id.startswith(CONFIRM)]:
                self._confirm_at(check_id, at + step)
            for check in self._checks.values():
                due = self._pace(check, now - check.interval / 2)
                self._schedule(FirstRun(check, due, due))
        return True

    def lag_since(self, due: float) -> float:
        """Return the seconds since a due time (Unix), by the clock that never steps."""
        return max(0.0, self._clock.monotonic_ns() / 1e9 - (due - self._step))

    async def stop(self) -> None:
        """Schedule nothing more, cancel what is under way and wait until it is gone."""
        if self._engine.running:
            self._engine.shutdown(wait=False)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _confirm_at(self, check_id: str, at: float) -> None:
        self._engine.add_job(
            self._fire,
            DateTrigger(_to_datetime(at), timezone=UTC),  # else it reads the time zone from a file
            args=(check_id, at),
            id=f"{CONFIRM}{check_id}",
            replace_existing=True,
        )

    @contextmanager
    def _batch_changes(self) -> Iterator[None]:
        """Let the engine look for what is due once after all changes, not after each."""
        running = self._engine.running
        if running:
            self._engine.pause()
        yield
        if running:
            self._engine.resume()

    def _schedule(self, first: FirstRun) -> None:
        check = first.check
        self._rhythms[check.id] = rhythm = PacedTrigger(first, self._pace)
        self._engine.add_job(
            self._fire,
            rhythm,
            args=(check.id, None),
            id=check.id,
            replace_existing=True,
        )

    def _remove_jobs(self, check_id: str) -> None:
        del self._checks[check_id], self._rhythms[check_id]
        for job in (check_id, f"{CONFIRM}{check_id}"):
            if self._engine.get_job(job) is not None:
                self._engine.remove_job(job)

    def _fire(self, check_id: str, due: float | None) -> None:
        check = self._checks.get(check_id)
        if check is None:
            return
        if due is None:
            due = self._rhythms[check_id].due
        task = asyncio.get_running_loop().create_task(self._run(check, due), name=f"check {check_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _clock_offset(self) -> float:
        return self._clock.wall() - self._clock.monotonic_ns() / 1e9


def _has_same_rhythm(check: Check, known: Check | None) -> bool:
    return known is not None and known.interval == check.interval and known.paid == check.paid


def _to_datetime(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
