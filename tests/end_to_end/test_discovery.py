"""Models that a vendor adds and takes away while the exporter runs: no restart, and no series of the others lost."""

import json
from pathlib import Path

from tests.end_to_end.vendor import answer, listing
from tests.fakes.script import Received, Script
from tests.fakes.server import FakeServer
from tests.parts.daemon import Daemon, Metrics, running_daemon
from tests.parts.waiting import eventually

SHOP = """
interval: 1s
providers:
  shop: {{preset: openai-compatible, base_url: "{url}/v1", api_key: {{env: SHOP_KEY}}}}
models:
  - {{model: by-hand, provider: shop}}
discover:
  - {{provider: shop, include: ["gpt-*"], exclude: ["*-old"], every: 1m, probes: [chat]}}
"""


class Shop:
    """A vendor whose list changes."""

    def __init__(self) -> None:
        self.models = ["by-hand", "gpt-1", "gpt-1-old", "gpt-" + "9" * 150, "o-1"]
        self.asked: set[str] = set()

    def __call__(self, request: Received) -> Script:
        if request.method == "GET":
            return listing(*self.models)
        model = json.loads(request.body)["model"]
        self.asked.add(model)
        return answer(model)


def watched(seen: Metrics) -> set[str]:
    return {sample.labels["model"] for sample in seen.samples("ai_api_check_info") if sample.labels["probe"] == "chat"}


async def shows(daemon: Daemon, models: set[str]) -> Metrics:
    async def look() -> Metrics | None:
        seen = await daemon.scrape()
        return seen if watched(seen) == models else None

    return await eventually(look, f"chats with {models}")


async def test_models_come_without_a_restart(tmp_path: Path) -> None:
    shop = Shop()
    async with FakeServer(shop) as server:
        (tmp_path / "exporter.yml").write_text(SHOP.format(url=server.url))
        variables = {"SHOP_KEY": "key-of-the-shop", "AI_API_EXPORTER_CONFIG": "exporter.yml"}
        async with running_daemon(tmp_path, "run", variables=variables) as daemon:
            found = await shows(daemon, {"by-hand", "gpt-1"})
            assert found.value("ai_api_provider_models", provider="shop") == 5
            answered = await daemon.shows("ai_api_model_health", 1, model="gpt-1")
            assert answered.value("ai_api_model_listed", model="by-hand") == 1
            shop.models.remove("by-hand")
            missed = await daemon.shows("ai_api_model_listed", 0, model="by-hand")
            assert missed.value("ai_api_model_listed", model="gpt-1") == 1
            assert missed.value("ai_api_exporter_internal_errors_total") == 0
            said = daemon.process.stdout + daemon.process.stderr
    assert shop.asked == {"by-hand", "gpt-1"}
    assert "models found" in said
    assert "listed models cannot be asked" in said
    assert "the provider does not list this model" in said
