"""Scrapes over a real connection: format, compression, and what the exporter then tells of them."""

import gzip
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

import aiohttp
import pytest
from aiohttp import web

from exporter.core.clock import SystemClock
from exporter.core.plan import Buckets
from exporter.metrics import ExporterMetrics, Metrics
from exporter.metrics.exposition import Chunk
from exporter.metrics.scrape import CHUNK
from exporter.server import Listen, Server
from exporter.server.scrape import ScrapeHandler
from tests.metrics.make import answered, check
from tests.metrics.read import body as body_of
from tests.metrics.read import families, told
from tests.server.running import World, serving
from tests.server.test_negotiation import PROMETHEUS_2

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"

Given = ParamSpec("Given")
Made = TypeVar("Made")


class Worker(ThreadPoolExecutor):
    """The thread of scrapes, and all that it made."""

    def __init__(self) -> None:
        super().__init__(max_workers=1)
        self.made: list[object] = []

    def submit(self, fn: Callable[Given, Made], /, *args: Given.args, **kwargs: Given.kwargs) -> Future[Made]:
        future = super().submit(fn, *args, **kwargs)
        future.add_done_callback(lambda done: self.made.append(done.result()))
        return future


class WatchedMetrics(Metrics):
    """Metrics that know on which threads their texts were joined."""

    def __init__(self) -> None:
        super().__init__(Buckets(), (), SystemClock())
        self.threads: set[int] = set()

    def render(self, *, openmetrics: bool) -> Iterator[Chunk]:
        return map(self._watched, super().render(openmetrics=openmetrics))

    def _watched(self, piece: Chunk) -> Chunk:
        def joined() -> bytes:
            self.threads.add(threading.get_ident())
            return piece()

        return joined


def world() -> World:
    made = World()
    made.declare(check())
    made.ran(check(), answered(request_id="req_1"))
    return made


@pytest.mark.parametrize(
    ("accept", "accept_encoding", "content_type", "content_encoding"),
    [
        pytest.param("*/*", "identity", TEXT, None, id="plain"),
        pytest.param("*/*", "gzip", TEXT, "gzip", id="plain, compressed"),
        pytest.param(PROMETHEUS_2, "identity", OPENMETRICS, None, id="OpenMetrics"),
        pytest.param(PROMETHEUS_2, "gzip", OPENMETRICS, "gzip", id="Prometheus"),
    ],
)
async def test_a_scrape_gets_what_it_asked_for(
    accept: str, accept_encoding: str, content_type: str, content_encoding: str | None
) -> None:
    headers = {"Accept": accept, "Accept-Encoding": accept_encoding}
    async with serving(world()) as session, session.get("/metrics", headers=headers) as response:
        body = await response.read()
    assert response.status == 200
    assert response.headers["Content-Type"] == content_type
    assert response.headers.get("Content-Encoding") == content_encoding
    assert response.headers["Vary"] == "Accept, Accept-Encoding"
    text = (gzip.decompress(body) if content_encoding else body).decode()
    names = {family.name for family in families(text, openmetrics=content_type == OPENMETRICS)}
    assert {"ai_api_requests", "ai_api_exporter_checks"} <= names
    assert ('request_id="req_1"' in text) == (content_type == OPENMETRICS)


async def test_several_accept_headers_count_as_one() -> None:
    headers = [("Accept", "text/plain;q=0.5"), ("Accept", "application/openmetrics-text")]
    async with serving(world()) as session, session.get("/metrics", headers=headers) as response:
        assert response.headers["Content-Type"] == OPENMETRICS


async def test_a_head_request_gets_the_headers_alone() -> None:
    tested = world()
    async with serving(tested) as session, session.head("/metrics") as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == TEXT
        assert await response.read() == b""
    assert told(tested.own, "ai_api_exporter_scrape_duration_seconds_count") == 0


async def test_the_next_scrape_tells_of_the_last() -> None:
    tested = world()
    async with serving(tested) as session:
        async with session.get("/metrics", headers={"Accept-Encoding": "identity"}) as response:
            size = len(await response.read())
        assert told(tested.own, "ai_api_exporter_scrape_bytes") == size
        assert told(tested.own, "ai_api_exporter_scrape_duration_seconds_count") == 1


async def test_a_scrape_writes_no_fragment() -> None:
    tested = world()
    before = tested.metrics.writes
    async with serving(tested) as session, session.get("/metrics") as response:
        await response.read()
    assert tested.metrics.writes == before


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_a_large_exposition_arrives_whole(encoding: str) -> None:
    tested = World()
    for n in range(60):
        tested.declare(check(f"model-{n}"))
    headers = {"Accept-Encoding": encoding}
    async with serving(tested) as session, session.get("/metrics", headers=headers) as response:
        body = await response.read()
    text = (gzip.decompress(body) if encoding == "gzip" else body).decode()
    assert len(text) > 8 * CHUNK
    checks = body_of(tested.metrics)
    assert text.startswith(checks)
    assert len(families(text)) == len(families(checks)) + len(families(body_of(tested.own)))


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_the_event_loop_only_passes_on_what_another_thread_made(encoding: str) -> None:
    """Texts are joined and compressed off the loop: what is sent is, byte for byte, what came from there."""
    metrics = WatchedMetrics()
    for n in range(60):
        metrics.add_check(check(f"model-{n}"))
    with Worker() as worker:
        app = web.Application()
        app.router.add_get("/metrics", ScrapeHandler(metrics, ExporterMetrics(), worker, SystemClock()).answer)
        server = Server(app, Listen("127.0.0.1", 0))
        await server.start()
        asking = aiohttp.ClientSession(server.url, auto_decompress=False, headers={"Accept-Encoding": encoding})
        async with asking as session, session.get("/metrics") as response:
            body = await response.read()
        await server.stop()
    assert body == b"".join(part for part in worker.made if isinstance(part, bytes))
    assert len(metrics.threads) == 1
    assert threading.get_ident() not in metrics.threads
