"""The composition root: builds every part, wires them, starts and stops them in order, and reloads.

    plan -> scheduler -> runner -> call (transport, dialect) -> tracker (health) -> metrics, board, log -> server

Nothing else in the package knows more than its neighbours.
"""

import asyncio
import contextlib
import random
import signal
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import structlog
from pydantic import SecretStr

from exporter.aio.file_watch import FileWatch
from exporter.aio.gc_tuning import shorter_switch_interval
from exporter.aio.lag_monitor import LagMonitor
from exporter.aio.task_set import TaskSet
from exporter.app.accounting import Accounting
from exporter.app.plan_applier import Parts, PlanApplier
from exporter.config.reload import Reloader, ReloadResult
from exporter.config.settings import Settings
from exporter.core.clock import Clock, SystemClock
from exporter.core.health_state import Health
from exporter.core.plan import Plan, reuse_unchanged
from exporter.core.redaction import Redactor
from exporter.core.sink import Observation, Sink
from exporter.core.target import Check
from exporter.dialects import DIALECTS
from exporter.health.network_status import NetworkStatus
from exporter.health.tracker import HealthTracker
from exporter.metrics import ExporterMetrics, Metrics
from exporter.models.delisting import DelistingLog
from exporter.models.discovery import ModelDiscovery
from exporter.probes import make_probes
from exporter.probes.base import Probe
from exporter.results.failed_exchanges import FailedExchanges
from exporter.results.log import LogSink, configure_logging
from exporter.results.status_cache import StatusCache
from exporter.run.client import ModelClient
from exporter.run.confirmations import Confirmations
from exporter.run.on_demand import OnDemandRuns
from exporter.run.runner import OnDemandRun, Runner
from exporter.run.scheduler import Scheduler
from exporter.server import (
    Listen,
    Notice,
    PageSources,
    Server,
    build_app,
    list_notices,
    make_action_routes,
    make_report_routes,
)
from exporter.server.access.guard import AccessGuard
from exporter.server.access.origin import is_loopback_host
from exporter.server.web_config.current import CurrentWebConfig
from exporter.status_pages import StatusPages
from exporter.transport import HttpTransport, PageGetter, TcpCheck

SWEEP_EVERY = 5
"""Seconds between two looks for checks that have not run for too long."""

SETTLED_AFTER = 1.0
"""Seconds after a plan was taken over."""

BUCKETS_STAY = "other histogram buckets are configured; they are taken at the next start, those of now stay until then"


