"""The parts together, inside one loop: it serves, probes, reloads and stops. As a process: tests/end_to_end."""

import asyncio
import gc
import json
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from exporter.app.daemon import Daemon
from exporter.config.settings import Listen, Settings
from exporter.core.errors import ConfigError, UsageError
from exporter.core.plan import Plan
from exporter.core.target import Target
from exporter.demo.vendors import Vendors
from tests.fakes.certificates import Authority
from tests.parts.daemon import Metrics
from tests.parts.daemon_inside import ANY_PORT, File, metrics_when, page, ran, running, successes
from tests.parts.waiting import eventually
from tests.run.test_scheduler import SteppedClock


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[File]:
    async with Vendors(script=()) as vendors:
        document = vendors.make_config()
        yield File(
            tmp_path / "exporter.yaml",
            {"interval": "1s", "probes": ["chat"], "providers": {"openai": document["providers"]["openai"]}},
        )


async def test_it_probes_and_serves(file: File) -> None:
    async with running(file) as daemon:
        seen = await metrics_when(daemon, lambda seen: seen.value("ai_api_model_health", model="gpt-4o") == 1)

    assert seen.value("ai_api_probe_state", model="gpt-4o", probe="chat", state="up") == 1
    assert seen.value("ai_api_exporter_config_last_reload_successful") == 1
    assert seen.value("ai_api_exporter_schedule_lag_seconds_count") != 0
    assert sum(sample.value for sample in seen.samples("ai_api_exporter_clock_source")) == 1


async def test_removed_checks_leave_nothing_behind(file: File) -> None:
    async with running(file) as daemon:
        for number in range(4):
            models = [f"gpt-4o-removed-{number}-{at}" for at in range(10)]
            file.write(*models)
            daemon.reload()
            await metrics_when(daemon, lists(models[-1]))
        gc.unfreeze()

        async def none_is_left() -> bool:
            return models_in_memory() == set(models)

        await eventually(none_is_left, lambda: models_in_memory() - set(models))


def lists(model: str) -> Callable[[Metrics], bool]:
    """The model has a check."""
    return lambda seen: seen.value("ai_api_probe_interval_seconds", model=model) is not None


def models_in_memory() -> set[str]:
    """The models of that test that anything still holds."""
    gc.collect()
    return {each.model for each in gc.get_objects() if isinstance(each, Target) and "-removed-" in each.model}


async def test_a_reload_keeps_what_did_not_change(file: File) -> None:
    async with running(file) as daemon:
        before = await metrics_when(daemon, ran("gpt-4o", 3))
        file.write("gpt-4o", "gpt-4o-mini")
        daemon.reload()
        after = await metrics_when(daemon, ran("gpt-4o-mini"))

    assert successes(after, "gpt-4o") >= successes(before, "gpt-4o")
    assert after.value("ai_api_exporter_checks") == 3


async def test_a_file_that_changes_is_read_without_being_asked(file: File) -> None:
    async with running(file) as daemon:
        file.write("gpt-4o", "gpt-4o-mini")
        seen = await metrics_when(daemon, ran("gpt-4o-mini"))

    assert seen.value("ai_api_exporter_checks") == 3


async def test_other_buckets_are_said_to_need_a_restart(file: File) -> None:
    async with running(file) as daemon, aiohttp.ClientSession() as session:
        file.base["buckets"] = {"duration": [1, 2]}
        file.write("gpt-4o")
        async with session.post(f"{daemon.server.url}-/reload") as answer:
            assert answer.status == 200
            assert "taken at the next start" in await answer.text()


