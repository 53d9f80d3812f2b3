"""A runner with all that surrounds it, and ways to a model that answer when they are told to."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

import structlog
from pydantic import SecretStr
from structlog.testing import CapturingLogger

from exporter.core.ask import Ask, Complete
from exporter.core.exchange import Delta, Exchange, Finish, Finished
from exporter.core.outcome import Failure, Outcome, Reason
from exporter.core.redaction import Redactor
from exporter.core.sink import Observation
from exporter.core.target import Check
from exporter.health.tracker import HealthTracker
from exporter.probes import PROBES
from exporter.probes.base import Call, Probe, ProbeSettings
from exporter.probes.chat import ChatSettings
from exporter.results.failed_exchanges import FailedExchanges
from exporter.run.admission import FreeAdmission
from exporter.run.runner import Runner
from tests.probes.recording import HeldClock, RecordingMetrics, RecordingSink
from tests.probes.samples import OneAnswer, a_check, a_provider, an_exchange, at

KEY = "sk-proj-4f9aXq72LmZt0Bd"
ANSWER = an_exchange(at(0.5, Delta("hi"), Finished(Finish.STOP)))
EVERY_LEVEL = structlog.make_filtering_bound_logger(0)


def always(call: Call) -> Callable[[Check], Call]:
    """The same way to every model."""
    return lambda _: call


def refused(detail: str) -> Exchange:
    """A key that was not accepted, and what the vendor said of it."""
    return an_exchange(status=401, failure=Failure(reason=Reason.AUTH, detail=detail))


class Gate:
    """A way to a model that answers when it is opened; counts who waits in front of it."""

    def __init__(self, exchange: Exchange = ANSWER) -> None:
        self.exchange = exchange
        self.open = asyncio.Event()
        self.inside = 0
        self.most = 0
        self.entered = asyncio.Semaphore(0)
        self.asked: list[Ask] = []

    async def __call__(self, ask: Ask) -> Exchange:
        self.asked.append(ask)
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.entered.release()
        try:
            await self.open.wait()
        finally:
            self.inside -= 1
        return self.exchange

    async def until_inside(self, count: int) -> None:
        for _ in range(count):
            await self.entered.acquire()


@dataclass
class Parts:
    """A runner and all that surrounds it."""

    call_for: Callable[[Check], Call]
    probes: dict[str, Probe] = field(default_factory=lambda: dict(PROBES))
    max_in_flight: int = 64
    clock: HeldClock = field(default_factory=HeldClock)
    sink: RecordingSink = field(default_factory=RecordingSink)
    metrics: RecordingMetrics = field(default_factory=RecordingMetrics)
    secret: str = KEY
    gate: FreeAdmission = field(default_factory=FreeAdmission)
    logged: CapturingLogger = field(default_factory=CapturingLogger)

    def __post_init__(self) -> None:
        self.tracker = HealthTracker([self.sink])
        redactor = Redactor(lambda: [SecretStr(self.secret)])
        self.failed_exchanges = FailedExchanges(redactor)
        self.runner = Runner(
            call_for=lambda check, _: self.call_for(check),
            probes=self.probes,
            tracker=self.tracker,
            redactor=redactor,
            clock=self.clock,
            max_in_flight=self.max_in_flight,
            admission=self.gate,
            log=structlog.wrap_logger(self.logged, processors=[], wrapper_class=EVERY_LEVEL),
            metrics=self.metrics,
            exchange_log=self.failed_exchanges,
        )

    def declared(self, check: Check) -> Check:
        self.tracker.add_check(check)
        return check


def parts_answering(exchange: Exchange = ANSWER) -> Parts:
    return Parts(always(OneAnswer(exchange)))


def chat(model: str = "model-1", provider: str = "acme", *, max_in_flight: int = 16) -> Check:
    return a_check(model=model, settings=ChatSettings(), provider=a_provider(provider, max_in_flight=max_in_flight))


class BrokenProbe:
    name: ClassVar[str] = "chat"
    settings: ClassVar[type[ProbeSettings]] = ProbeSettings
    asks: ClassVar[frozenset[type[Ask]]] = frozenset({Complete})
    paid: ClassVar[bool] = True
    per_provider: ClassVar[bool] = False

    async def run(self, check: Check, call: Call) -> Outcome:
        await call(Complete("hello"))
        raise LookupError(f"no {KEY} for {check.probe}")


class BrokenSink(RecordingSink):
    def record_run(self, seen: Observation) -> None:
        raise LookupError(seen.check.id)


async def judged(exchange: Exchange = ANSWER, check: Check | None = None) -> Outcome:
    outcome = await parts_answering(exchange).runner.run(check or chat())
    assert outcome is not None
    return outcome
