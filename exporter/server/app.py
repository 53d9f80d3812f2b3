"""The HTTP application: which path shows what. It reads metrics and board and changes nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import orjson
from aiohttp import hdrs, web

from exporter.core.clock import Clock
from exporter.metrics import ExporterMetrics, Metrics
from exporter.results.status_cache import StatusCache
from exporter.server.api.answers import Api
from exporter.server.headers import HEADERS
from exporter.server.limits import Handler
from exporter.server.pages.answers import Pages
from exporter.server.scrape import ScrapeHandler
from exporter.server.sources import PageSources
from exporter.server.status import make_health_report

BOARD = web.AppKey("BOARD", StatusCache)
READY: web.AppKey[Callable[[], bool]] = web.AppKey("READY")
NOT_READY = "not ready: the first round of checks is not scheduled yet"
_NEEDS_A_PLAN = ("/probe", "/sd", "/api/v1/checks/", "/api/v1/status", "/api/v1/report")

WORKER = web.AppKey("WORKER", ThreadPoolExecutor)


def leave_open(app: web.Application) -> None:
    """Default guard: no authentication."""


def build_app(
    *,
    metrics: Metrics,
    own: ExporterMetrics,
    board: StatusCache,
    clock: Clock,
    ready: Callable[[], bool],
    routes: Iterable[web.AbstractRouteDef] = (),
    sources: PageSources | None = None,
    guard: Callable[[web.Application], None] = leave_open,
) -> web.Application:
    """Put the application together; `ready` tells whether the first round of checks is scheduled.

    `routes` are more paths: what acts, and what a reader of metrics and board cannot answer. `sources` are what
    the pages show besides the board. `guard` puts itself before every path.
    """
    app = web.Application()
    # One thread: scrapes wait for one another rather than take the interpreter from the event loop together.
    worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pages")
    app[BOARD], app[READY], app[WORKER] = board, ready, worker
    app.cleanup_ctx.append(_stop_worker)
    app.on_response_prepare.append(_finish_headers)
    sources = sources or PageSources()
    for part in (Pages(board, clock, worker, sources), Api(board, clock, worker, sources)):
        app.router.add_routes(part.list_routes())
    app.router.add_get("/metrics", ScrapeHandler(metrics, own, worker, clock).answer)
    app.router.add_get("/health", show_health)
    app.router.add_get("/-/healthy", show_healthy)
    app.router.add_get("/-/ready", show_ready)
    app.router.add_routes(routes)
    guard(app)
    app.middlewares.append(_refuse_until_ready)
    return app


@web.middleware
async def _refuse_until_ready(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 503 where an answer from before the first round would be untrue, such as "there is no such target"."""
    if not request.app[READY]() and request.path.startswith(_NEEDS_A_PLAN):
        if request.path.startswith("/api/"):
            return web.json_response({"error": NOT_READY}, status=503, headers={hdrs.RETRY_AFTER: "1"})
        return web.Response(status=503, text=f"{NOT_READY}\n", headers={hdrs.RETRY_AFTER: "1"})
    return await handler(request)


async def show_health(request: web.Request) -> web.Response:
    """Show the health of all checks as JSON. The status is 200 whatever the vendors do: it is about this process."""
    entries = request.app[BOARD].snapshot()
    body = await asyncio.get_running_loop().run_in_executor(
        request.app[WORKER], lambda: orjson.dumps(make_health_report(entries))
    )
    return web.Response(body=body, content_type="application/json")


async def show_healthy(_request: web.Request) -> web.Response:
    """Return whether this process serves: it does, or you would not read it."""
    return web.Response(text="healthy\n")


async def show_ready(request: web.Request) -> web.Response:
    """Return whether the first round of checks is scheduled; 503 until then."""
    if request.app[READY]():
        return web.Response(text="ready\n")
    return web.Response(status=503, text=f"{NOT_READY}\n")


async def _finish_headers(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.pop(hdrs.SERVER, None)


async def _stop_worker(app: web.Application) -> AsyncIterator[None]:
    yield
    app[WORKER].shutdown(wait=False, cancel_futures=True)
