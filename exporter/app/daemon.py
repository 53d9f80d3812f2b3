"""The composition root: builds the parts, starts and stops them in order, and reloads.

plan -> scheduler -> runner -> client (dialect, transport) -> tracker (health) -> sinks -> server
"""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterable

import structlog
from pydantic import SecretStr

from exporter.aio.file_watch import FileWatch
from exporter.aio.gc_tuning import shorter_switch_interval
from exporter.aio.lag_monitor import LagMonitor
from exporter.aio.task_set import TaskSet
from exporter.app.file_changes import FileChanges
from exporter.app.pacing_watch import PUBLISH_EVERY
from exporter.app.parts import Process, build_parts
from exporter.app.plan_applier import PlanApplier
from exporter.app.price_watch import REFRESH_EVERY
from exporter.app.serving import build_server
from exporter.config.reload import Reloader
from exporter.config.settings import Settings
from exporter.core.clock import Clock, SystemClock
from exporter.core.plan import Plan, reuse_unchanged
from exporter.core.redaction import Redactor
from exporter.core.sink import Sink
from exporter.metrics import ExporterMetrics
from exporter.results.log import configure_logging
from exporter.server.web_config.current import CurrentWebConfig
from exporter.transport import HttpTransport

EXPIRE_EVERY = 5
"""Seconds between two looks for checks that have not run for too long."""

STOOD_STILL = 2.0
"""Seconds by which a second may be longer before it counts as a pause of this process."""

SETTLED_AFTER = 1.0
"""Seconds after a plan was applied until the heap is frozen: what was replaced is still referenced before that."""

BUCKETS_STAY = "other histogram buckets are configured; they are taken at the next start, those of now stay until then"


