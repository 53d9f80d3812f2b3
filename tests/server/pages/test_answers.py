"""Pages over a real connection: ids as they come, fragments, compression, and who may see exchanges."""

import gzip
from dataclasses import replace

import aiohttp
import pytest
from yarl import URL

from exporter.core.exchange import Exchange, Moments
from exporter.core.target import Check
from exporter.results.failed_exchanges import FailedRun
from exporter.server.sources import PageSources
from tests.metrics.make import STARTED, answered, check, failed, listing
from tests.server.running import World, serving

PLAIN = {"Accept-Encoding": "identity"}
KEPT = FailedRun(
    failed(), (Exchange(started_at=STARTED, moments=Moments(), ended=0.2, received_bytes=b"the very bytes"),)
)


def world(*checks: Check) -> World:
    made = World()
    for each in checks or (check(),):
        made.declare(each)
        made.ran(each, failed())
        made.ran(each, answered())
    return made


async def text(session: aiohttp.ClientSession, path: str, status: int = 200) -> str:
    async with session.get(URL(path, encoded=True), headers=PLAIN) as response:
        assert response.status == status
        return await response.text()


@pytest.mark.parametrize(
    ("of", "path"),
    [
        pytest.param(check(), "/checks/openai/gpt-4o/chat", id="plain"),
        pytest.param(check(), "/checks/openai%2Fgpt-4o%2Fchat", id="plain, encoded"),
        pytest.param(check("meta/llama-3"), "/checks/openai/meta/llama-3/chat", id="slashes"),
        pytest.param(check("meta/llama-3"), "/checks/openai/meta%2Fllama-3/chat", id="slashes, encoded"),
        pytest.param(check("meta/llama-3"), "/checks/openai%2fmeta%2fllama-3%2fchat", id="slashes, encoded small"),
        pytest.param(check("a b:c?d#e"), "/checks/openai/a%20b:c%3Fd%23e/chat", id="what an address cannot hold"),
        pytest.param(check("a%2Fb"), "/checks/openai/a%252Fb/chat", id="a percent sign"),
        pytest.param(check("modèle"), "/checks/openai/mod%C3%A8le/chat", id="beyond ASCII"),
        pytest.param(listing(), "/checks/openai//models", id="no model"),
    ],
)
async def test_every_id_has_its_page(of: Check, path: str) -> None:
    async with serving(world(of)) as session:
        assert f'data-title="up: {of.id} · AI API Exporter"' in (await text(session, path))
        assert f'"id":"{of.id}"' in (await text(session, path.replace("/checks", "/api/v1/checks", 1)))


async def test_the_first_page_links_to_pages_that_are_there() -> None:
    async with serving(world(check("meta/llama 3?"))) as session:
        href = (await text(session, "/")).split('class="route"><a href="')[1].split('"')[0]
        assert "meta/llama 3?" in await text(session, href)


async def test_a_check_that_is_not_there() -> None:
    async with serving(World()) as session:
        assert "no check of this id" in await text(session, "/checks/a/b/chat", status=404)


async def test_a_query_chooses_what_is_shown() -> None:
    async with serving(world(check("a"), check("b"))) as session:
        assert "checks/openai/b/" not in await text(session, "/?q=openai/a")
        fragment = await text(session, "/?q=openai/a&fragment=1")
    assert "<html" not in fragment
    assert "checks/openai/b/" not in fragment


async def test_pages_are_compressed_for_those_who_take_it() -> None:
    async with serving(world()) as session, session.get("/", headers={"Accept-Encoding": "gzip"}) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        assert response.headers["Vary"] == "Accept-Encoding"
        assert b"gpt-4o" in gzip.decompress(await response.read())


@pytest.mark.parametrize(
    ("may_see", "status", "seen"),
    [
        pytest.param(True, 200, "the very bytes", id="allowed"),
        pytest.param(False, 403, "exchanges are not shown here", id="not allowed"),
    ],
)
async def test_exchanges_are_for_those_who_may_see_them(may_see: bool, status: int, seen: str) -> None:
    made = world()
    made.sources = PageSources(exchange=lambda _: KEPT, may_see_exchanges=lambda _: may_see)
    async with serving(made) as session:
        assert seen in await text(session, "/checks/openai/gpt-4o/chat?debug=true", status)
        page = await text(session, "/checks/openai/gpt-4o/chat")
    assert "the very bytes" not in page
    assert ("Show the exchange" in page) is may_see


async def test_on_loopback_exchanges_may_be_seen() -> None:
    made = world()
    made.sources = replace(made.sources, exchange=lambda _: KEPT)
    async with serving(made) as session:
        assert "the very bytes" in await text(session, "/checks/openai/gpt-4o/chat?debug=true")
