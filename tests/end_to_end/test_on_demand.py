"""Prometheus has the schedule: a real one finds the checks of a daemon at /sd and runs each of them by /probe."""

from pathlib import Path

import pytest

from tests.end_to_end.vendor import vendor
from tests.fakes.server import FakeServer
from tests.parts.daemon import Daemon, running_daemon
from tests.parts.programs import ROOT, program
from tests.parts.prometheus import running_prometheus

DEPLOY = ROOT / "deploy/prometheus"
VARIABLES = {"SHOP_KEY": "key-of-the-shop"}
CHECKS = {"shop//models", "shop/good/chat", "shop/maker/good/chat", "shop/broken/chat"}


def configuration(server: FakeServer) -> str:
    return f"""
interval: 1s
timeout: 5s
providers:
  shop: {{preset: openai-compatible, base_url: "{server.url}/v1", api_key: {{env: SHOP_KEY}}}}
models:
  - {{model: good, provider: shop}}
  - {{model: maker/good, provider: shop}}
  - {{model: broken, provider: shop}}
"""


def shipped(name: str, daemon: Daemon) -> str:
    """The shipped configuration, for this daemon's port and targets and a test's patience."""
    text = (DEPLOY / name).read_text()
    replaced = {
        "localhost:10115": daemon.url.removeprefix("http://"),
        "scrape_interval: 15s": "scrape_interval: 1s",
    }
    if "multi-target" in name:
        replaced |= {
            "scrape_interval: 60s": "scrape_interval: 1s",
            "scrape_timeout: 35s": "scrape_timeout: 1s",
            "openai/gpt-4o-mini": "shop/good",
            "anthropic/claude-sonnet-4-5": "shop/maker/good",
        }
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    ("name", "instances"),
    [
        pytest.param("prometheus-http-sd.yml", CHECKS, id="service discovery"),
        pytest.param("prometheus-multi-target.yml", {"shop/good", "shop/maker/good"}, id="targets written down"),
    ],
)
async def test_prometheus_collects_all_checks(tmp_path: Path, name: str, instances: set[str]) -> None:
    program("prometheus")
    async with FakeServer(vendor) as server:
        (tmp_path / "exporter.yml").write_text(configuration(server))
        words = ("run", "--no-schedule", "--config", tmp_path / "exporter.yml")
        run = running_daemon(tmp_path / "daemon", *words, variables=VARIABLES)
        async with run as daemon, running_prometheus(shipped(name, daemon), tmp_path / "prometheus") as prometheus:
            seen = await prometheus.eventually("ai_api_probe_success", len(instances))
            up = await prometheus.eventually('up{job="ai-api-exporter-probe"} == 1', len(instances))
            own = await daemon.scrape()
    success = {each.labels["instance"]: each.value for each in seen}
    assert success == {instance: float("broken" not in instance) for instance in instances}
    assert {each.labels["instance"] for each in up} == instances
    assert {each.labels["job"] for each in seen} == {"ai-api-exporter-probe"}
    # What its own /metrics told of a check would be there twice.
    assert own.value("ai_api_exporter_checks") == 0
    assert own.samples("ai_api_probe_success") + own.samples("ai_api_check_info") == ()


async def test_without_a_schedule_nothing_is_run_unasked(tmp_path: Path) -> None:
    async with FakeServer(vendor) as server:
        (tmp_path / "exporter.yml").write_text(configuration(server))
        words = ("run", "--config", tmp_path / "exporter.yml")
        variables = {**VARIABLES, "AI_API_EXPORTER_NO_SCHEDULE": "1"}
        async with running_daemon(tmp_path / "daemon", *words, variables=variables) as daemon:
            answered = await daemon.get("/probe?target=shop/good&probe=chat")
            asked = [request.path for request in server.requests]
    assert 'ai_api_probe_success{provider="shop",model="good",probe="chat"} 1' in answered
    assert asked == ["/v1/chat/completions"]


async def test_a_run_on_demand_moves_neither_health_nor_metrics(tmp_path: Path) -> None:
    async with FakeServer(vendor) as server:
        text = configuration(server).replace("interval: 1s", "interval: 1h")
        (tmp_path / "exporter.yml").write_text(text)
        run = running_daemon(tmp_path / "daemon", "run", "--config", tmp_path / "exporter.yml", variables=VARIABLES)
        async with run as daemon:
            await daemon.shows("ai_api_requests_total", 1, status="error", model="broken", probe="chat")
            for _ in range(3):
                answered = await daemon.get("/probe?target=shop/broken&probe=chat")
            log = await daemon.get("/probe?target=shop/broken&probe=chat&debug=true")
            seen = await daemon.scrape()
    assert 'ai_api_probe_success{provider="shop",model="broken",probe="chat"} 0' in answered
    # Once on schedule, at most once more for confirmation; never by those four.
    assert seen.value("ai_api_requests_total", status="error", model="broken", probe="chat") in (1, 2)
    assert "< HTTP 500" in log
    assert "key-of-the-shop" not in log
