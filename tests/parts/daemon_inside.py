"""A daemon inside the test's own loop, on a file of its own, and what it serves."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import yaml

from exporter.app.daemon import Daemon
from exporter.config.load import load_plan
from exporter.config.settings import Listen, Settings
from exporter.core.clock import Clock
from exporter.core.plan import Plan
from exporter.dialects import DIALECTS
from exporter.probes import PROBES
from tests.parts.daemon import Metrics
from tests.parts.waiting import eventually

ANY_PORT = Settings(listen=Listen("127.0.0.1", 0), log_level="error")


class File:
    """A configuration file of one provider, rewritten at will."""

    def __init__(self, path: Path, base: dict[str, object]) -> None:
        self.path = path
        self.base = base
        self.write("gpt-4o")

    def write(self, *models: str, provider: str = "openai") -> None:
        rows = [{"model": model, "provider": provider} for model in models]
        self.path.write_text(yaml.safe_dump({**self.base, "models": rows}))

    def load(self) -> Plan:
        return load_plan(self.path, {}, PROBES, DIALECTS)


@asynccontextmanager
async def running(file: File, clock: Clock | None = None, **more: object) -> AsyncIterator[Daemon]:
    settings = ANY_PORT.model_copy(update={"config": file.path, **more})
    daemon, ready = Daemon(file.load, settings, clock), asyncio.Event()
    task = asyncio.create_task(daemon.run(on_ready=ready.set))
    try:
        async with asyncio.timeout(60):
            await ready.wait()
            yield daemon
    finally:
        daemon.stop()
        await task


async def page(daemon: Daemon, path: str) -> str:
    """What is served below its address."""
    async with aiohttp.ClientSession() as session, session.get(f"{daemon.server.url}{path}") as answer:
        assert answer.status == 200, await answer.text()
        return await answer.text()


async def metrics_when(daemon: Daemon, there: Callable[[Metrics], bool]) -> Metrics:
    """The metrics, as soon as there is in them what is wanted."""

    async def look() -> Metrics | None:
        seen = Metrics(await page(daemon, "metrics"))
        return seen if there(seen) else None

    return await eventually(look, "metrics as they are wanted")


def successes(seen: Metrics, model: str) -> float:
    """How many runs of a model succeeded; 0 where there is no such model."""
    return seen.value("ai_api_requests_total", model=model, probe="chat", status="success") or 0.0


def ran(model: str, times: int = 1) -> Callable[[Metrics], bool]:
    """At least so often."""
    return lambda seen: successes(seen, model) >= times