async def test_a_web_configuration_that_changes_is_used_without_being_asked(file: File, tmp_path: Path) -> None:
    web_config = tmp_path / "web.yml"
    web_config.write_text("")
    async with running(file, web_config_file=web_config) as daemon, aiohttp.ClientSession() as session:
        web_config.write_text("http_server_config: {headers: {X-Frame-Options: sameorigin}}")
        while True:
            async with session.get(f"{daemon.server.url}-/healthy") as answer:
                if answer.headers["X-Frame-Options"] == "sameorigin":
                    return
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("given", "status"),
    [
        pytest.param({}, 200, id="loopback"),
        pytest.param({"read_only": True}, 403, id="read-only"),
        pytest.param({"listen": Listen("0.0.0.0", 0)}, 403, id="all addresses"),
        pytest.param({"listen": Listen("0.0.0.0", 0), "web_enable_actions": True}, 200, id="actions enabled"),
    ],
)
async def test_who_may_act(file: File, given: dict[str, Any], status: int) -> None:
    async with running(file, **given) as daemon, aiohttp.ClientSession() as session:
        async with session.get(f"{daemon.server.url}probe?target=openai/gpt-4o") as answer:
            assert answer.status == status
        async with session.post(f"{daemon.server.url}-/reload") as answer:
            assert answer.status == status


async def test_what_is_gone_goes_with_all_its_series(file: File) -> None:
    async with running(file) as daemon:
        await metrics_when(daemon, ran("gpt-4o"))
        file.write("gpt-4o-mini")
        daemon.reload()
        seen = await metrics_when(daemon, ran("gpt-4o-mini"))

    assert 'model="gpt-4o"' not in seen.text


def kept_of_providers(daemon: Daemon) -> set[str]:
    """Whose places, lessons and sessions are kept."""
    lessons = {provider for provider, _, _ in daemon._parts.client._lessons}
    places = {provider for provider, _ in daemon._parts.runner._per_provider}
    assert lessons == places == set(daemon._process.transport._clients)
    return places


async def test_a_provider_that_goes_leaves_nothing_behind(file: File) -> None:
    """It is asked in a form that it refuses, so that there is a lesson to forget as well."""
    asked = {**openai_of(file), "quirks": {"cap_field": "max_tokens"}}
    file.base |= {"interval": "1h", "providers": {"openai": asked}}
    file.write("o3-mini")
    async with running(file) as daemon:
        await metrics_when(daemon, ran("o3-mini"))
        assert kept_of_providers(daemon) == {"openai"}
        file.base["providers"] = {"renamed": asked}
        file.write("o3-mini", provider="renamed")
        daemon.reload()
        await metrics_when(daemon, lambda seen: seen.samples("ai_api_requests_total", provider="renamed") != ())
        await metrics_when(daemon, ran("o3-mini"))
        assert kept_of_providers(daemon) == {"renamed"}


def openai_of(file: File) -> dict[str, object]:
    providers = file.base["providers"]
    assert isinstance(providers, dict)
    return {"preset": "openai", **providers["openai"]}


async def test_what_lives_long_is_told_after_the_start_and_each_reload(file: File) -> None:
    settled = asyncio.Semaphore(0)
    daemon, ready = Daemon(file.load, ANY_PORT, freeze=settled.release), asyncio.Event()
    task = asyncio.create_task(daemon.run(on_ready=ready.set))
    async with asyncio.timeout(60):
        await ready.wait()
        await settled.acquire()
        await settled.acquire()
        daemon.reload()
        await settled.acquire()
        daemon.stop()
        await task


async def test_certificates_that_change_are_used_without_being_asked(file: File, tmp_path: Path) -> None:
    certificates = tmp_path / "ca.pem"
    certificates.write_bytes(Authority(tmp_path).ca_file.read_bytes())
    file.base["providers"] = {"openai": {**openai_of(file), "ca_file": str(certificates)}}
    file.write("gpt-4o")
    async with running(file) as daemon:
        await metrics_when(daemon, ran("gpt-4o"))
        session = daemon._process.transport._clients["openai"]
        certificates.touch()
        await metrics_when(daemon, lambda _: daemon._process.transport._clients.get("openai") not in (session, None))


async def test_the_page_of_a_check_shows_what_was_said_when_it_failed_last(file: File) -> None:
    file.write("no-such-model")
    async with running(file) as daemon:
        await metrics_when(daemon, lambda seen: seen.value("ai_api_probe_success", model="no-such-model") == 0)
        shown = await page(daemon, "checks/openai/no-such-model/chat?debug=true")

    assert "Count from one to sixteen" in shown
    assert "&lt; HTTP 404" in shown


