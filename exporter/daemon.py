"""The composition root: builds every part, wires them, starts and stops them in order, and reloads.

    plan -> scheduler -> runner -> call (transport, dialect) -> tracker (health) -> metrics, board, log -> server

Nothing else in the package knows more than its neighbours.
"""

import asyncio
import contextlib
import random
import signal
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from pathlib import Path

import structlog
from pydantic import SecretStr

from exporter.board import Board
from exporter.caller import CallFactory
from exporter.clock import Clock, SystemClock
from exporter.confirmations import Confirmations
from exporter.dialects import DIALECTS
from exporter.discovery import Discoverer
from exporter.health import Health
from exporter.kept_exchanges import KeptExchanges
from exporter.log import LogSink, configure_logging
from exporter.loop_watch import LoopWatch
from exporter.metrics import ExporterMetrics, Metrics
from exporter.metrics.prices import Prices
from exporter.network import NetworkWatch
from exporter.on_demand import OnDemand
from exporter.plan import Plan, keeping
from exporter.probes import builtin_probes
from exporter.probes.base import Probe
from exporter.redact import Redactor
from exporter.reload import Reloaded, Reloader
from exporter.runner import RunApart, Runner
from exporter.scheduler import Scheduler
from exporter.server import Listen, Notice, Server, Sources, build_app, door_routes, notices, report_routes
from exporter.server.access.access import Access
from exporter.server.access.current import CurrentWebConfig
from exporter.server.access.origin import loopback
from exporter.settings import Settings
from exporter.shard import owned
from exporter.sink import Observation, Sink
from exporter.slices import in_slices
from exporter.status_pages import Page, StatusPages
from exporter.target import Check, Provider
from exporter.tracker import HealthTracker
from exporter.transport import HttpTransport, PageGetter, TcpReach
from exporter.treasury import Treasury
from exporter.unlisted import Unlisted
from exporter.watch import FileWatch

