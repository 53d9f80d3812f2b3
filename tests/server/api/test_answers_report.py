"""The report over HTTP."""

from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from exporter.report.render import make_report
from exporter.server.api.answers import make_report_routes
from tests.report.samples import figures

REPORT = make_report([figures("openai"), figures("azure", runs=0, errors=3)], 0.0, 86_400.0)
"""One that says something of everything: a route that answered, one that did not."""


async def asked(query: str) -> tuple[int, Any, list[float]]:
    windows: list[float] = []

    async def told(seconds: float) -> dict[str, Any]:
        windows.append(seconds)
        return REPORT

    app = web.Application()
    app.add_routes(make_report_routes(told))
    async with TestClient(TestServer(app)) as client, client.get(f"/api/v1/report{query}") as answer:
        body = await answer.json() if answer.status == 200 else await answer.text()
        return answer.status, body, windows


@pytest.mark.parametrize(
    ("query", "seconds"),
    [
        pytest.param("", 86_400, id="a day, where nothing is said"),
        pytest.param("?window=15m", 900, id="minutes"),
        pytest.param("?window=31d", 31 * 86_400, id="the longest"),
    ],
)
async def test_a_window(query: str, seconds: float) -> None:
    assert await asked(query) == (200, {"notes": [], **REPORT}, [seconds])


@pytest.mark.parametrize("window", ["", "0s", "32d", "24", "1h30m", "-1h", "h"])
async def test_what_is_no_window(window: str) -> None:
    status, body, windows = await asked(f"?window={window}")
    assert (status, windows) == (400, [])
    assert "window=24h" in body
