"""Without a file the first cheap model that the vendor lists is asked: a retired one is no outage."""

import json
from pathlib import Path

from exporter.config.presets import PRESETS
from tests.end_to_end.vendor import answer, listing, refusal
from tests.fakes.script import Received, Script
from tests.fakes.server import FakeServer
from tests.parts.daemon import running_daemon

STARTERS = PRESETS["openai"].starters


async def test_the_first_that_is_listed_is_asked(tmp_path: Path) -> None:
    asked: set[str] = set()

    def vendor(request: Received) -> Script:
        if request.method == "GET":
            return listing("gpt-4o-mini", "text-embedding-3-small", STARTERS[2])
        asked.add(model := json.loads(request.body)["model"])
        return answer(model) if model == STARTERS[2] else refusal(404, f"The model `{model}` does not exist", "x")

    async with FakeServer(vendor) as server:
        variables = {"OPENAI_API_KEY": "key-of-the-vendor", "OPENAI_BASE_URL": f"{server.url}/v1"}
        async with running_daemon(tmp_path, "run", variables=variables) as daemon:
            await daemon.shows("ai_api_model_health", 1, provider="openai", model=STARTERS[2])
            status = json.loads(await daemon.get("/api/v1/status"))
            assert {check["id"] for check in status["checks"]} == {"openai//models", f"openai/{STARTERS[2]}/chat"}
            said = daemon.process.stdout + daemon.process.stderr
    assert asked == {STARTERS[2]}
    assert f"a short chat with the first of {', '.join(STARTERS)} that it lists" in said


async def test_a_list_without_any_of_them_is_said(tmp_path: Path) -> None:
    def vendor(_request: Received) -> Script:
        return listing("gpt-77")

    async with FakeServer(vendor) as server:
        variables = {"OPENAI_API_KEY": "key-of-the-vendor", "OPENAI_BASE_URL": f"{server.url}/v1"}
        async with running_daemon(tmp_path, "run", variables=variables) as daemon:
            await daemon.shows("ai_api_provider_models", 1, provider="openai")
            said = daemon.process.stdout + daemon.process.stderr
    assert "no listed model fits" in said
