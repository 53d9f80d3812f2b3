"""What a daemon remembers over restarts and kills, and who else may use its state directory."""

import asyncio
import os
import random
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from signal import SIGTERM
from typing import Any

import bcrypt
import orjson
import pytest
import yaml

from exporter.store import Owner
from tests.end_to_end.vendor import vendor
from tests.fakes.certificates import Authority
from tests.fakes.server import FakeServer
from tests.parts.daemon import Daemon, command, environment, running_daemon
from tests.parts.process import Running, free_port, running
from tests.parts.programs import ROOT
from tests.parts.waiting import eventually

KEYS = {"SHOP_KEY": "key-of-the-shop"}
KILLS = int(os.environ.get("KILLS", "20"))
"""How often the daemon is killed at a random moment."""
LATEST = 2
"""The latest of these moments, in times of what it needs here and now to its first request."""


def configured(folder: Path, server: FakeServer, interval: str = "1s", more: str = "") -> Path:
    path = folder / "exporter.yml"
    path.write_text(f"""
interval: {interval}
{more}
providers:
  shop: {{preset: openai-compatible, base_url: "{server.url}/v1", api_key: {{env: SHOP_KEY}}}}
models:
  - {{model: good, provider: shop, price: {{input: 1, output: 2}}}}
  - {{model: broken, provider: shop}}
""")
    return path


def asked(server: FakeServer) -> int:
    return sum(request.method == "POST" for request in server.requests)


def entries(state: Path) -> Sequence[tuple[str, int, int | None]]:
    """What the ledger holds; nothing where it was not begun."""
    sql = "SELECT check_id, demand, settled FROM ledger ORDER BY id"
    try:
        with closing(sqlite3.connect(f"file:{state / 'state.db'}?mode=ro", uri=True)) as connection:
            return connection.execute(sql).fetchall()
    except sqlite3.OperationalError:
        return ()


AS_KNOWN = (
    "ai_api_probe_success",
    "ai_api_probe_last_run_timestamp_seconds",
    "ai_api_probe_last_success_timestamp_seconds",
    "ai_api_probe_duration_seconds",
)
"""What a restart must show as it was before."""


async def shown(daemon: Daemon, model: str) -> dict[str, Any]:
    """One check as the JSON shows it, without what is not kept (phases) and what passing time changes (empty slots)."""
    told: dict[str, Any] = orjson.loads(await daemon.get(f"/api/v1/checks/shop/{model}/chat"))
    recent = [run | {"phases_seconds": None} for run in told["recent"]]
    hour, day = ([slot for slot in told[name] if slot["runs"]] for name in ("hour", "day"))
    return told | {"recent": recent, "hour": hour, "day": day}


async def test_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    """Health, what was spent, the last runs and due times: all is shown at once, nothing is asked before its time."""
    async with FakeServer(vendor) as server:
        config = configured(tmp_path, server, "1h", "budget: {daily_usd: 1}\nfailures: 1")
        words = ("run", "--config", config, "--state-dir", tmp_path / "state")
        async with running_daemon(tmp_path / "first", *words, variables=KEYS) as first:
            await first.shows("ai_api_probe_success", 1, model="good")
            await first.shows("ai_api_probe_success", 0, model="broken")
            before, pages = await first.scrape(), [await shown(first, model) for model in ("good", "broken")]
            assert await first.process.stop(SIGTERM) == 0
        count, spent = asked(server), sum(amount or 0 for _, _, amount in entries(tmp_path / "state")) / 1e9
        async with running_daemon(tmp_path / "second", *words, variables=KEYS) as second:
            known = await second.scrape()
            await eventually(lambda: same(second, pages), "the same pages")
            assert asked(server) == count, "this was before any run"
            await asyncio.sleep(6)  # first runs are spread over five seconds: none of them may come
            after = await second.shows("ai_api_budget_spent_usd", spent, scope="all")
        assert asked(server) == count, "no paid probe before it is due"
    assert spent > 0
    assert after.value("ai_api_requests_total", model="good", status="success") == 0
    assert [known.value("ai_api_model_health", model=model) for model in ("good", "broken")] == [1, 0]
    assert known.value("ai_api_probe_state", model="broken", state="down", probe="chat") == 1
    for name in AS_KNOWN:
        for model in ("good", "broken"):
            assert known.value(name, model=model) == before.value(name, model=model), name
    assert pages[0]["cost_today_usd"] > 0


async def same(daemon: Daemon, pages: Sequence[dict[str, Any]]) -> bool:
    return [await shown(daemon, page["model"]) for page in pages] == pages


async def test_a_second_daemon_is_refused(tmp_path: Path) -> None:
    async with FakeServer(vendor) as server:
        config = configured(tmp_path, server, "1h")
        words = ("run", "--config", config, "--state-dir", tmp_path / "state")
        async with running_daemon(tmp_path / "first", *words, variables=KEYS):
            again = running(command(*words, "--listen", "127.0.0.1:0"), tmp_path / "second", environment(**KEYS))
            async with again as second:
                assert await second.exit_code() == 2
                assert second.stderr.count("\n") == 1
                assert "is in use by another exporter (process " in second.stderr


async def probed(folder: Path, config: Path, *words: str | Path) -> tuple[int, Running]:
    asking = command("probe", "shop/good", "--config", config, *words)
    async with running(asking, folder, environment(**KEYS)) as process:
        return await process.exit_code(), process


