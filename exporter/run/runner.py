"""Runs one check: waits for its turn, asks, judges, redacts, and hands the outcome on. It never raises.

The one broad `except` of the project stands here: a bug of ours becomes an outcome with the reason `internal`, and
the others go on being watched.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from structlog.typing import FilteringBoundLogger

from exporter.core.ask import Ask
from exporter.core.clock import Clock
from exporter.core.exchange import Exchange
from exporter.core.outcome import FAULTS, Outcome, Reason, Timing
from exporter.core.redaction import Redactor, make_presentable, scrub
from exporter.core.sink import Skip
from exporter.core.target import Check, Provider
from exporter.health.tracker import HealthTracker
from exporter.probes.base import Call, Probe
from exporter.probes.evaluation.assertions import apply_assertions
from exporter.run.admission import Admission, FreeAdmission, NotAdmittedError, Permit, ReserveRetry


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDemandRun:
    """A run on demand that moved nothing: its outcome and the exchanges it was judged by, all redacted."""

    outcome: Outcome
    exchanges: tuple[Exchange, ...]


_NOT_NOW: Mapping[Skip, str] = MappingProxyType(
    {
        Skip.BUDGET: "not run: the budget, or the fifth of it that runs on demand may spend, is used up for now",
        Skip.MAINTENANCE: "not run: a maintenance window is open for this check",
    }
)


def unnoticed(check: Check, seconds: float) -> None:
    """For where nobody asks how long a run waited for its turn."""


def uncounted(part: str) -> None:
    """For where nobody counts our own errors."""


def unkept(check: Check, outcome: Outcome, exchanges: tuple[Exchange, ...]) -> None:
    """For where nobody will want to see what was said."""


class Runner:
    """Runs checks, each at most once at a time, at most so many at once overall and per provider.

    `call_for` gives the way to a check's model; `waited(check, seconds)` is told how long a run waited for its turn,
    which is never part of what the run measures; `gate` admits each run and settles what it cost; `failed(part)` is
    told of every error of our own; `brought(check, outcome, exchanges)` is handed the exchanges of each due run as they
    were, not redacted.
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
        gate: Admission | None = None,
        waited: Callable[[Check, float], None] = unnoticed,
        failed: Callable[[str], None] = uncounted,
        brought: Callable[[Check, Outcome, tuple[Exchange, ...]], None] = unkept,
    ) -> None:
        self._call_for = call_for
        self._probes = probes
        self._tracker = tracker
        self._redactor = redactor
        self._clock = clock
        self._log = log
        self._gate = gate or FreeAdmission()
        self._waited = waited
        self._failed = failed
        self._brought = brought
        self._overall = asyncio.Semaphore(max_in_flight)
        self._per_provider: dict[tuple[str, int], asyncio.Semaphore] = {}
        self._under_way: set[str] = set()

    @property
    def in_flight(self) -> int:
        """Checks that run or wait for their turn."""
        return len(self._under_way)

    def resize(self, max_in_flight: int) -> None:
        """From now on so many runs at once; those under way keep the places they have."""
        self._overall = asyncio.Semaphore(max_in_flight)

    def forget_provider(self, provider: Provider) -> None:
        """The provider is no longer configured; runs under way keep the places they have."""
        self._per_provider = {key: room for key, room in self._per_provider.items() if key[0] != provider.name}

    async def run(self, check: Check) -> Outcome | None:
        """Run a check that is due and tell the sinks; None if it is still running or was not admitted."""
        if check.id in self._under_way:
            self._tracker.record_skip(check, Skip.OVERLAP)
            return None
        self._under_way.add(check.id)
        try:
            async with self._wait_for_place(check):
                admission = await self._gate.admit(check)
                if isinstance(admission, Skip):
                    self._tracker.record_skip(check, admission)
                    return None
                run = _Run(self._gate, admission)
                outcome = await self._guard(check, "probe", self._run_scheduled(run))
                return await self._guard(check, "sink", self._settle_and_record(run.admission, outcome))
        finally:
            self._under_way.discard(check.id)

    async def run_on_demand(self, check: Check, *, demand: bool = True) -> OnDemandRun:
        """Run a check once, now, for somebody who asked: neither health nor the sinks hear of it.

        Raises NotAdmittedError. `demand` False: whoever asks keeps the schedule, so there is no share to keep to.
        """
        async with self._wait_for_place(check):
            admission = await self._gate.admit(check, demand=demand)
            if isinstance(admission, Skip):
                raise NotAdmittedError(_NOT_NOW[admission])
            run = _Run(self._gate, admission)
            outcome = await self._guard(check, "probe", self._ask_and_judge(run))
            outcome = self._gate.settle(run.admission, outcome)
        return OnDemandRun(outcome=outcome, exchanges=scrub(tuple(run.exchanges), self._redactor.make_cleaner()))

    @asynccontextmanager
    async def _wait_for_place(self, check: Check) -> AsyncIterator[None]:
        """Wait for a place: first at the provider, so that who waits for a slow one takes no place from the others."""
        begin = self._clock.monotonic_ns()
        provider = check.target.provider
        room = self._per_provider.setdefault(
            (provider.name, provider.max_in_flight), asyncio.Semaphore(provider.max_in_flight)
        )
        async with room, self._overall:
            self._waited(check, (self._clock.monotonic_ns() - begin) / 1e9)
            yield

    async def _run_scheduled(self, run: "_Run") -> Outcome:
        self._tracker.record_start(run.check)
        outcome = await self._ask_and_judge(run)
        self._brought(run.check, outcome, tuple(run.exchanges))
        return outcome

    async def _ask_and_judge(self, run: "_Run") -> Outcome:
        check = run.check
        call = run.record_exchanges(self._call_for(check, run.reserve_retry))
        outcome = apply_assertions(check.assertions, await self._probes[check.kind].run(check, call), run.exchanges)
        return scrub(outcome, partial(make_presentable, clean=self._redactor.make_cleaner()))

    async def _settle_and_record(self, admission: Permit, outcome: Outcome) -> Outcome:
        priced = self._gate.settle(admission, outcome)
        return self._tracker.record_run(admission.check, priced).outcome

    async def _guard(self, check: Check, part: str, work: Awaitable[Outcome]) -> Outcome:
        started_at, begin = self._clock.wall(), self._clock.monotonic_ns()
        try:
            return await work
        except Exception as error:  # noqa: BLE001  (the one place: a bug of ours must not end the watch over the rest)
            self._failed(part)
            self._log.exception("internal error, please report it", check=check.id, part=part)
            return Outcome(
                reason=Reason.INTERNAL,
                started_at=started_at,
                timing=Timing(duration=(self._clock.monotonic_ns() - begin) / 1e9),
                fault=FAULTS[Reason.INTERNAL],
                detail=make_presentable(f"{type(error).__name__}: {error}", clean=self._redactor.make_cleaner()),
            )


class _Run:
    """One run while it goes on: what it is admitted by now, and the exchanges it brought."""

    def __init__(self, gate: Admission, admission: Permit) -> None:
        self._gate = gate
        self.admission = admission
        self.check = admission.check
        self.exchanges: list[Exchange] = []

    async def reserve_retry(self) -> None:
        """Another form of a refused question is about to be sent."""
        self.admission = await self._gate.reserve_retry(self.admission)

    def record_exchanges(self, call: Call) -> Call:
        """The call; its exchanges are kept."""

        async def remembered(ask: Ask) -> Exchange:
            exchange = await call(ask)
            self.exchanges.append(exchange)
            return exchange

        return remembered
