"""The exporter's own way to ask: its transport alone, and a whole run as the daemon makes it."""

import asyncio
import tempfile
import time
from itertools import cycle
from pathlib import Path

import structlog

from bench.clients.base import WORDS, Errand, Inside, Seen
from bench.plan import read, written
from exporter.aio.gc_tuning import freeze_heap, tune_gc
from exporter.core.ask import Complete
from exporter.core.clock import SystemClock
from exporter.core.exchange import OUTPUT, Exchange, ServedBy
from exporter.core.outcome import Outcome, Phase
from exporter.core.plan import Plan
from exporter.core.redaction import Redactor
from exporter.core.target import Check
from exporter.dialects import DIALECTS
from exporter.health.tracker import HealthTracker
from exporter.metrics import ExporterMetrics, Metrics
from exporter.probes import make_probes
from exporter.results.failed_exchanges import FailedExchanges
from exporter.results.status_cache import StatusCache
from exporter.run.admission import FreeAdmission
from exporter.run.client import ModelClient
from exporter.run.runner import Runner
from exporter.transport import HttpTransport

CHECKS = 1000
BEFORE_SENT = (Phase.RESOLVE, Phase.CONNECT, Phase.TLS, Phase.SEND)
BEFORE_FIRST = (*BEFORE_SENT, Phase.WAIT, Phase.FIRST_TOKEN)


class Transport(Inside):
    """The transport with its dialect: what was said and when, judged by nobody."""

    def __init__(self, errand: Errand) -> None:
        self._check = chats(planned(errand, 1))[0]
        self._dialect = DIALECTS[self._check.target.dialect]

    async def open(self) -> None:
        tune_gc()
        self._transport = HttpTransport(SystemClock())

    async def ask(self, number: int) -> Seen | None:  # noqa: ARG002  (the server's name for it is as good)
        target = self._check.target
        question = Complete(WORDS)
        request = self._dialect.encode(question, target)
        exchange = await self._transport.exchange(request, self._dialect, question, target, self._check.deadlines)
        return seen_in(exchange) if exchange.failure is None else None

    async def close(self) -> None:
        await self._transport.close()


class Whole(Inside):
    """Transport, dialect, probe, judgement, health, metrics and board: a run of a check, all of it."""

    def __init__(self, errand: Errand) -> None:
        self._plan = planned(errand, CHECKS)

    async def open(self) -> None:
        tune_gc()
        clock, log = SystemClock(), structlog.get_logger()
        self._transport = HttpTransport(clock)
        self._metrics = Metrics(self._plan.buckets, self._plan.label_keys, clock)
        tracker = HealthTracker((self._metrics, StatusCache()))
        redactor = Redactor(self._plan.secrets)
        self._runner = Runner(
            call_for=ModelClient(self._transport, DIALECTS).make_call,
            probes=make_probes(),
            tracker=tracker,
            redactor=redactor,
            clock=clock,
            max_in_flight=self._plan.max_in_flight,
            log=log,
            admission=FreeAdmission(),
            metrics=ExporterMetrics(),
            exchange_log=FailedExchanges(redactor),
        )
        for check in self._plan.checks:
            tracker.add_check(check)
        self._checks = cycle(chats(self._plan))
        freeze_heap()

    async def ask(self, number: int) -> Seen | None:  # noqa: ARG002  (the server's name for it is as good)
        outcome = await self._runner.run(next(self._checks))
        return None if outcome is None or not outcome.ok else seen_of(outcome)

    async def close(self) -> None:
        await self._transport.close()
        await asyncio.sleep(0)


def planned(errand: Errand, checks: int) -> Plan:
    """A plan of so many `chat` checks at the reference server, and one that reads its list of models."""
    with tempfile.TemporaryDirectory() as folder:
        return read(written(errand, checks, 10.0, Path(folder)))


def seen_in(exchange: Exchange) -> Seen:
    """What an exchange tells, on the monotonic clock."""
    began = monotonic(exchange.started_at)
    name = next((each.event.request_id for each in exchange.events if isinstance(each.event, ServedBy)), None)
    first = next((each.at for each in exchange.events if isinstance(each.event, OUTPUT)), None)
    return Seen(name or "", later(began, exchange.moments.sent), later(began, first), later(began, exchange.ended))


def seen_of(outcome: Outcome) -> Seen:
    """What an outcome tells, on the monotonic clock."""
    began, phases = monotonic(outcome.started_at), outcome.timing.phases
    sent, first = (sum(phases.get(phase, 0.0) for phase in before) for before in (BEFORE_SENT, BEFORE_FIRST))
    return Seen(
        outcome.request_id or "", later(began, sent), later(began, first), later(began, outcome.timing.duration)
    )


def later(began: int, seconds: float | None) -> int | None:
    return None if seconds is None else began + round(seconds * 1e9)


def monotonic(wall: float) -> int:
    """A moment of the wall clock (Unix seconds) on the monotonic clock, in nanoseconds; exact to a microsecond."""
    before = time.monotonic_ns()
    offset = time.time_ns() - (before + time.monotonic_ns()) // 2
    return round(wall * 1e9) - offset


def chats(plan: Plan) -> list[Check]:
    return [check for check in plan.checks if check.kind == "chat"]
