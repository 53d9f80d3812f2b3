"""A real Prometheus with the shipped configuration scrapes a real daemon and is asked what people ask."""

import subprocess
from pathlib import Path

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tests.end_to_end.vendor import vendor
from tests.fakes.server import FakeServer
from tests.parts.daemon import Daemon, running_daemon
from tests.parts.programs import ROOT, program
from tests.parts.prometheus import Prometheus, running_prometheus

SHIPPED = ROOT / "deploy/prometheus/prometheus.yml"

HEALTH = 'ai_api_model_health{model!=""}'
P95 = """
histogram_quantile(0.95, sum by (le, model) (rate(ai_api_request_duration_seconds_bucket{probe="chat"}[1m])))
"""
ERROR_RATE = """
sum by (model) (rate(ai_api_requests_total{probe="chat", status="error"}[1m]))
  / sum by (model) (rate(ai_api_requests_total{probe="chat"}[1m]))
"""


def configuration(server: FakeServer) -> str:
    return f"""
interval: 1s
providers:
  shop: {{preset: openai-compatible, base_url: "{server.url}/v1", api_key: {{env: SHOP_KEY}}}}
models:
  - {{model: good, provider: shop}}
  - {{model: broken, provider: shop}}
"""


def shipped(daemon: Daemon) -> str:
    """The shipped configuration, for this daemon's port and a test's patience."""
    text = SHIPPED.read_text()
    assert "localhost:10115" in text
    assert "scrape_interval: 15s" in text
    address = daemon.url.removeprefix("http://")
    return text.replace("localhost:10115", address).replace("scrape_interval: 15s", "scrape_interval: 1s")


async def by_model(prometheus: Prometheus, promql: str, series: int) -> dict[str, float]:
    return {each.labels["model"]: each.value for each in await prometheus.eventually(promql, series)}


async def test_prometheus_answers_for_health_latency_and_errors(tmp_path: Path) -> None:
    program("prometheus")
    async with FakeServer(vendor) as server:
        (tmp_path / "exporter.yml").write_text(configuration(server))
        run = running_daemon(
            tmp_path / "daemon", "run", "--config", tmp_path / "exporter.yml", variables={"SHOP_KEY": "key-of-the-shop"}
        )
        async with run as daemon, running_prometheus(shipped(daemon), tmp_path / "prometheus") as prometheus:
            await daemon.shows("ai_api_model_health", 0, model="broken")
            assert await by_model(prometheus, HEALTH, 2) == {"good": 1, "broken": 0}
            latency = await by_model(prometheus, P95 + " > 0", 1)
            errors = await by_model(prometheus, ERROR_RATE, 2)
            up = await prometheus.query('up{job="ai-api-exporter"}')
    assert set(latency) == {"good"}
    assert 0 < latency["good"] < 30
    assert errors == {"good": 0, "broken": 1}
    assert [each.value for each in up] == [1]


def linted(promtool: Path, text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False)


async def test_every_metric_is_valid(tmp_path: Path) -> None:
    """For promtool (text, with its lint), and for the strict parser of OpenMetrics."""
    promtool = program("promtool")
    async with FakeServer(vendor) as server:
        (tmp_path / "exporter.yml").write_text(configuration(server))
        run = running_daemon(
            tmp_path / "daemon", "run", "--config", tmp_path / "exporter.yml", variables={"SHOP_KEY": "key-of-the-shop"}
        )
        async with run as daemon:
            await daemon.shows("ai_api_model_health", 0, model="broken")
            await daemon.shows("ai_api_model_health", 1, model="good")
            text = (await daemon.scrape()).text
            openmetrics = await daemon.get("/metrics", accept="application/openmetrics-text; version=1.0.0")
    checked = linted(promtool, text)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
    families = {family.name for family in text_string_to_metric_families(openmetrics)}  # type: ignore[no-untyped-call]
    assert {"ai_api_requests", "ai_api_request_duration_seconds", "ai_api_model_health"} <= families
