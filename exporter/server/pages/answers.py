"""Answers requests for pages: reads the board on the event loop, renders on a thread of its own."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from gzip import compress

from aiohttp import hdrs, web

from exporter.core.clock import Clock
from exporter.results.status_cache import StatusCache
from exporter.server.negotiation import takes_gzip
from exporter.server.pages.html import PageRenderer
from exporter.server.pages.overview import OverviewQuery
from exporter.server.sources import PageSources


class Pages:
    """The first page and the page of each check."""

    def __init__(self, board: StatusCache, clock: Clock, worker: Executor, sources: PageSources) -> None:
        self._board = board
        self._clock = clock
        self._worker = worker
        self._sources = sources
        self._page = PageRenderer()

    def list_routes(self) -> Sequence[web.AbstractRouteDef]:
        """List the routes. Ids hold slashes, raw or percent-encoded."""
        return [web.get("/", self.show_overview), web.get("/checks/{id:.+}", self.show_check)]

    async def show_overview(self, request: web.Request) -> web.Response:
        """Show the overview; `window`, `state` and `q` choose its content, `fragment` only the part that changes."""
        known, now = self._board.overview(), self._clock.wall()
        costs, notices = self._sources.costs(), self._sources.notices()
        wanted, fragment = OverviewQuery.of(request.query), "fragment" in request.query

        def render() -> str:
            return self._page.render_overview(
                known, now, wanted=wanted, costs=costs, notices=notices, fragment=fragment
            )

        return await self._make_answer(request, render)

    async def show_check(self, request: web.Request) -> web.Response:
        """Show the page of a check; with `debug=true` the exchange of its last failure, to those who may see it."""
        found = self._board.find(request.match_info["id"])
        if found is None:
            return web.Response(status=404, text="no check of this id is configured; / lists them\n")
        entry, past = found
        may_see, asked = self._sources.may_see_exchanges(request), request.query.get("debug") == "true"
        if asked and not may_see:
            return web.Response(status=403, text="exchanges are not shown here; see the page of the check\n")
        shown = self._sources.exchange(entry.check) if asked else None
        now, cost, fragment = self._clock.wall(), self._sources.costs().get(entry.check.id), "fragment" in request.query

        def render() -> str:
            return self._page.render_check(
                entry, past, now, cost=cost, may_see=may_see, asked=asked, shown=shown, fragment=fragment
            )

        return await self._make_answer(request, render)

    async def _make_answer(self, request: web.Request, render: Callable[[], str]) -> web.Response:
        gzip = takes_gzip(",".join(request.headers.getall(hdrs.ACCEPT_ENCODING, [])))

        def made() -> bytes:
            html = render().encode()
            return compress(html, compresslevel=1, mtime=0) if gzip else html

        body = await asyncio.get_running_loop().run_in_executor(self._worker, made)
        headers = {"Content-Security-Policy": self._page.policy, hdrs.VARY: hdrs.ACCEPT_ENCODING}
        if gzip:
            headers[hdrs.CONTENT_ENCODING] = "gzip"
        return web.Response(body=body, content_type="text/html", charset="utf-8", headers=headers)
