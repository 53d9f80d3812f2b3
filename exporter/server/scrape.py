"""`/metrics`: negotiated, made on a thread of its own, sent chunk by chunk."""

import asyncio
from concurrent.futures import Executor

from aiohttp import hdrs, web

from exporter.core.clock import Clock
from exporter.metrics import ExporterMetrics, Metrics
from exporter.metrics.scrape import collect_all, join_chunks
from exporter.server.negotiation import CONTENT_TYPE, takes_gzip, wants_openmetrics


class ScrapeHandler:
    """Answers scrapes. What the event loop does for one is to note which texts stand; `worker` joins them."""

    def __init__(self, metrics: Metrics, own: ExporterMetrics, worker: Executor, clock: Clock) -> None:
        self._metrics = metrics
        self._own = own
        self._worker = worker
        self._clock = clock

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer with the current exposition in the format that the client prefers."""
        began = self._clock.monotonic_ns()
        openmetrics = wants_openmetrics(",".join(request.headers.getall(hdrs.ACCEPT, [])))
        gzip = takes_gzip(",".join(request.headers.getall(hdrs.ACCEPT_ENCODING, [])))
        response = web.StreamResponse()
        response.headers[hdrs.CONTENT_TYPE] = CONTENT_TYPE[openmetrics]
        response.headers[hdrs.VARY] = f"{hdrs.ACCEPT}, {hdrs.ACCEPT_ENCODING}"
        if gzip:
            response.headers[hdrs.CONTENT_ENCODING] = "gzip"
        await response.prepare(request)
        if request.method != hdrs.METH_HEAD:
            size = await self._send(response, openmetrics=openmetrics, gzip=gzip)
            self._own.observe_scrape((self._clock.monotonic_ns() - began) / 1e9, size)
        return response

    async def _send(self, response: web.StreamResponse, *, openmetrics: bool, gzip: bool) -> int:
        body = join_chunks(await collect_all(self._metrics, self._own, self._clock, openmetrics=openmetrics), gzip=gzip)
        loop = asyncio.get_running_loop()
        size = 0
        while chunk := await loop.run_in_executor(self._worker, next, body, b""):
            await response.write(chunk)
            size += len(chunk)
        await response.write_eof()
        return size