SWEEP_EVERY = 5
"""Seconds between two looks for checks that have not run for too long."""

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
        self._files.note(self._config_files)
        if settings.web_config_file is not None:
            self._files.note([settings.web_config_file])
        self._plan = self._configured = load()
        self._own = ExporterMetrics()
        self._watch = LoopWatch(clock, self._own.loop_lag, self._each_second)
        self._transport = HttpTransport(clock, loop_stall=self._watch.worst_since, delays=self._own)
        redactor = Redactor(self._secrets)
        configure_logging(redactor, level=settings.log_level, form=settings.log_format, counted=self._own.logged)
        self._log = structlog.get_logger()
        self._reloader = Reloader(load, self._configure, told=self._reloaded, log=self._log, clock=clock)
        self._settled = settled
        self._tasks: set[asyncio.Task[object]] = set()
        self._arranging = asyncio.Lock()
        self._buckets = self._plan.buckets
        self._metrics = Metrics(self._plan.buckets, self._plan.label_keys, clock)
        probes = builtin_probes()
        self._treasury = Treasury(
            self._plan, settings.state_dir, clock, self._log, probes=probes, metrics=self._metrics, own=self._own
        )
        self._board = board = Board()
        self._calls = CallFactory(self._transport, DIALECTS)
        self._scheduler = Scheduler(self._run_due, clock, self._treasury.gate.due_again)
        self._discovery = Discoverer(self._log, self._rearrange_soon)
        self._unlisted = Unlisted(self._log)
        self._network = NetworkWatch(TcpReach(), self._own.network, clock.wall)
        self._status_pages = StatusPages(PageGetter(), self._metrics.provider_status, self._log, random.random)
        own: tuple[Sink, ...] = (self._metrics, board, LogSink(self._log), self._network, self._unlisted)
        sinks = (*own, self._discovery, *readers, self._treasury.store, Confirmations(self._scheduler.confirm))
        self._scheduled = not settings.no_schedule
        # Checks that only Prometheus runs have no series here: those of /probe would be there twice.
        self._tracker = HealthTracker(sinks if self._scheduled else (board,), self._treasury.gate.interval)
        self._kept = KeptExchanges(redactor)
        self._runner = self._build_runner(probes, redactor)
        self._on_demand = OnDemand(self._run_apart)
        self._web = CurrentWebConfig(settings.web_config_file, self._log)
        self.server = self._build_server(board, settings)
        self._ready = False
        self._stopping = asyncio.Event()
        self._late: dict[str, float] = {}
        self._seconds = 0

    def _build_server(self, board: Board, settings: Settings) -> Server:
        access = Access(
            lambda: self._web.config,
            self._clock,
            loopback=loopback(settings.listen.host),
            enable_actions=settings.web_enable_actions,
            read_only=settings.read_only,
        )
        app = build_app(
            metrics=self._metrics,
            own=self._own,
            board=board,
            clock=self._clock,
            ready=lambda: self._ready,
            routes=(
                *door_routes(
                    on_demand=self._on_demand, plan=lambda: self._plan, reload=self._reloader.reload, access=access
                ),
                *report_routes(self._treasury.report),
            ),
            guard=access.guard,
            sources=self._page_sources(board, access),
        )
        address = Listen(settings.listen.host or None, settings.listen.port)
        return Server(app, address, tls=self._web.tls)

    def _build_runner(self, probes: Mapping[str, Probe], redactor: Redactor) -> Runner:
        return Runner(
            call_for=self._calls.call_for,
            probes=probes,
            tracker=self._tracker,
            redactor=redactor,
            clock=self._clock,
            max_in_flight=self._plan.max_in_flight,
            log=self._log,
            gate=self._treasury.gate,
            waited=self._started_late,
            failed=lambda _: self._own.internal_error(),
            brought=self._kept.brought,
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
            self._treasury.store.serves_at(self.server.url)
            self._settled()
            self._scheduler.start()
            self._own.clock_source(self._transport.clock_source)
            await self._configure(self._configured)
            self._own.reloaded(ok=True, at=self._clock.wall())
            self._spawn(self._files.run(), "file watch")
            self._spawn(self._recall(), "history")
            self._ready = True
            self._log.info("serving", address=self.server.url, checks=len(self._plan.checks), config=self._plan.source)
            for notice in self._plan.notices:
                self._log.info(notice)
            on_ready()
            await self._stopping.wait()
        finally:
            for task in watching:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            await self._end_tasks()
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
        self._spawn(self._reloader.reload(asked_by), "reload")

    def _reloaded(self, reloaded: Reloaded) -> None:
        self._own.reloaded(ok=reloaded.ok, at=reloaded.at)

    async def _configure(self, plan: Plan) -> list[str]:
        """Take a plan as it was read; what could not be taken over, in sentences."""
        kept = {provider.name for provider in plan.providers}
        for gone in (provider for provider in self._configured.providers if provider.name not in kept):
            self._calls.forget(gone)
            self._runner.forget(gone)
            self._spawn(self._transport.forget(gone), "close the sessions of a provider")
        self._configured = plan
        await self._rearrange()
        self._settled()
        return [] if plan.buckets == self._buckets else [BUCKETS_STAY]

    def _watched_files(self) -> Iterable[Path]:
        """The configuration, and certificates, which a session reads when it is opened. Keys are read at each use."""
        return {
            *self._config_files,
            *self._web.files(),
            *(file for each in self._configured.providers for file in _tls_files(each)),
        }

    async def _files_changed(self, changed: frozenset[Path]) -> None:
        """The next exchange with a provider whose certificates changed opens a session that reads them."""
        for provider in self._configured.providers:
            if not changed.isdisjoint(_tls_files(provider)):
                await self._transport.forget(provider)
                self._log.info("certificates changed, they are used from now on", provider=provider.name)
        if not changed.isdisjoint(self._web.files()):
            self._spawn(self._web.renew(), "web configuration")
        if not changed.isdisjoint(self._config_files):
            self.reload("file")

    def _rearrange_soon(self) -> None:
        """Other models were found. Not at once: the sinks are still being told of the list that named them."""
        self._spawn(self._rearrange(), "take over what was found")

    async def _rearrange(self) -> None:
        """Take over what is configured and found by now. Probes go on meanwhile, so the loop is never held for long."""
        async with self._arranging:
            whole = self._discovery.extended(self._configured)
            whole, plan = await asyncio.to_thread(_settled, self._plan, whole)
            prices = await self._treasury.look_up(plan, whole.checks)
            self._treasury.configure(plan, whole.checks)
            await asyncio.sleep(0)
            await in_slices(self._apply(plan, prices), self._clock)

    def _apply(self, plan: Plan, prices: Prices) -> Iterator[None]:
        """Make this plan the one that runs, step by step; what did not change is left alone."""
        wanted = {check.id for check in plan.checks}
        before, self._plan = self._plan, plan
        for gone in (check for check in before.checks if check.id not in wanted):
            self._tracker.forget(gone)
            self._late.pop(gone.id, None)
            yield
        self._metrics.configured(plan.targets)
        yield
        self._unlisted.configured(plan.targets)
        yield
        if plan.max_in_flight != before.max_in_flight:
            self._runner.resize(plan.max_in_flight)
        for check in plan.checks:
            self._tracker.declare(check)
            yield
        self._tracker.recall(self._treasury.recalled(plan.checks))
        yield
        yield from self._treasury.declared(prices)
        self._on_demand.apply(plan.checks)
        yield
        scheduled = plan.checks if self._scheduled else ()
        yield from self._scheduler.apply(scheduled, self._treasury.began(scheduled))
        self._own.checks(len(scheduled))
        self._network.configure(plan.checks, plan.network_check)
        yield
        self._status_pages.configure(_pages(plan) if plan.status_pages else {})

    async def _recall(self) -> None:
        """What checks did before this process, for the pages. It is much: nothing waits for it."""
        for check_id, earlier in (await self._treasury.earlier()).items():
            self._board.precede(check_id, earlier)
            await asyncio.sleep(0)

    async def _run_due(self, check: Check, due: float) -> None:
        self._late[check.id] = max(0.0, self._clock.wall() - due)
        await self._runner.run(check)
        self._own.in_flight(self._runner.in_flight)

    async def _run_apart(self, check: Check) -> RunApart:
        """A run on demand. Where there are no others, its list of models is the one to find models in."""
        run = await self._runner.run_apart(check, demand=self._scheduled)
        if not self._scheduled:
            unmoved = Health()
            self._discovery.observed(
                Observation(check=check, outcome=run.outcome, before=unmoved, after=unmoved, model_health=None)
            )
        return run

    def _started_late(self, check: Check, seconds: float) -> None:
        """What a run waited for its turn adds to the lateness of its start, and to nothing that it measures."""
        if (late := self._late.pop(check.id, None)) is not None:
            self._own.schedule_lag(late + seconds)
        self._own.in_flight(self._runner.in_flight)

    def _each_second(self) -> None:
        self._seconds += 1
        self._treasury.each_second()
        if self._seconds % SWEEP_EVERY == 0:
            self._tracker.sweep(self._clock.wall())
            self._network.refresh()
        if self._scheduler.realign():
            self._log.warning("the clock was set; all checks keep to their slots by the new time")

    def _page_sources(self, board: Board, access: Access) -> Sources:
        return Sources(
            costs=lambda: board.costs(self._clock.wall()),
            notices=self._notices,
            exchange=self._kept.of,
            may_see_exchanges=lambda request: access.withheld(request) is None,
        )

    def _notices(self) -> tuple[Notice, ...]:
        """Our own troubles of now, for the pages."""
        return notices(
            reload_problems=self._reloader.last.problems if self._reloader.last else (),
            network_up=self._network.up(),
            budgets={key: (most / 1e9, spent / 1e9) for key, (most, spent) in self._treasury.gate.told().items()},
        )

    def _secrets(self) -> Iterable[SecretStr]:
        return (*self._plan.secrets(), *self._transport.secrets())

    def _spawn(self, work: Coroutine[object, object, object], name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def _end_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._own.internal_error()
            self._log.error("internal error, please report it", part=task.get_name(), exc_info=error)

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(signal.SIGHUP, self.reload)


def _settled(before: Plan, whole: Plan) -> tuple[Plan, Plan]:
    """What all replicas together check, and our part of it; whatever did not change is the same object as before."""
    whole = keeping(before, whole)
    return whole, owned(whole)


def _pages(plan: Plan) -> dict[str, Page]:
    """The status pages of the providers, by provider."""
    return {each.name: Page(each.status_page, each.proxy) for each in plan.providers if each.status_page}


def _tls_files(provider: Provider) -> set[Path]:
    """The files of certificates that a provider's configuration names."""
    return {file for file in (provider.ca_file, provider.client_cert, provider.client_key) if file is not None}
