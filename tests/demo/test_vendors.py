import asyncio
import ssl
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession

from exporter.demo import Vendors
from exporter.demo.catalog import MODELS, OFFERS
from exporter.demo.script import Trouble
from tests.demo.caller import KEY, Caller, Reply
from tests.demo.conftest import HeldClock, Naps


def test_the_addresses_are_loopback_and_end_as_sdks_want(vendors: Vendors) -> None:
    parts = {name: urlsplit(url) for name, url in vendors.urls.items()}
    assert {url.hostname for url in parts.values()} == {"127.0.0.1"}
    assert len({url.port for url in parts.values()}) == len(OFFERS)
    assert {name: url.path for name, url in parts.items()} == {
        "holysheep": "/v1",
        "openai": "/v1",
        "anthropic": "",
        "gemini": "",
        "expiring-tls": "/v1",
    }
    assert [name for name, url in parts.items() if url.scheme == "https"] == ["expiring-tls"]


def test_the_configuration_asks_every_model_on_every_route(vendors: Vendors) -> None:
    config = vendors.make_config()
    assert {row["model"]: row["providers"] for row in config["models"]} == {
        name: [offer.name for offer in OFFERS if name in offer.models] for name in MODELS
    }
    assert config["interval"] == "5s"
    assert {name: entry["base_url"] for name, entry in config["providers"].items()} == dict(vendors.urls)
    assert {Path(entry["api_key"]["file"]).read_text() for entry in config["providers"].values()} == {KEY}
    assert config["status_pages"] is False, "nothing outside is asked"


async def test_every_route_of_the_configuration_answers(vendors: Vendors, caller: Caller) -> None:
    for row in vendors.make_config()["models"]:
        for provider in row["providers"]:
            reply = await caller.ask(provider, row["model"])
            assert (reply.status, reply.whole) == (200, True), (provider, row["model"])


async def test_the_certificate_authority_is_needed_and_goes_at_the_end() -> None:
    async with Vendors() as vendors:
        ca_file = vendors.ca_file
        assert vendors.make_config()["providers"]["expiring-tls"]["ca_file"] == str(ca_file)
        host, port = "127.0.0.1", urlsplit(vendors.urls["expiring-tls"]).port
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.open_connection(host, port, ssl=ssl.create_default_context())
    assert not ca_file.exists()


async def test_a_trouble_can_be_forced_on_its_own_route_or_another(vendors: Vendors, caller: Caller) -> None:
    vendors.force("overloaded")
    assert (await caller.anthropic("claude-sonnet-4")).status == 529
    assert (await caller.anthropic("claude-3-5-sonnet")).status == 200
    vendors.force("outage", provider="openai", model="gpt-4o")
    assert (await caller.openai("gpt-4o")).status == 502
    assert (await caller.openai("o3-mini")).status == 200
    vendors.force("key_rejected", provider="gemini")
    assert (await caller.list("gemini")).status == 400
    vendors.release("overloaded")
    assert (await caller.anthropic("claude-sonnet-4")).status == 200
    assert (await caller.openai("gpt-4o")).status == 502
    vendors.release()
    assert (await caller.openai("gpt-4o")).status == 200
    assert (await caller.list("gemini")).status == 200


def test_only_known_troubles_can_be_forced(vendors: Vendors) -> None:
    with pytest.raises(ValueError, match="earthquake"):
        vendors.force("earthquake")


async def test_without_a_script_nothing_happens_unasked(clock: HeldClock, naps: Naps) -> None:
    async with Vendors(clock=clock, sleep=naps, script=()) as calm, ClientSession() as session:
        caller = Caller(session, calm)
        for second in range(0, 120, 10):
            clock.second = second
            assert (await caller.ask("holysheep", "deepseek-v3")).whole
        calm.force(Trouble.STREAM_CUT)
        assert not (await caller.ask("holysheep", "deepseek-v3")).whole


async def test_the_same_seed_plays_the_same(clock: HeldClock) -> None:
    async def played(seed: int) -> tuple[list[bytes], list[float]]:
        naps = Naps()
        async with Vendors(seed=seed, clock=clock, sleep=naps) as vendors, ClientSession() as session:
            caller = Caller(session, vendors)
            bodies = [(await caller.ask(provider, "gpt-4o-mini")).body for provider in ("openai", "holysheep") * 2]
        return bodies, naps.seconds

    first = await played(3)
    assert await played(3) == first
    assert await played(4) != first


async def test_the_cycle_begins_at_the_start(clock: HeldClock, naps: Naps) -> None:
    vendors = Vendors(clock=clock, sleep=naps)
    clock.second = 100
    async with vendors:
        assert vendors.second == 0
        clock.second = 225
        assert vendors.second == 5


async def test_stop_cuts_off_what_is_under_way_and_frees_the_ports() -> None:
    """Stopping is not held up by streams that would go on for ever."""
    streaming = asyncio.Event()
    waits = count()

    async def sleep(seconds: float) -> None:
        if next(waits) > 9:  # by then headers and some tokens have been sent
            streaming.set()
            await asyncio.Event().wait()

    vendors = Vendors(sleep=sleep)
    await vendors.start()
    urls = dict(vendors.urls)
    async with ClientSession() as session:
        asked = [asyncio.create_task(Caller(session, vendors).ask("openai", "gpt-4o")) for _ in range(3)]
        await streaming.wait()
        async with asyncio.timeout(1):
            await vendors.stop()
        ended = await asyncio.gather(*asked, return_exceptions=True)
    begun = [each for each in ended if isinstance(each, Reply)]
    assert begun
    assert [reply for reply in begun if reply.whole] == []
    for url in urls.values():
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", urlsplit(url).port)


async def test_it_can_be_started_again(naps: Naps) -> None:
    vendors = Vendors(sleep=naps)
    for _ in range(2):
        async with vendors, ClientSession() as session:
            assert (await Caller(session, vendors).ask("expiring-tls", "deepseek-v3")).whole
