"""A wrong base URL: the failure names what was asked and what to try, everywhere where it is shown."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.end_to_end.vendor import vendor
from tests.fakes.script import Received, Script, reply
from tests.fakes.server import FakeServer
from tests.parts.daemon import command, environment, running_daemon

KEY = "sk-first-contact-0123456789"
CONFIGURATION = """
interval: 1s
providers:
  gateway: {{preset: openai-compatible, base_url: "{url}{path}", api_key: {{env: GATEWAY_KEY}}}}
models:
  - {{model: ../models/good.gguf, provider: gateway}}
"""
NOT_THERE = {
    "FastAPI": reply(b'{"detail":"Not Found"}', 404),
    "Go": reply(b"404 page not found\n", 404, {"content-type": "text/plain; charset=utf-8"}),
    "Express": reply(b"<pre>Cannot POST /chat/completions</pre>", 404, {"content-type": "text/html"}),
    "a page of a user interface": reply(b"<!doctype html><title>UI</title>", 200, {"content-type": "text/html"}),
    "OpenAI": reply(b'{"error": {"message": "Invalid URL (POST /chat/completions)", "code": null}}', 404),
    "nginx": reply(b"<html><h1>405 Not Allowed</h1></html>", 405, {"content-type": "text/html"}),
}


@pytest.mark.parametrize("path", ["", "/v1/chat/completions"])
@pytest.mark.parametrize("said", NOT_THERE.values(), ids=NOT_THERE)
async def test_a_wrong_address(tmp_path: Path, said: Script, path: str) -> None:
    def gateway(request: Received) -> Script:
        right = request.path in ("/v1/chat/completions", "/v1/models")
        return vendor(request) if right else said

    async with FakeServer(gateway) as server:
        (tmp_path / "exporter.yml").write_text(CONFIGURATION.format(url=server.url, path=path))
        variables = {"GATEWAY_KEY": KEY}
        asked = command("check-config", "--config", "exporter.yml", "--output", "json")
        checked = subprocess.run(asked, cwd=tmp_path, env=environment(**variables), capture_output=True, check=True)  # noqa: ASYNC221
        (warning,) = json.loads(checked.stdout)["warnings"]
        assert f"Most likely it is `base_url: {server.url}/v1`" in warning
        words = ["--config", "exporter.yml", "--web.enable-actions"]
        async with running_daemon(tmp_path, "run", *words, variables=variables) as daemon:
            await daemon.shows("ai_api_model_health", 0, model="../models/good.gguf")
            status = json.loads(await daemon.get("/api/v1/status"))
            (check,) = [each for each in status["checks"] if each["probe"] == "chat"]
            assert f"asked POST {server.url}{path}/chat/completions: " in check["last_run"]["detail"]
            assert f"try `base_url: {server.url}/v1`" in check["last_run"]["detail"]
            assert check["fault"] in ("us", "provider")
            shown = await daemon.get("/probe?target=gateway/../models/good.gguf&debug=true")
            assert f"> POST {server.url}{path}/chat/completions" in shown
            assert "> authorization: Bearer ***" in shown
            page = await daemon.get("/checks/gateway%2F..%2Fmodels%2Fgood.gguf%2Fchat?debug=true")
            assert f"POST {server.url}{path}/chat/completions" in page
            for text in (shown, page):
                assert KEY not in text
                assert "Exchange(" not in text
