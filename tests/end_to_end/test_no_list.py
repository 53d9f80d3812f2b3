"""A gateway without a list of models pages nobody while its models answer; a wrong address does."""

import json
from pathlib import Path

import pytest

from tests.end_to_end.vendor import answer
from tests.fakes.script import Received, Script, reply
from tests.fakes.server import FakeServer
from tests.parts.daemon import Daemon, running_daemon
from tests.parts.waiting import eventually

CONFIGURATION = """
interval: 1s
providers:
  gateway: {{preset: openai-compatible, base_url: "{url}/v1", api_key: key-of-the-gateway}}
models:
  - {{model: good, provider: gateway, probes: [chat]}}
"""
PAGE = b"<!doctype html><html><head><title>A user interface</title></head></html>"
NO_LIST = {
    "no such page": reply(b"404 page not found", 404, {"content-type": "text/plain"}),
    "no such method": reply(b"", 405),
    "not implemented": reply(b'{"error": "not implemented"}', 501),
    "a page": reply(PAGE, 200, {"content-type": "text/html"}),
    "another shape": reply(b'{"status": "ok"}'),
    "a greeting": reply(b'{"message": "Welcome to the API"}'),
    "an envelope of success": reply(b'{"code": 0, "message": "success", "data": null}'),
    "only text": reply(b"ok", 200, {"content-type": "text/plain"}),
    "elsewhere": reply(b"", 302, {"location": "/login"}),
    "a bad method in words": reply(b'{"detail": "Method Not Allowed"}', 405),
}


async def list_has_run(daemon: Daemon) -> bool:
    return bool((await daemon.scrape()).samples("ai_api_probe_last_run_timestamp_seconds", probe="models"))


@pytest.mark.parametrize("said", NO_LIST.values(), ids=NO_LIST)
async def test_no_list_is_not_an_outage(tmp_path: Path, said: Script) -> None:
    def gateway(request: Received) -> Script:
        return said if request.method == "GET" else answer(json.loads(request.body)["model"])

    async with FakeServer(gateway) as server:
        (tmp_path / "exporter.yml").write_text(CONFIGURATION.format(url=server.url))
        async with running_daemon(tmp_path, "run", "--config", "exporter.yml") as daemon:
            await daemon.shows("ai_api_requests_total", 3, model="good", status="success")
            await eventually(lambda: list_has_run(daemon), "a run of the list")
            seen = await daemon.scrape()
            of_list = {"provider": "gateway", "model": ""}
            for family in ("ai_api_model_health", "ai_api_probe_success", "ai_api_probe_state"):
                assert not seen.samples(family, **of_list), family
            assert not seen.samples("ai_api_probe_last_success_timestamp_seconds", **of_list)
            assert not seen.samples("ai_api_model_listed")
            assert not seen.samples("ai_api_provider_models")
            assert not [each for each in seen.samples("ai_api_errors_total", **of_list) if each.value]
            status = json.loads(await daemon.get("/api/v1/status"))
            assert status["status"] == "up"
            (listed,) = [each for each in status["checks"] if each["probe"] == "models"]
            assert (listed["offered"], listed["state"]) == (False, "unknown")
            assert "not offered" in await daemon.get("/checks/gateway//models")
            assert "not offered" in await daemon.get("/")


async def test_an_address_where_no_model_answers_is_one(tmp_path: Path) -> None:
    def nothing_here(_request: Received) -> Script:
        return NO_LIST["no such page"]

    async with FakeServer(nothing_here) as server:
        (tmp_path / "exporter.yml").write_text(CONFIGURATION.format(url=server.url))
        async with running_daemon(tmp_path, "run", "--config", "exporter.yml") as daemon:
            await daemon.shows("ai_api_model_health", 0, model="good")
            await daemon.shows("ai_api_model_health", 0, model="")
