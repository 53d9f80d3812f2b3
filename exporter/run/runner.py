"""Run one check: wait for a place, ask, judge, redact, and hand the outcome to the sinks.

The project's one broad `except` is here: a bug becomes an outcome with the reason `internal`, and other checks go on.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Protocol

from structlog.typing import FilteringBoundLogger

from exporter.core.ask import Ask
from exporter.core.clock import Clock
from exporter.core.exchange import Exchange, shorten_exchange
from exporter.core.outcome import FAULTS, Outcome, Reason, Timing
from exporter.core.redaction import Redactor, make_presentable, scrub
from exporter.core.sink import Skip
from exporter.core.target import Check, Provider
from exporter.health.tracker import HealthTracker
from exporter.probes.base import Call, Probe
from exporter.probes.evaluation.assertions import apply_assertions
from exporter.run.admission import Admission, NotAdmittedError, Permit, ReserveRetry

_MOST_SHOWN_EVENTS = 1000
"""Events of an exchange that a run on demand shows."""

_MANY_MODELS = 100
"""A list of more models is redacted on a thread; each name takes some microseconds."""


@dataclass(frozen=True, slots=True)
class OnDemandRun:
    """The redacted outcome of a run on demand, with the exchanges it was judged by, shortened for a person to read."""

    outcome: Outcome
    exchanges: tuple[Exchange, ...]


_NOT_NOW: Mapping[Skip, str] = MappingProxyType(
    {
        Skip.BUDGET: "not run: the budget, or the fifth of it that runs on demand may spend, is used up for now",
        Skip.MAINTENANCE: "not run: a maintenance window is open for this check",
    }
)


class RunMetrics(Protocol):
    """Receives figures about the runner itself."""

    def observe_schedule_lag(self, seconds: float) -> None:
        """Note how long after its due time a run began."""

    def set_in_flight(self, count: int) -> None:
        """Note how many checks run or wait for a place."""

    def count_internal_error(self) -> None:
        """Count an error of the exporter itself."""


class ExchangeLog(Protocol):
    """Receives the exchanges of each scheduled run as they were, not redacted."""

    def record(self, check: Check, outcome: Outcome, exchanges: tuple[Exchange, ...]) -> None:
        """Take the exchanges of a run that ended."""


class Runner:
    """Runs checks: each at most once at a time, a limited number at once overall and per provider.

    `call_for` makes the call that asks a check's model; `admission` admits each run and settles its cost; `metrics` and
    `exchange_log` receive what happens. Waiting for a place is never part of what a run measures.
    """

    def __init__(
        self,
        *,
        call_for: Callable[[Check, ReserveRetry], Call],
        probes: Mapping[str, Probe],
        tracker: HealthTracker,
        redactor: Redactor,
        clock: Clock,
        max_in_flight: int,
        log: FilteringBoundLogger,
        admission: Admission,
        metrics: RunMetrics,
        exchange_log: ExchangeLog,
    ) -> None:
        self._call_for = call_for
        self._probes = probes
        self._tracker = tracker
        self._redactor = redactor
        self._clock = clock
        self._log = log
        self._admission = admission
        self._metrics = metrics
        self._exchange_log = exchange_log
        self._overall = asyncio.Semaphore(max_in_flight)
        self._per_provider: dict[tuple[str, int], asyncio.Semaphore] = {}
        self._under_way: set[str] = set()
        self._with_a_place: set[str] = set()

    def resize(self, max_in_flight: int) -> None:
        """Allow this many runs at once from now on; runs under way keep their places."""
        self._overall = asyncio.Semaphore(max_in_flight)

    def forget_provider(self, provider: Provider) -> None:
        """Drop a provider that is no longer configured; runs under way keep their places."""
        self._per_provider = {key: room for key, room in self._per_provider.items() if key[0] != provider.name}

    async def run(self, check: Check, lag: float = 0.0) -> Outcome | None:
        """Run a check that is due and hand its outcome to the sinks; `lag` is how late it was started, in seconds.

        Return None if the run before it has not ended or the run was not admitted.
        """
        if check.id in self._under_way:
            self._tracker.record_skip(check, Skip.OVERLAP)
            return None
        self._under_way.add(check.id)
        try:
            async with self._wait_for_place(check) as waited:
                self._metrics.observe_schedule_lag(lag + waited)
                self._metrics.set_in_flight(len(self._under_way))
                permit = await self._admission.admit(check)
                if isinstance(permit, Skip):
                    self._tracker.record_skip(check, permit)
                    return None
                run = _Run(self._admission, permit)
                outcome = await self._guard(check, "probe", self._run_scheduled(run))
                return await self._guard(check, "sink", self._settle_and_record(run.permit, outcome))
        finally:
            self._under_way.discard(check.id)
            self._metrics.set_in_flight(len(self._under_way))

    async def run_on_demand(self, check: Check, *, demand: bool = True) -> OnDemandRun:
        """Run a check once, now, without moving health or telling the sinks.

        `demand` False means that the caller keeps the schedule, so no share of the budget limits it. Raises
        NotAdmittedError.
        """
        async with self._wait_for_place(check):
            permit = await self._admission.admit(check, demand=demand)
            if isinstance(permit, Skip):
                raise NotAdmittedError(_NOT_NOW[permit])
            run = _Run(self._admission, permit)
            outcome = await self._guard(check, "probe", self._ask_and_judge(run))
            outcome = self._admission.settle(run.permit, outcome)
        shown = tuple(shorten_exchange(each, _MOST_SHOWN_EVENTS) for each in run.exchanges)
        return OnDemandRun(outcome, await asyncio.to_thread(scrub, shown, self._redactor.make_cleaner()))

    @asynccontextmanager
    async def _wait_for_place(self, check: Check) -> AsyncIterator[float]:
        """Wait for a place and yield the seconds waited.

        The provider's own limit comes first, so that runs waiting for a slow provider take no place from others. One
        run of each provider needs no place of the overall limit, so that slow providers cannot use up all of them.
        """
        begin = self._clock.monotonic_ns()
        provider = check.target.provider
        room = self._per_provider.setdefault(
            (provider.name, provider.max_in_flight), asyncio.Semaphore(provider.max_in_flight)
        )
        async with room:
            first = provider.name not in self._with_a_place
            self._with_a_place.add(provider.name)
            try:
                async with nullcontext() if first else self._overall:
                    yield (self._clock.monotonic_ns() - begin) / 1e9
            finally:
                if first:
                    self._with_a_place.discard(provider.name)

    async def _run_scheduled(self, run: "_Run") -> Outcome:
        self._tracker.record_start(run.check)
        outcome = await self._ask_and_judge(run)
        self._exchange_log.record(run.check, outcome, tuple(run.exchanges))
        return outcome

    async def _ask_and_judge(self, run: "_Run") -> Outcome:
        check = run.check
        call = run.record_exchanges(self._call_for(check, run.reserve_retry))
        outcome = apply_assertions(check.assertions, await self._probes[check.kind].run(check, call), run.exchanges)
        clean = partial(make_presentable, clean=self._redactor.make_cleaner())
        if outcome.models is not None and len(outcome.models) > _MANY_MODELS:
            return await asyncio.to_thread(scrub, outcome, clean)
        return scrub(outcome, clean)

    async def _settle_and_record(self, permit: Permit, outcome: Outcome) -> Outcome:
        priced = self._admission.settle(permit, outcome)
        return self._tracker.record_run(permit.check, priced).outcome

    async def _guard(self, check: Check, part: str, work: Awaitable[Outcome]) -> Outcome:
        started_at, begin = self._clock.wall(), self._clock.monotonic_ns()
        try:
            return await work
        except Exception as error:  # noqa: BLE001  (a bug in one check must not stop the others)
            self._metrics.count_internal_error()
            self._log.exception("internal error, please report it", check=check.id, part=part)
            return Outcome(
                reason=Reason.INTERNAL,
                started_at=started_at,
                timing=Timing(duration=(self._clock.monotonic_ns() - begin) / 1e9),
                fault=FAULTS[Reason.INTERNAL],
                detail=make_presentable(f"{type(error).__name__}: {error}", clean=self._redactor.make_cleaner()),
            )


class _Run:
    """One run under way: its current permit, and the exchanges so far."""

    def __init__(self, admission: Admission, permit: Permit) -> None:
        self._admission = admission
        self.permit = permit
        self.check = permit.check
        self.exchanges: list[Exchange] = []

    async def reserve_retry(self) -> None:
        """Replace the refused request's reservation with one for the retry."""
        self.permit = await self._admission.reserve_retry(self.permit)

    def record_exchanges(self, call: Call) -> Call:
        """Wrap a call so that its exchanges are kept."""

        async def recording_call(ask: Ask) -> Exchange:
            exchange = await call(ask)
            self.exchanges.append(exchange)
            return exchange

        return recording_call
