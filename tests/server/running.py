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
from exporter.results.status_cache import Board
from exporter.server import Listen, Server, build_app
from exporter.server.app import open_to_all
from exporter.server.sources import Sources
from tests.metrics.make import seen


@dataclass
class World:
    """What the server reads, and whether the daemon is ready."""

    metrics: Metrics = field(default_factory=lambda: Metrics(Buckets(), (), SystemClock()))
    own: ExporterMetrics = field(default_factory=ExporterMetrics)
    board: Board = field(default_factory=Board)
    sources: Sources = field(default_factory=Sources)
    ready: bool = True
    routes: Sequence[web.AbstractRouteDef] = ()
    guard: Callable[[web.Application], None] = open_to_all

    def declare(self, check: Check) -> None:
        self.metrics.declare(check)
        self.board.declare(check)

    def ran(self, check: Check, outcome: Outcome) -> None:
        self.metrics.observed(seen(check, outcome))
        self.board.observed(seen(check, outcome))


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