class Daemon:
    """One exporter: `load` reads the configuration, now and on every reload. To be made inside an event loop.

    `readers` are told of results beside its own. `settled` is called when much was made that will live long: at the
    start and after each reload. Raises ConfigError if the configuration cannot be used.
    """

    def __init__(
        self,
        load: Callable[[], Plan],
        settings: Settings,
        clock: Clock | None = None,
        readers: Iterable[Sink] = (),
        settled: Callable[[], None] = lambda: None,
    ) -> None:
        clock = clock or SystemClock()
        self._clock = clock
        self._config_files = () if settings.config is None else (settings.config,)
        self._files = FileWatch(self._watched_files, self._files_changed)
        self._files.mark_known(each for each in (settings.config, settings.web_config_file) if each is not None)
        plan = self._configured = load()
        self._own = ExporterMetrics()
        self._watch = LagMonitor(clock, self._own.observe_loop_lag, self._each_second)
        self._transport = HttpTransport(clock, loop_stall=self._watch.worst_delay_since, delays=self._own)
        redactor = Redactor(self._secrets)
        configure_logging(
            redactor, level=settings.log_level, form=settings.log_format, counted=self._own.count_log_line
        )
        self._log = structlog.get_logger().bind()  # once, and not anew for every line
        self._reloader = Reloader(
            load, self._configure, told=self._reloaded, log=self._log, clock=clock, clean=redactor.clean
        )
        self._settled = settled
        self._beside = TaskSet(self._log, self._own.count_internal_error)
        self._buckets = plan.buckets
        self._metrics = Metrics(plan.buckets, plan.label_keys, clock)
        probes = make_probes()
        self._treasury = Accounting(
            plan, settings.state_dir, clock, self._log, probes=probes, metrics=self._metrics, own=self._own
        )
        self._board = StatusCache()
        self._calls = ModelClient(self._transport, DIALECTS)
        self._scheduler = Scheduler(self._run_due, clock, self._treasury.gate.next_due)
        self._discovery = ModelDiscovery(self._log, self._rearrange_soon)
        unlisted = DelistingLog(self._log)
        self._network = NetworkStatus(TcpCheck(), self._own.set_network_up, clock.wall)
        self._status_pages = StatusPages(PageGetter(), self._metrics.set_provider_status, self._log, random.random)
        self._scheduled = not settings.no_schedule
        self._tracker = self._build_tracker(unlisted, readers)
        self._kept = FailedExchanges(redactor)
        self._runner = self._build_runner(probes, redactor)
        self._on_demand = OnDemandRuns(self._run_apart)
        self._late: dict[str, float] = {}
        self._arrangement = self._arranged(plan, unlisted)
        self._web = CurrentWebConfig(settings.web_config_file, self._log)
        self.server = self._build_server(settings)
        self._ready = False
        self._stopping = asyncio.Event()
        self._seconds = 0

    def _build_tracker(self, unlisted: DelistingLog, readers: Iterable[Sink]) -> HealthTracker:
        own: tuple[Sink, ...] = (self._metrics, self._board, LogSink(self._log), self._network, unlisted)
        sinks = (*own, self._discovery, *readers, self._treasury.store, Confirmations(self._scheduler.confirm))
        # Checks that only Prometheus runs have no series here: those of /probe would be there twice.
        return HealthTracker(sinks if self._scheduled else (self._board,), self._treasury.gate.effective_interval)

    def _arranged(self, plan: Plan, unlisted: DelistingLog) -> PlanApplier:
        parts = Parts(
            discovery=self._discovery,
            treasury=self._treasury,
            tracker=self._tracker,
            metrics=self._metrics,
            own=self._own,
            unlisted=unlisted,
            runner=self._runner,
            on_demand=self._on_demand,
            scheduler=self._scheduler,
            network=self._network,
            status_pages=self._status_pages,
        )
        return PlanApplier(plan, parts, self._clock, scheduled=self._scheduled, forgotten=self._forgotten)

    def _build_server(self, settings: Settings) -> Server:
        access = AccessGuard(
            lambda: self._web.config,
            self._clock,
            loopback=is_loopback_host(settings.listen.host),
            enable_actions=settings.web_enable_actions,
            read_only=settings.read_only,
        )
        app = build_app(
            metrics=self._metrics,
            own=self._own,
            board=self._board,
            clock=self._clock,
            ready=lambda: self._ready,
            routes=(
                *make_action_routes(
                    on_demand=self._on_demand,
                    plan=lambda: self._arrangement.plan,
                    reload=self._reloader.reload,
                    access=access,
                ),
                *make_report_routes(self._treasury.report),
            ),
            guard=access.protect,
            sources=self._page_sources(access),
        )
        address = Listen(settings.listen.host or None, settings.listen.port)
        return Server(app, address, tls=self._web.tls)

    def _build_runner(self, probes: Mapping[str, Probe], redactor: Redactor) -> Runner:
        return Runner(
            call_for=self._calls.make_call,
            probes=probes,
            tracker=self._tracker,
            redactor=redactor,
            clock=self._clock,
            max_in_flight=self._configured.max_in_flight,
            log=self._log,
            gate=self._treasury.gate,
            waited=self._started_late,
            failed=lambda _: self._own.count_internal_error(),
            brought=self._kept.record,
        )

    async def run(self, on_ready: Callable[[], None] = lambda: None) -> None:
        """Serve and probe until SIGTERM, SIGINT or `stop`. Raises UsageError if the address cannot be had.

        `on_ready` is called once the first round is scheduled.
        """
        await self.server.start()
        watching = [
            asyncio.create_task(self._watch.run(), name="loop watch"),
            asyncio.create_task(self._network.run(), name="network watch"),
        ]
        try:
            self._listen_to_signals()
            self._treasury.store.publish_url(self.server.url)
            self._settled()
            self._scheduler.start()
            self._own.set_clock_source(self._transport.clock_source)
            await self._configure(self._configured)
            self._own.record_reload(ok=True, at=self._clock.wall())
            self._beside.start(self._files.run(), "file watch")
            self._beside.start(self._recall(), "history")
            self._ready = True
            plan = self._arrangement.plan
            self._log.info("serving", address=self.server.url, checks=len(plan.checks), config=plan.source)
            for notice in plan.notices:
                self._log.info(notice)
            on_ready()
            await self._stopping.wait()
        finally:
            for task in watching:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            await self._reloader.stop()
            await self._beside.cancel_all()
            await self._status_pages.stop()
            await self._scheduler.stop()
            await self._on_demand.stop()
            await self.server.stop()
            await self._transport.close()
            await self._treasury.close()
            self._log.info("stopped")

    def stop(self) -> None:
        """Stop soon, in good order."""
        self._stopping.set()

    def reload(self, asked_by: str = "SIGHUP") -> None:
        """Read the configuration anew, soon. A bad one changes nothing, and log and metric say so."""
        self._beside.start(self._reloader.reload(asked_by), "reload")

    def _reloaded(self, reloaded: ReloadResult) -> None:
        self._own.record_reload(ok=reloaded.ok, at=reloaded.at)

    async def _configure(self, plan: Plan) -> list[str]:
        """Take a plan as it was read; what could not be taken over, in sentences."""
        kept = {provider.name for provider in plan.providers}
        for gone in (provider for provider in self._configured.providers if provider.name not in kept):
            self._calls.forget_quirks(gone)
            self._runner.forget_provider(gone)
            self._beside.start(self._transport.forget_provider(gone), "close the sessions of a provider")
        with shorter_switch_interval():
            self._configured = await asyncio.to_thread(reuse_unchanged, self._configured, plan)
        await self._rearrange()
        # Later: until its reading is over, whatever was read anew and is as before is still there beside it.
        asyncio.get_running_loop().call_later(SETTLED_AFTER, self._settled)
        return [] if plan.buckets == self._buckets else [BUCKETS_STAY]

    def _watched_files(self) -> Iterable[Path]:
        """The configuration, and certificates, which a session reads when it is opened. Keys are read at each use."""
        return {
            *self._config_files,
            *self._web.list_files(),
            *(file for each in self._configured.providers for file in each.list_tls_files()),
        }

    async def _files_changed(self, changed: frozenset[Path]) -> None:
        """The next exchange with a provider whose certificates changed opens a session that reads them."""
        for provider in self._configured.providers:
            if not changed.isdisjoint(provider.list_tls_files()):
                await self._transport.forget_provider(provider)
                self._log.info("certificates changed, they are used from now on", provider=provider.name)
        if not changed.isdisjoint(self._web.list_files()):
            self._beside.start(self._web.renew(), "web configuration")
        if not changed.isdisjoint(self._config_files):
            self.reload("file")

    def _rearrange_soon(self) -> None:
        """Other models were found. Not at once: the sinks are still being told of the list that named them."""
        self._beside.start(self._rearrange(), "take over what was found")

    async def _rearrange(self) -> None:
        await self._arrangement.apply(lambda: self._configured)

    def _forgotten(self, check: Check) -> None:
        self._late.pop(check.id, None)

    async def _recall(self) -> None:
        """What checks did before this process, for the pages. It is much: nothing waits for it."""
        for check_id, earlier in (await self._treasury.earlier()).items():
            self._board.add_earlier(check_id, earlier)
            await asyncio.sleep(0)

    async def _run_due(self, check: Check, due: float) -> None:
        if first := check.id not in self._late:  # else the run before still waits for its turn: this is left out
            self._late[check.id] = max(0.0, self._clock.wall() - due)
        await self._runner.run(check)
        if first:
            self._late.pop(check.id, None)
        self._own.set_in_flight(self._runner.in_flight)

    async def _run_apart(self, check: Check) -> OnDemandRun:
        """A run on demand. Where there are no others, its list of models is the one to find models in."""
        run = await self._runner.run_on_demand(check, demand=self._scheduled)
        if not self._scheduled:
            unmoved = Health()
            self._discovery.record_run(
                Observation(check=check, outcome=run.outcome, before=unmoved, after=unmoved, model_health=None)
            )
        return run

    def _started_late(self, check: Check, seconds: float) -> None:
        """What a run waited for its turn adds to the lateness of its start, and to nothing that it measures."""
        if (late := self._late.pop(check.id, None)) is not None:
            self._own.observe_schedule_lag(late + seconds)
        self._own.set_in_flight(self._runner.in_flight)

    def _each_second(self) -> None:
        self._seconds += 1
        self._treasury.each_second()
        if self._seconds % SWEEP_EVERY == 0:
            self._tracker.expire_stale_checks(self._clock.wall())
            self._network.publish()
        if self._scheduler.realign():
            self._log.warning("the clock was set; all checks keep to their slots by the new time")

    def _page_sources(self, access: AccessGuard) -> PageSources:
        return PageSources(
            costs=lambda: self._board.costs(self._clock.wall()),
            notices=self._notices,
            exchange=self._kept.last_failed_run,
            may_see_exchanges=lambda request: access.explain_withheld(request) is None,
        )

    def _notices(self) -> tuple[Notice, ...]:
        """Our own troubles of now, for the pages."""
        return list_notices(
            reload_problems=self._reloader.last.problems if self._reloader.last else (),
            network_up=self._network.is_up(),
            budgets={
                key: (most / 1e9, spent / 1e9) for key, (most, spent) in self._treasury.gate.report_spending().items()
            },
        )

    def _secrets(self) -> Iterable[SecretStr]:
        return (*self._configured.secrets(), *self._transport.list_secrets())

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(signal.SIGHUP, self.reload)