class Daemon:
    """One exporter. Build it inside an event loop.

    `load` reads the configuration, now and on every reload; `sinks` receive results beside the daemon's own;
    `freeze` is called when many long-lived objects were made: at the start and after each reload. Raises ConfigError
    if the configuration cannot be used.
    """

    def __init__(
        self,
        load: Callable[[], Plan],
        settings: Settings,
        clock: Clock | None = None,
        sinks: Iterable[Sink] = (),
        freeze: Callable[[], None] = lambda: None,
    ) -> None:
        clock = clock or SystemClock()
        plan = self._configured = load()
        self._buckets = plan.buckets
        self._freeze = freeze
        own = ExporterMetrics()
        self._lag = LagMonitor(clock, own.observe_loop_lag, self._run_periodic_jobs)
        transport = HttpTransport(clock, loop_stall=self._lag.worst_delay_since, delays=own)
        redactor = Redactor(self._list_secrets)
        configure_logging(redactor, level=settings.log_level, form=settings.log_format, counted=own.count_log_line)
        log = structlog.get_logger().bind()  # bound once: binding for every line costs
        tasks = TaskSet(log, own.count_internal_error)
        self._process = Process(clock=clock, log=log, redactor=redactor, tasks=tasks, own=own, transport=transport)
        self._reloader = Reloader(
            load,
            self._configure,
            told=lambda result: own.record_reload(ok=result.ok, at=result.at),
            log=log,
            clock=clock,
            clean=redactor.clean,
        )
        self._parts = build_parts(plan, settings, self._process, sinks, self._apply_soon)
        self._applier = PlanApplier(plan, self._parts, self._process)
        web = CurrentWebConfig(settings.web_config_file, log)
        self._files = self._watch_files(settings, web)
        self._ready = False
        self.server = build_server(
            settings,
            self._process,
            self._parts,
            web,
            self._reloader,
            plan=lambda: self._applier.plan,
            is_ready=lambda: self._ready,
        )
        self._stopping = asyncio.Event()
        self._seconds = 0
        self._last_second_ns = clock.monotonic_ns()

    async def run(self, on_ready: Callable[[], None] = lambda: None) -> None:
        """Serve and probe until SIGTERM, SIGINT or `stop`. Raises UsageError if the address cannot be had.

        `on_ready` is called once the first round is scheduled.
        """
        await self.server.start()
        watching = [
            asyncio.create_task(self._lag.run(), name="lag monitor"),
            asyncio.create_task(self._parts.network.run(), name="network status"),
        ]
        try:
            await self._start()
            on_ready()
            await self._stopping.wait()
        finally:
            for task in watching:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            await self._stop_parts()
            self._process.log.info("stopped")

    def stop(self) -> None:
        """Stop soon, in good order."""
        self._stopping.set()

    def reload(self, asked_by: str = "SIGHUP") -> None:
        """Read the configuration again, soon. A bad one changes nothing, and log and metric say so."""
        self._process.tasks.start(self._reloader.reload(asked_by), "reload")

    async def _start(self) -> None:
        own, log, tasks = self._process.own, self._process.log, self._process.tasks
        self._listen_to_signals()
        self._parts.accounting.store.publish_url(self.server.url)
        self._freeze()
        self._parts.scheduler.start()
        own.set_clock_source(self._process.transport.clock_source)
        await self._configure(self._configured)
        own.record_reload(ok=True, at=self._process.clock.wall())
        tasks.start(self._files.run(), "file watch")
        tasks.start(self._load_history(), "history")
        self._ready = True
        plan = self._applier.plan
        log.info("serving", address=self.server.url, checks=len(plan.checks), config=plan.source)
        for warning in plan.warnings:
            log.warning(warning)
        for notice in plan.notices:
            log.info(notice)

    async def _stop_parts(self) -> None:
        """Stop in the order in which parts depend on one another: first what starts runs, last what stores them."""
        await self._reloader.stop()
        await self._process.tasks.cancel_all()
        await self._parts.status_pages.stop()
        await self._parts.scheduler.stop()
        await self._parts.on_demand.stop()
        await self.server.stop()
        await self._process.transport.close()
        await self._parts.accounting.close()

    async def _configure(self, plan: Plan) -> list[str]:
        """Apply a plan as it was read; return what could not be applied, in sentences."""
        names = {provider.name for provider in plan.providers}
        for removed in (provider for provider in self._configured.providers if provider.name not in names):
            self._parts.client.forget_quirks(removed)
            self._parts.runner.forget_provider(removed)
            closing = self._process.transport.forget_provider(removed)
            self._process.tasks.start(closing, "close the sessions of a provider")
        with shorter_switch_interval():
            self._configured = await asyncio.to_thread(reuse_unchanged, self._configured, plan)
        await self._apply()
        asyncio.get_running_loop().call_later(SETTLED_AFTER, self._freeze)
        return [] if plan.buckets == self._buckets else [BUCKETS_STAY]

    def _apply_soon(self) -> None:
        """Apply newly found models, but not at once: the sinks are still processing the list that named them."""
        self._process.tasks.start(self._apply(), "apply found models")

    async def _apply(self) -> None:
        await self._applier.apply(lambda: self._configured)

    async def _load_history(self) -> None:
        """Give the pages the history of an earlier process, check by check: it may be long."""
        for check_id, earlier in (await self._parts.accounting.store.read_history()).items():
            self._parts.status_cache.add_earlier(check_id, earlier)
            await asyncio.sleep(0)

    def _run_periodic_jobs(self) -> None:
        """Run what is due in this second."""
        self._seconds += 1
        now_ns = self._process.clock.monotonic_ns()
        stood = (now_ns - self._last_second_ns) / 1e9 - 1
        self._last_second_ns = now_ns
        if stood > STOOD_STILL:
            self._parts.tracker.record_pause(stood, self._process.clock.wall())
        if self._seconds % PUBLISH_EVERY == 0:
            self._parts.pacing.publish_changes()
        if self._seconds % REFRESH_EVERY == 0:
            self._parts.accounting.clean_up()
            self._parts.prices.start_refresh()
        if self._seconds % EXPIRE_EVERY == 0:
            self._parts.tracker.expire_stale_checks(self._process.clock.wall())
            self._parts.network.publish()
        if self._parts.scheduler.realign():
            self._process.log.warning("the clock was set; all checks keep to their slots by the new time")

    def _watch_files(self, settings: Settings, web: CurrentWebConfig) -> FileWatch:
        changes = FileChanges(
            settings, web, self._process, providers=lambda: self._configured.providers, reload=self.reload
        )
        watch = FileWatch(changes.list_files, changes.handle)
        watch.mark_known(path for path in (settings.config, settings.web_config_file) if path is not None)
        return watch

    def _list_secrets(self) -> Iterable[SecretStr]:
        return (*self._configured.secrets(), *self._process.transport.list_secrets())

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(signal.SIGHUP, self.reload)