async def test_probe_asks_the_daemon_that_has_the_ledger(tmp_path: Path) -> None:
    state = tmp_path / "state"
    async with FakeServer(vendor) as server:
        config = configured(tmp_path, server, "1h")
        run = running_daemon(tmp_path / "daemon", "run", "--config", config, "--state-dir", state, variables=KEYS)
        async with run as daemon:
            await daemon.shows("ai_api_probe_success", 1, model="good")
            code, process = await probed(tmp_path / "ask", config, "--state-dir", state)
            assert (code, "ai_api_probe_success" in process.stdout) == (0, True), process.stderr
            code, _ = await probed(tmp_path / "past", config, "--state-dir", state, "--no-ledger")
            assert code == 0
            await eventually(lambda: settled(state, 1), "one run on demand in the ledger")
        code, process = await probed(tmp_path / "alone", config, "--state-dir", state)
        assert (code, "shop/good/chat: ok" in process.stdout) == (0, True), process.stderr
    assert sum(demand for _, demand, _ in entries(state)) == 2


async def test_probe_asks_a_daemon_behind_tls_and_a_password(tmp_path: Path) -> None:
    state, password = tmp_path / "state", "open sesame"
    certificate, key = Authority(tmp_path).client("127.0.0.1")
    hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()
    web, http = tmp_path / "web.yml", tmp_path / "http.yml"
    tls = {"cert_file": str(certificate), "key_file": str(key)}
    web.write_text(yaml.safe_dump({"tls_server_config": tls, "basic_auth_users": {"alice": hashed}}))
    known = {"basic_auth": {"username": "alice", "password": password}, "tls_config": {"ca_file": "ca.pem"}}
    http.write_text(yaml.safe_dump(known))
    async with FakeServer(vendor) as server:
        config, address = configured(tmp_path, server, "1h"), f"127.0.0.1:{free_port()}"
        words = command("run", "--config", config, "--state-dir", state, "--web.config.file", web, "--listen", address)
        async with running(words, tmp_path / "daemon", environment(**KEYS)) as daemon:
            await eventually(lambda: said(daemon, "serving"), "the daemon serves")
            code, process = await probed(
                tmp_path / "believing", config, "--state-dir", state, "--http.config.file", http
            )
            assert (code, "ai_api_probe_success" in process.stdout) == (0, True), process.stderr
            code, process = await probed(
                tmp_path / "away", config, "--url", f"https://{address}", "--http.config.file", http
            )
            assert (code, "ai_api_probe_success" in process.stdout) == (0, True), process.stderr
            code, process = await probed(tmp_path / "nobody", config, "--state-dir", state)
            assert (code, "write tls_config into the file of --http.config.file" in process.stderr) == (2, True)
            http.write_text(yaml.safe_dump({"tls_config": {"ca_file": "ca.pem"}}))
            code, process = await probed(tmp_path / "unnamed", config, "--state-dir", state, "--http.config.file", http)
            assert (code, "write basic_auth into the file of --http.config.file" in process.stderr) == (2, True)
            await eventually(lambda: settled(state, 2), "two runs on demand in the ledger")


async def said(process: Running, words: str) -> bool:
    assert process.process.returncode is None, process.stderr
    return words in process.stderr


async def settled(state: Path, count: int) -> bool:
    return sum(demand for _, demand, amount in entries(state) if amount is not None) == count


@pytest.mark.timeout(200 + 20 * KILLS)
async def test_every_request_was_in_the_ledger_before_it_was_sent(tmp_path: Path) -> None:
    state = tmp_path / "state"
    async with FakeServer(vendor) as server:
        words = ("run", "--config", configured(tmp_path, server), "--state-dir", state, "--listen", "127.0.0.1:0")
        async with killed(*words) as kill:
            began, dice = time.monotonic(), random.Random(5)
            await kill(eventually(lambda: any_asked(server), "the first request"))
            latest = LATEST * (time.monotonic() - began)
            for number in range(KILLS):
                await kill(asyncio.sleep(dice.uniform(0, latest)))
                assert len(entries(state)) >= asked(server), f"after kill {number}"
        requests = asked(server)
    ledger = len(entries(state))
    print(f"{KILLS} kills, {requests} requests, {ledger} entries")  # noqa: T201  (shown with -s)
    assert requests >= KILLS / 4
    assert ledger - requests <= 2 * (KILLS + 1), "two checks, so at most two in flight at each kill"
    assert not list(state.glob("state.db.2*")), "it opened every time"
    assert Owner.read(state).pid


async def any_asked(server: FakeServer) -> bool:
    return asked(server) > 0


@asynccontextmanager
async def killed(*words: str | Path) -> AsyncIterator[Callable[[Awaitable[object]], Awaitable[None]]]:
    """What starts the exporter and kills it when something has come, each time it is called."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.end_to_end.forked", *map(str, words)),
        env=environment(**KEYS),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    asks, tells = process.stdin, process.stdout

    async def kill(when: Awaitable[object]) -> None:
        asks.write(b"\n")
        await when
        asks.write(b"\n")
        assert await tells.readline() == b"killed\n"

    try:
        yield kill
    finally:
        asks.close()
        _, told = await process.communicate()
        assert process.returncode == 0, told.decode()
