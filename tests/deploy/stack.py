"""The whole chain with real parts: demo daemon, Prometheus with the shipped rules, Alertmanager, and who is told.

The rules and waits are the shipped ones, made faster by the shipped rewriter: twelve times, because the demo runs its
checks every 5 s and not every 60 s. So each window sees as many runs as in production.
"""

import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from tests.deploy.shipped import ROOT, RULES
from tests.parts.daemon import Daemon, running_daemon
from tests.parts.process import free_port, running
from tests.parts.programs import program
from tests.parts.prometheus import Prometheus, running_prometheus

FASTER = 12
ALERTMANAGER = ROOT / "deploy/alertmanager/alertmanager.yml"
PROMETHEUS = ROOT / "deploy/prometheus/prometheus.yml"


@dataclass(frozen=True, slots=True)
class Message:
    """One notification: to which receiver, `firing` or `resolved`, for which group, with which alerts."""

    receiver: str
    status: str
    group: dict[str, str]
    alerts: tuple[dict[str, Any], ...]

    def names(self, status: str = "firing") -> set[str]:
        """The alerts in it that have this status."""
        return {each["labels"]["alertname"] for each in self.alerts if each["status"] == status}


@dataclass(frozen=True, slots=True)
class Desk:
    """Receives the notifications of Alertmanager, in order."""

    messages: list[Message] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        """One notification, as Alertmanager's webhook sends it."""
        told = await request.json()
        self.messages.append(Message(told["receiver"], told["status"], told["groupLabels"], tuple(told["alerts"])))
        return web.Response()


@dataclass(frozen=True, slots=True)
class Stack:
    """Everything, running; `rules` is the folder with the rules in use."""

    daemon: Daemon
    prometheus: Prometheus
    desk: Desk
    rules: Path

    async def values(self, promql: str, seconds: float) -> list[Any]:
        """The series that an expression had at any time in the last seconds; AssertionError if it is not valid."""
        [now] = [each.value for each in await self.prometheus.query("vector(time())")]
        asked = {"query": promql, "start": str(now - seconds), "end": str(now), "step": "2"}
        async with self.prometheus.session.post(f"{self.prometheus.url}/api/v1/query_range", data=asked) as response:
            answer = await response.json()
        assert answer["status"] == "success", (promql, answer)
        found: list[Any] = answer["data"]["result"]
        return found


@contextlib.asynccontextmanager
async def receiving(desk: Desk) -> AsyncIterator[str]:
    """Serve the desk on a free loopback port; its address."""
    app = web.Application()
    app.router.add_post("/{receiver}", desk.take)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


def faster(folder: Path, *paths: Path) -> None:
    """The shipped files at the pace of the demo."""
    adapt = ROOT / "deploy/prometheus/adapt.py"
    subprocess.run([sys.executable, adapt, "--faster", str(FASTER), "--into", folder, *paths], check=True)


@contextlib.asynccontextmanager
async def running_alertmanager(folder: Path, desk: str) -> AsyncIterator[str]:
    """An Alertmanager with the shipped configuration whose receivers are all at that desk; its address."""
    faster(folder, ALERTMANAGER)
    path = folder / ALERTMANAGER.name
    path.write_text(path.read_text().replace("http://localhost:9099", desk))
    address = f"127.0.0.1:{free_port()}"
    command = (
        program("prometheus-alertmanager"),
        f"--config.file={path}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",
    )
    async with running(command, folder) as process:
        await process.answers(f"http://{address}/-/ready")
        yield address


def scraping(exporter: str, alertmanager: str) -> str:
    """The shipped scrape configuration for these addresses, a scrape a second."""
    text = PROMETHEUS.read_text().replace("localhost:10115", exporter).replace("localhost:9093", alertmanager)
    config = yaml.safe_load(text)
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    return yaml.safe_dump(config)


@contextlib.asynccontextmanager
async def running_stack(folder: Path) -> AsyncIterator[Stack]:
    """All of it; the demo begins its troubles when this begins."""
    desk, rules = Desk(), folder / "prometheus" / "rules"
    faster(rules, *RULES)
    async with contextlib.AsyncExitStack() as parts:
        address = await parts.enter_async_context(receiving(desk))
        alertmanager = await parts.enter_async_context(running_alertmanager(folder / "alertmanager", address))
        daemon = await parts.enter_async_context(running_daemon(folder / "daemon", "demo"))
        exporter = daemon.url.removeprefix("http://")
        prometheus = await parts.enter_async_context(
            running_prometheus(scraping(exporter, alertmanager), folder / "prometheus")
        )
        yield Stack(daemon, prometheus, desk, rules)
