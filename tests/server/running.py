"""A real server on loopback, with everything it reads, and a client to ask it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from exporter.core.clock import SystemClock
from exporter.core.outcome import Outcome
from exporter.core.plan import Buckets
from exporter.core.target import Check
from exporter.metrics import ExporterMetrics, Metrics
from exporter.results.status_cache import StatusCache
from exporter.server import Listen, Server, build_app
from exporter.server.app import leave_open
from exporter.server.sources import PageSources
from tests.metrics.make import seen


@dataclass
class World:
    """What the server reads, and whether the daemon is ready."""

    metrics: Metrics = field(default_factory=lambda: Metrics(Buckets(), (), SystemClock()))
    own: ExporterMetrics = field(default_factory=ExporterMetrics)
    board: StatusCache = field(default_factory=StatusCache)
    sources: PageSources = field(default_factory=PageSources)
    ready: bool = True
    routes: Sequence[web.AbstractRouteDef] = ()
    guard: Callable[[web.Application], None] = leave_open

    def declare(self, check: Check) -> None:
        self.metrics.add_check(check)
        self.board.add_check(check)

    def ran(self, check: Check, outcome: Outcome) -> None:
        self.metrics.record_run(seen(check, outcome))
        self.board.record_run(seen(check, outcome))


def app_of(world: World) -> web.Application:
    return build_app(
        metrics=world.metrics,
        own=world.own,
        board=world.board,
        clock=SystemClock(),
        ready=lambda: world.ready,
        routes=world.routes,
        guard=world.guard,
        sources=world.sources,
    )


@asynccontextmanager
async def serving(world: World) -> AsyncIterator[aiohttp.ClientSession]:
    """A session to ask the server with; what it gets is not decompressed."""
    server = Server(app_of(world), Listen("127.0.0.1", 0))
    await server.start()
    try:
        async with aiohttp.ClientSession(server.url, auto_decompress=False) as session:
            yield session
    finally:
        await server.stop()