async def test_a_bad_file_changes_nothing_but_a_metric(file: File) -> None:
    async with running(file) as daemon:
        before = await metrics_when(daemon, ran("gpt-4o"))
        file.path.write_text("models: nonsense")
        daemon.reload()
        after = await metrics_when(
            daemon, lambda seen: seen.value("ai_api_exporter_config_last_reload_successful") == 0
        )

    assert successes(after, "gpt-4o") >= successes(before, "gpt-4o")
    assert after.value("ai_api_exporter_checks") == 2


async def test_a_bad_file_is_said_on_the_page(file: File) -> None:
    async with running(file) as daemon:
        file.path.write_text("models: nonsense")
        await daemon._reloader.reload("test")
        assert "models: " in await page(daemon, "")


async def test_a_bad_file_gives_no_secret_away(file: File, capfd: pytest.CaptureFixture[str]) -> None:
    """One that is in use may stand in the wrong place of the new file, one that is new in another wrong place."""
    known, new = "sk-live-0123456789", "gsk_Zq8Xw2Lm5Rt7Yp3Vn6"
    file.base["providers"] = {"openai": {**openai_of(file), "api_key": known}}
    file.write("gpt-4o")
    async with running(file) as daemon, aiohttp.ClientSession() as session:
        file.base["providers"] = {"openai": {**openai_of(file), "api_key": {"env": new}, "kind": known}}
        file.write("gpt-4o")
        async with session.post(f"{daemon.server.url}-/reload") as answer:
            assert answer.status != 200
            told = await answer.text() + await page(daemon, "") + await page(daemon, "api/v1/status")
    told += capfd.readouterr().err
    assert told.count("is not one of the choices") >= 3
    assert [secret for secret in (known, new) if secret in told] == []


async def test_a_stop_ends_a_reading_under_way(file: File) -> None:
    let_go, begun = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    async with running(file) as daemon:

        def load() -> Plan:
            loop.call_soon_threadsafe(begun.set)
            assert let_go.wait(30)
            return file.load()

        daemon._reloader._load = load
        daemon.reload()
        await begun.wait()
    under_way = len(daemon._reloader._tasks)
    let_go.set()
    assert under_way == 0


async def test_a_clock_that_is_set_moves_the_schedule_and_what_is_too_old_is_unknown(file: File) -> None:
    file.base["interval"] = "1h"
    file.write("gpt-4o")
    clock = SteppedClock()
    async with running(file, clock) as daemon:
        await metrics_when(daemon, ran("gpt-4o"))
        known = dict(daemon._parts.scheduler._rhythms)
        clock.step = 4 * 3600.0
        state = {"model": "gpt-4o", "probe": "chat", "state": "unknown"}
        await metrics_when(daemon, lambda seen: seen.value("ai_api_probe_state", **state) == 1)
        assert not any(daemon._parts.scheduler._rhythms[check_id] is rhythm for check_id, rhythm in known.items())


async def test_what_a_check_cost_today_is_told(file: File) -> None:
    async with running(file) as daemon:
        await metrics_when(daemon, ran("gpt-4o"))
        assert json.loads(await page(daemon, "api/v1/checks/openai/gpt-4o/chat"))["cost_today_usd"] > 0


async def test_without_a_schedule_a_list_on_demand_is_the_one_to_find_models_in(file: File) -> None:
    file.base["discover"] = [{"provider": "openai", "include": ["gpt-4o-mini"], "probes": ["chat"]}]
    file.write("gpt-4o")
    async with running(file, no_schedule=True) as daemon:

        async def found() -> bool:
            return "openai/gpt-4o-mini" in await page(daemon, "sd")

        assert not await found()
        await page(daemon, "probe?target=openai&probe=models")
        await eventually(found, "the model that the list named")


async def test_a_bad_configuration_is_said_at_once(file: File) -> None:
    file.path.write_text("models: nonsense")

    with pytest.raises(ConfigError, match="models"):
        Daemon(file.load, ANY_PORT)


async def test_a_port_in_use_is_said_in_a_sentence(file: File) -> None:
    async with running(file) as first:
        second = Daemon(file.load, Settings(listen=Listen("127.0.0.1", first.server.port), log_level="error"))

        with pytest.raises(UsageError, match="port is in use"):
            await second.run()
