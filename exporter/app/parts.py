"""The parts of one daemon, built from the bottom up and wired with one another."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from structlog.typing import FilteringBoundLogger

from exporter.aio.task_set import TaskSet
from exporter.app.accounting import Accounting
from exporter.app.pacing_watch import PacingWatch
from exporter.app.price_watch import PriceWatch
from exporter.app.resumption import Resumption
from exporter.config.settings import Settings
from exporter.core.clock import Clock
from exporter.core.health_state import Health
from exporter.core.plan import Plan
from exporter.core.redaction import Redactor
from exporter.core.sink import Observation, Sink
from exporter.core.target import Check
from exporter.dialects import DIALECTS
from exporter.health.network_status import NetworkStatus
from exporter.health.tracker import HealthTracker
from exporter.metrics import ExporterMetrics, Metrics
from exporter.models.delisting import DelistingLog
from exporter.models.discovery import ModelDiscovery
from exporter.money.budget_admission import BudgetAdmission
from exporter.probes import PROBES, make_probes
from exporter.results.failed_exchanges import FailedExchanges
from exporter.results.log import LogSink
from exporter.results.status_cache import StatusCache
from exporter.run.client import ModelClient
from exporter.run.confirmations import Confirmations
from exporter.run.on_demand import OnDemandRuns
from exporter.run.runner import OnDemandRun, Runner
from exporter.run.scheduler import Scheduler
from exporter.status_pages import StatusPages
from exporter.transport import HttpTransport, PageGetter, TcpCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """What all parts share: clock, log, redaction, background tasks, the exporter's own metrics, the network."""

    clock: Clock
    log: FilteringBoundLogger
    redactor: Redactor
    tasks: TaskSet
    own: ExporterMetrics
    transport: HttpTransport


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything that a daemon consists of between its configuration and its server.

    `scheduled` False means that only requests from outside (`/probe`) start runs.
    """

    scheduled: bool
    metrics: Metrics
    accounting: Accounting
    prices: PriceWatch
    pacing: PacingWatch
    resumption: Resumption
    status_cache: StatusCache
    failed_exchanges: FailedExchanges
    discovery: ModelDiscovery
    delisting: DelistingLog
    network: NetworkStatus
    status_pages: StatusPages
    scheduler: Scheduler
    tracker: HealthTracker
    client: ModelClient
    runner: Runner
    on_demand: OnDemandRuns


def build_parts(
    plan: Plan, settings: Settings, process: Process, sinks: Iterable[Sink], apply_found: Callable[[], None]
) -> Parts:
    """Build all parts for a first plan; `apply_found` is called when discovery found other models."""
    clock, log, own = process.clock, process.log, process.own
    scheduled = not settings.no_schedule
    metrics = Metrics(plan.buckets, plan.label_keys, clock)
    accounting = Accounting(plan, settings.state_dir, clock, log, probes=PROBES, own=own)
    status_cache, delisting = StatusCache(), DelistingLog(log)
    discovery = ModelDiscovery(log, apply_found)
    network = NetworkStatus(TcpCheck(), own.set_network_up, clock.wall)
    failed_exchanges = FailedExchanges(process.redactor)

    async def run_due(check: Check, due: float) -> None:
        await runner.run(check, scheduler.lag_since(due))

    scheduler = Scheduler(run_due, clock, accounting.admission.next_due)
    if scheduled:
        ours = (metrics, status_cache, LogSink(log), network, delisting, discovery)
        sinks = (*ours, *sinks, accounting.store, Confirmations(scheduler.confirm))
    else:  # checks that only Prometheus starts have no series here: /probe exports them
        sinks = (status_cache,)
    tracker = HealthTracker(sinks, accounting.admission.effective_interval)
    client = ModelClient(process.transport, DIALECTS)
    runner = _make_runner(plan, process, client, tracker, accounting.admission, failed_exchanges)
    return Parts(
        scheduled=scheduled,
        metrics=metrics,
        accounting=accounting,
        prices=PriceWatch(accounting, metrics, clock, log, process.tasks),
        pacing=PacingWatch(accounting, metrics, status_cache, own, clock, log),
        resumption=Resumption(accounting.store.remembered, accounting.admission, clock),
        status_cache=status_cache,
        failed_exchanges=failed_exchanges,
        discovery=discovery,
        delisting=delisting,
        network=network,
        status_pages=StatusPages(PageGetter(), metrics.set_provider_status, log, random.random),
        scheduler=scheduler,
        tracker=tracker,
        client=client,
        runner=runner,
        on_demand=_make_on_demand(runner, discovery, scheduled=scheduled),
    )


def _make_runner(  # noqa: PLR0917  (one caller, one call)
    plan: Plan,
    process: Process,
    client: ModelClient,
    tracker: HealthTracker,
    admission: BudgetAdmission,
    failed_exchanges: FailedExchanges,
) -> Runner:
    return Runner(
        call_for=client.make_call,
        probes=make_probes(),
        tracker=tracker,
        redactor=process.redactor,
        clock=process.clock,
        max_in_flight=plan.max_in_flight,
        log=process.log,
        admission=admission,
        metrics=process.own,
        exchange_log=failed_exchanges,
    )


def _make_on_demand(runner: Runner, discovery: ModelDiscovery, *, scheduled: bool) -> OnDemandRuns:
    async def run(check: Check) -> OnDemandRun:
        on_demand = await runner.run_on_demand(check, demand=scheduled)
        if not scheduled:  # then its list of models is the only one that discovery can read
            health = Health()
            discovery.record_run(
                Observation(check=check, outcome=on_demand.outcome, before=health, after=health, model_health=None)
            )
        return on_demand

    return OnDemandRuns(run)
