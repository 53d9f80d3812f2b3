"""Public pages: what is fetched, and every reason for which nothing is."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from pydantic import SecretStr

from exporter.transport.page_getter import PageGetter


class Site:
    """A small site; remembers what it was asked with."""

    def __init__(self) -> None:
        self.asked: list[web.Request] = []
        self.hold = asyncio.Event()
        routes = {
            "/page": self._page,
            "/moved": self._moved,
            "/round": self._round,
            "/missing": self._missing,
            "/large": self._large,
            "/held": self._held,
            "/cut": self._cut,
        }
        app = web.Application()
        app.add_routes([web.get(path, answer) for path, answer in routes.items()])
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)

    async def start(self) -> None:
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.runner.addresses[0][1]}"

    async def _page(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        return web.Response(text="it is well")

    async def _moved(self, _: web.Request) -> web.Response:
        raise web.HTTPMovedPermanently("/page")

    async def _round(self, _: web.Request) -> web.Response:
        raise web.HTTPFound("/round")

    async def _missing(self, _: web.Request) -> web.Response:
        raise web.HTTPNotFound

    async def _large(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(64):
            await response.write(b"x" * 1024)
        return response

    async def _held(self, _: web.Request) -> web.Response:
        await self.hold.wait()
        return web.Response()

    async def _cut(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-length": "100"})
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport is not None
        request.transport.close()
        return response


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    running = Site()
    await running.start()
    yield running
    running.hold.set()
    await running.runner.cleanup()


@pytest.mark.parametrize("path", ["/page", "/moved"])
async def test_a_page(site: Site, path: str) -> None:
    got = await PageGetter()(site.url + path)

    assert (got.body, got.trouble) == (b"it is well", "")


async def test_asks_plainly_and_for_what_is_not_packed(site: Site) -> None:
    await PageGetter()(f"{site.url}/page")
    (asked,) = site.asked

    assert asked.headers["accept-encoding"] == "identity"
    assert asked.headers["user-agent"].startswith("ai-api-exporter/")
    assert "authorization" not in asked.headers


async def test_goes_by_the_proxy_given(site: Site) -> None:
    got = await PageGetter()("http://status.example/page", SecretStr(site.url))

    assert got.body == b"it is well"
    assert [asked.host for asked in site.asked] == ["status.example"]


@pytest.mark.parametrize(
    ("path", "trouble"),
    [
        ("/missing", "HTTP 404"),
        ("/round", "TooManyRedirects"),
        ("/large", "too large"),
        ("/cut", "ClientPayloadError"),
    ],
)
async def test_no_page(site: Site, path: str, trouble: str) -> None:
    got = await PageGetter(most_bytes=16 * 1024)(site.url + path)

    assert (got.body, got.trouble) == (None, trouble)


async def test_a_page_that_does_not_come_is_given_up(site: Site) -> None:
    got = await PageGetter(seconds=0.05)(f"{site.url}/held")

    assert (got.body, got.trouble) == (None, "TimeoutError")


@pytest.mark.parametrize(
    "url", ["http://no-such-host.invalid/", "not a url", "http://127.0.0.1:1/", "ftp://x/", "http://[/"]
)
async def test_an_address_that_leads_nowhere(url: str) -> None:
    got = await PageGetter()(url)

    assert got.body is None
    assert got.trouble
