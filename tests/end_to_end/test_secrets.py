"""Known keys go in, vendors do their worst to bring them to light, and nothing that comes out shows them."""

import base64
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from signal import SIGTERM
from urllib.parse import quote

from tests.end_to_end.traces import traces
from tests.end_to_end.vendor import answer, event, listing, piece, refusal
from tests.fakes.script import Received, Script, reply, stream
from tests.fakes.server import FakeServer
from tests.parts.daemon import Daemon, command, environment, running_daemon
from tests.parts.process import running
from tests.parts.waiting import eventually

KEY = 'Zq"7x/Wv\\9Lm+Rk=2T&sUy4Hb'
FILE_KEY = "Jf8/pD3wQz+e6MnV=tX1oK5g"
HEADER = "hG2r#Yc9aP%0vB7k;Ls4"
SHORT = "q9!X"
SECRETS = (KEY, FILE_KEY, HEADER)

ECHOES: Mapping[str, Callable[[str], Script]] = {
    "refused": lambda key: refusal(401, f"Incorrect API key provided: {key}.", "invalid_api_key"),
    "plain": lambda key: reply(f"<html>who is {key}?</html>".encode(), 502, {"content-type": "text/html"}),
    "percent": lambda key: refusal(400, f"no such page: /v1?key={quote(key, safe='')}", "bad"),
    "base64": lambda key: refusal(400, f"authorization: {base64.b64encode(key.encode()).decode()}", "bad"),
    "part": lambda key: refusal(403, f"the key {key[2:14]} is not allowed", "forbidden"),
    "code": lambda key: refusal(500, "see code", key),
    "model": lambda key: answer(f"model-of-{key}"),
    "headers": lambda key: reply(
        b"{}", 429, {"x-request-id": key, "x-ratelimit-limit-requests": key, "retry-after": key}
    ),
    "in-stream": lambda key: stream(
        event(piece("m", {"content": key})), event({"error": {"message": f"{key} was cut", "code": key}})
    ),
    "garbage": lambda key: reply(key.encode()),
}
"""Models that are named after how they show the key they were called with."""


def echo(request: Received) -> Script:
    key = request.headers["authorization"].removeprefix("Bearer ")
    if request.method == "GET":
        return listing(*ECHOES, key)
    return ECHOES[json.loads(request.body)["model"]](key)


def configuration(server: FakeServer, folder: Path) -> str:
    (folder / "key").write_text(f"{FILE_KEY}\n")
    rows = "\n".join(f"  - {{model: {model}, providers: [from-env, from-file, short]}}" for model in ECHOES)
    return f"""
interval: 1s
providers:
  from-env:
    preset: openai-compatible
    base_url: "{server.url}/v1"
    api_key: {{env: SHOP_KEY}}
    headers: {{x-tenant: "${{TENANT}}"}}
  from-file: {{preset: openai-compatible, base_url: "{server.url}/v1", api_key: {{file: key}}}}
  short: {{preset: openai-compatible, base_url: "{server.url}/v1", api_key: {{env: SHORT_KEY}}}}
models:
{rows}
"""


VARIABLES = {"SHOP_KEY": KEY, "TENANT": HEADER, "SHORT_KEY": SHORT}


async def every_page(daemon: Daemon) -> str:
    """All that the daemon serves, and what it says to a wrong address."""
    pages = [await daemon.get(path) for path in ("/", "/health", "/-/healthy", "/-/ready", "/no-such-page")]
    formats = ("text/plain", "application/openmetrics-text; version=1.0.0")
    return "\n".join([*pages, *[await daemon.get("/metrics", accept=accept) for accept in formats]])


async def test_a_run_full_of_failures_shows_no_key(tmp_path: Path) -> None:
    async with FakeServer(echo) as server:
        (tmp_path / "exporter.yml").write_text(configuration(server, tmp_path))
        words = ("run", "--config", tmp_path / "exporter.yml", "--log-level", "debug", "--log-format", "json")
        async with running_daemon(tmp_path / "daemon", *words, variables=VARIABLES) as daemon:

            async def all_ran() -> bool:
                runs = (await daemon.scrape()).samples("ai_api_probe_last_run_timestamp_seconds", probe="chat")
                return len(runs) == 3 * len(ECHOES)

            await eventually(all_ran, "every model was asked at every provider")
            shown = await every_page(daemon)
            assert await daemon.process.stop(SIGTERM) == 0
            shown += daemon.process.stdout + daemon.process.stderr
    sent = {request.headers["authorization"] for request in server.requests}
    assert sent == {f"Bearer {key}" for key in (KEY, FILE_KEY, SHORT)}
    assert {request.headers.get("x-tenant") for request in server.requests} == {HEADER, None}
    assert "invalid_api_key" in shown or "Incorrect API key" in shown, "the failures are told, without the keys"
    assert traces(SECRETS, shown) == []
    assert f"Bearer {SHORT}" not in shown


async def test_probe_with_debug_shows_the_exchange_without_the_key(tmp_path: Path) -> None:
    async with FakeServer(echo) as server:
        (tmp_path / "exporter.yml").write_text(configuration(server, tmp_path))
        for model in ECHOES:
            words = ("probe", f"from-env/{model}/chat", "--debug", "--config", tmp_path / "exporter.yml")
            async with running(command(*words), tmp_path / model, environment(**VARIABLES)) as process:
                assert await process.exit_code() in (0, 1), process.stderr
                shown = process.stdout + process.stderr
            assert model in shown
            assert traces(SECRETS, shown) == [], model


async def test_check_config_and_its_errors_show_no_key(tmp_path: Path) -> None:
    async with FakeServer(echo) as server:
        good = configuration(server, tmp_path)
    wrong = good.replace("interval: 1s", 'interval: "${SHOP_KEY}"').replace(
        "short: {", "short: {kind: $TENANT-${TENANT}, "
    )
    for name, text, code in (("good", good, 0), ("wrong", wrong, 2)):
        (tmp_path / f"{name}.yml").write_text(text)
        words = ("check-config", "--config", tmp_path / f"{name}.yml")
        async with running(command(*words), tmp_path / name, environment(**VARIABLES)) as process:
            assert await process.exit_code() == code, process.stderr
            shown = process.stdout + process.stderr
        assert shown
        assert traces(SECRETS, shown) == [], name
