"""The server that `bench.scrape` scrapes: the exporter's own application over a population of checks, and no probes.

`python -m bench.scrape_server CHECKS` prints its address, and ends when its standard input does. Beside the usual
paths it has `POST /bench/feed?runs=N` (so many runs end now), `POST /bench/begin?trickle=RATE` (from now on note the
longest hold of the loop, while so many runs end a second; without a rate nothing is noted, and nothing ends) and
`POST /bench/end`, which answers with what was noted since: `held`, `late` (the same with the waits for a core) and
`cpu`, in milliseconds.
"""

import asyncio
import sys
from time import process_time

from aiohttp import web

from bench.hold import HoldWatch
from bench.population import Population, example, lived
from exporter.aio.gc_tuning import freeze_heap, tune_gc
from exporter.core.clock import SystemClock
from exporter.metrics import ExporterMetrics
from exporter.results.status_cache import StatusCache
from exporter.server import Listen, Server, build_app


class Desk:
    """What the benchmark asks of the server."""

    def __init__(self, population: Population) -> None:
        self._population = population
        self._watch = HoldWatch()
        self._trickle: asyncio.Task[None] | None = None
        self._cpu = 0.0

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/bench/feed", self.feed),
            web.post("/bench/begin", self.begin),
            web.post("/bench/end", self.end),
        ]

    async def feed(self, request: web.Request) -> web.Response:
        self._population.run(int(request.query["runs"]))
        return web.json_response({})

    async def begin(self, request: web.Request) -> web.Response:
        rate = float(request.query.get("trickle", "0"))
        if rate and self._trickle is None:
            self._trickle = asyncio.create_task(self._runs_end(rate), name="trickle")
        if rate:
            self._watch.begin()
        self._cpu = process_time()
        return web.json_response({})

    async def end(self, _request: web.Request) -> web.Response:
        noted = {"held": self._watch.longest, "late": self._watch.late, "cpu": process_time() - self._cpu}
        return web.json_response({name: seconds * 1000 for name, seconds in noted.items()})

    async def _runs_end(self, rate: float) -> None:
        while True:
            self._population.run(1)
            await asyncio.sleep(1 / rate)


async def serve(checks: int) -> None:
    tune_gc()
    board, own = StatusCache(), ExporterMetrics()
    population = lived(await example(), checks, board)
    own.set_check_count(checks)
    app = build_app(
        metrics=population.metrics,
        own=own,
        board=board,
        clock=SystemClock(),
        ready=lambda: True,
        routes=Desk(population).routes(),
    )
    server = Server(app, Listen("127.0.0.1", 0))
    await server.start()
    freeze_heap()
    print(f"http://127.0.0.1:{server.port}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
