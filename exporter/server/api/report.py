"""`/api/v1/report?window=24h`: the report as JSON, from the outcomes that the store keeps."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from exporter.server.api.models import ReportSent

LONGEST = 31 * 86_400.0
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class ReportAnswer:
    """Answers with what `report(seconds)` says of the window that ends now."""

    def __init__(self, report: Callable[[float], Awaitable[dict[str, Any]]]) -> None:
        self._report = report

    async def answer(self, request: web.Request) -> web.Response:
        """Answer with the report, or 400 if the window is invalid."""
        found = re.fullmatch(r"([0-9]{1,6})([smhd])", request.query.get("window", "24h"))
        seconds = int(found[1]) * UNITS[found[2]] if found else 0
        if not 0 < seconds <= LONGEST:
            return web.Response(
                status=400, text="the window is not understood; write it like window=24h, at most 31d\n"
            )
        told = ReportSent.model_validate(await self._report(seconds))
        return web.Response(text=told.model_dump_json(), content_type="application/json")


def make_report_routes(report: Callable[[float], Awaitable[dict[str, Any]]]) -> Sequence[web.AbstractRouteDef]:
    """Make the routes; `report` makes the report of a window of that many seconds that ends now."""
    return [web.get("/api/v1/report", ReportAnswer(report).answer)]
