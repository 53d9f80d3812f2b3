"""The report of a state directory says what a real Prometheus says of the same window, and of the same daemon."""

import bisect
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.core.plan import Buckets
from exporter.demo.script import CYCLE
from exporter.demo.vendors import Vendors
from tests.end_to_end.vendor import vendor
from tests.fakes.server import FakeServer
from tests.parts.daemon import Daemon, command, environment, running_daemon
from tests.parts.programs import program
from tests.parts.prometheus import Prometheus, running_prometheus
from tests.parts.waiting import eventually

KEYS = {"SHOP_KEY": "key-of-the-shop"}
SUM = 'sum(ai_api_requests_total{model!=""})'


def configuration(server: FakeServer, interval: str) -> str:
    price = "price: {input: 1, output: 2}"
    return f"""
interval: {interval}
providers:
  shop: {{preset: openai-compatible, base_url: "{server.url}/v1", api_key: {{env: SHOP_KEY}}, {price}}}
  other: {{preset: openai-compatible, base_url: "{server.url}/v1", api_key: {{env: SHOP_KEY}}}}
models:
  - {{model: good, providers: [shop, other], alias: best}}
  - {{model: broken, provider: shop}}
"""


def scraping(daemon: Daemon) -> str:
    address = daemon.url.removeprefix("http://")
    return f"""
global: {{scrape_interval: 1s}}
scrape_configs: [{{job_name: ai-api-exporter, static_configs: [{{targets: ["{address}"]}}]}}]
"""


def reported(*words: str) -> dict[str, Any]:
    asked = command("report", "--window", "10m", "--output", "json", *words)
    ended = subprocess.run(asked, env=environment(), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


async def settled(daemon: Daemon, prometheus: Prometheus) -> None:
    """Wait until nothing ran for some seconds (a reload has its first runs) and Prometheus knows all that did."""
    totals: list[float] = []

    async def look() -> bool:
        page = await daemon.scrape()
        here = sum(each.value for each in page.samples("ai_api_requests_total") if each.labels["model"])
        active = sum(each.value for each in page.samples("ai_api_active_requests"))
        found = await prometheus.query(SUM)
        totals.append(here)
        still = len(totals) > 8 and len(set(totals[-8:])) == 1
        return still and not active and [each.value for each in found] == [here]

    await eventually(look, "a Prometheus that knows all runs", pause=1.0)


async def test_the_state_and_prometheus_say_the_same(tmp_path: Path) -> None:
    program("prometheus")
    async with FakeServer(vendor) as server:
        config = tmp_path / "exporter.yml"
        config.write_text(configuration(server, "1s"))
        words = ("run", "--config", config, "--state-dir", tmp_path / "state")
        run = running_daemon(tmp_path / "daemon", *words, variables=KEYS)
        async with run as daemon, running_prometheus(scraping(daemon), tmp_path / "prometheus") as prometheus:
            await daemon.shows("ai_api_requests_total", 4, model="good", provider="shop", status="success")
            config.write_text(configuration(server, "1h"))
            await settled(daemon, prometheus)
            stored = reported("--state-dir", str(tmp_path / "state"))
            scraped = reported("--from-prometheus", prometheus.url)
            served = json.loads(await daemon.get("/api/v1/report?window=10m"))
    assert stored["models"] == served["models"], "the daemon says what its directory says"
    assert stored["summary"] == pytest.approx(scraped["summary"], rel=1e-6)
    assert [each["model"] for each in stored["models"]] == ["good", "broken", "good"]
    assert_the_same(stored["models"], scraped["models"])
    assert [each["alias"] for each in stored["routes"]] == [each["alias"] for each in scraped["routes"]] == ["best"]


@pytest.mark.timeout(3 * CYCLE)
async def test_on_the_demo_they_say_the_same_too(tmp_path: Path) -> None:
    """Real troubles of the script are in the window: a cut stream, rate limits, an overload."""
    program("prometheus")
    config = tmp_path / "demo.yml"
    words = ("run", "--config", config, "--state-dir", tmp_path / "state")
    async with Vendors() as vendors:
        document = vendors.make_config(("chat",))
        plain = [{key: value for key, value in row.items() if key != "probes"} for row in document["models"]]
        document |= {"interval": "2s", "discover": [], "models": plain}
        config.write_text(yaml.safe_dump(document))
        run = running_daemon(tmp_path / "daemon", *words)
        async with run as daemon, running_prometheus(scraping(daemon), tmp_path / "prometheus") as prometheus:
            overloaded = {"provider": "anthropic", "model": "claude-sonnet-4", "error_type": "overloaded"}
            await daemon.shows("ai_api_errors_total", 1, seconds=2 * CYCLE, probe="chat", **overloaded)
            config.write_text(yaml.safe_dump(document | {"interval": "1h"}))
            await settled(daemon, prometheus)
            stored = reported("--state-dir", str(tmp_path / "state"))
            scraped = reported("--from-prometheus", prometheus.url)
    assert stored["summary"] == pytest.approx(scraped["summary"], rel=1e-6)
    assert stored["summary"]["error_rate"] > 0
    assert_the_same(stored["models"], scraped["models"])


def assert_the_same(stored: list[dict[str, Any]], scraped: list[dict[str, Any]]) -> None:
    for row, other in zip(stored, scraped, strict=True):
        assert_in_one_bucket(row.pop("p95_seconds"), other.pop("p95_seconds"))
        assert row == {name: pytest.approx(each) if isinstance(each, float) else each for name, each in other.items()}


def assert_in_one_bucket(exact: float | None, estimated: float | None) -> None:
    """Prometheus knows a percentile as well as its buckets are fine."""
    if exact is None or estimated is None:
        assert exact is estimated
        return
    bounds = Buckets().duration
    at = bisect.bisect_left(bounds, exact)
    assert (0.0, *bounds)[at] <= estimated <= bounds[at]
