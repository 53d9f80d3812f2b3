"""The pages in a real browser: nothing complained of, nothing asked elsewhere, usable by keyboard, phone and reader."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from exporter.core.outcome import Reason
from exporter.results.status_cache import StatusCache
from exporter.server.sources import Notice
from tests.browser.day import NOW, board, serving_day
from tests.metrics.make import failed, seen
from tests.parts.browser import opened, running_browser

PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True}
CHECK = "/checks/anthropic/claude-sonnet-4/chat"
NOTICES = (Notice("The configuration was not reloaded", "exporter.yml:3: interval: is no length of time"),)


@pytest.fixture(scope="module")
def day() -> StatusCache:
    """Shared by the tests that only look at it."""
    return board()


@pytest.mark.parametrize("path", ["/", "/?state=down&window=1h", "/?q=nothing+of+that+name", CHECK])
@pytest.mark.parametrize(
    "context",
    [
        pytest.param({"color_scheme": "light"}, id="light"),
        pytest.param({"color_scheme": "dark"}, id="dark"),
        pytest.param(PHONE, id="phone"),
    ],
)
async def test_axe_finds_no_violation(context: dict[str, Any], path: str, day: StatusCache, tmp_path: Path) -> None:
    async with (
        serving_day(day, notices=NOTICES) as url,
        running_browser(tmp_path) as browser,
        opened(browser, url + path, reduced_motion="reduce", **context) as shown,
    ):
        assert await shown.violations() == []
        assert shown.complaints == []
        assert shown.strangers == []


@pytest.mark.parametrize("path", ["/", CHECK])
@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1140, 1280])
async def test_the_page_fits_its_width(width: int, path: str, day: StatusCache, tmp_path: Path) -> None:
    async with (
        serving_day(day) as url,
        running_browser(tmp_path) as browser,
        opened(browser, url + path, viewport={"width": width, "height": 800}) as shown,
    ):
        assert await shown.page.evaluate("document.scrollingElement.scrollWidth") <= width


async def test_without_javascript_the_page_is_whole(day: StatusCache, tmp_path: Path) -> None:
    async with (
        serving_day(day) as url,
        running_browser(tmp_path) as browser,
        opened(browser, url, java_script_enabled=False) as shown,
    ):
        assert await shown.page.locator("h1").inner_text() == "9 down, 6 up of 15 routes"
        assert await shown.page.locator("#pause").is_hidden()
        await shown.page.get_by_label("Find").fill("o3")
        await shown.page.keyboard.press("Enter")
        await shown.page.wait_for_url("**/?q=o3")
        assert await shown.page.locator("#models tbody").count() == 1


async def test_what_changed_is_brought_up_to_date_and_the_rest_left_alone(tmp_path: Path) -> None:
    made = board()
    (entry, _) = made.find("openai/o3-mini/chat") or pytest.fail("no such check")
    async with serving_day(made) as url, running_browser(tmp_path) as browser, opened(browser, url) as shown:
        page = shown.page
        row = page.locator('[id="r-openai/o3-mini"]')
        await page.evaluate("window.here = true")
        await row.evaluate("row => { row.mine = true }")
        await row.locator("a").first.focus()
        before = await row.locator("svg.line path").last.get_attribute("d")
        made.record_run(seen(entry.check, failed(Reason.AUTH, started_at=NOW - 1)))
        await row.get_by_text("the key was rejected").wait_for()
        assert await page.evaluate("window.here"), "the page was not loaded anew"
        assert await row.evaluate("row => row.mine"), "the row is the same element"
        assert await row.locator("a").first.evaluate("link => link === document.activeElement")
        assert await row.locator("svg.line path").last.get_attribute("d") != before
        assert (shown.complaints, shown.strangers) == ([], [])


async def test_updates_can_be_paused_and_the_page_says_when_it_is_old(day: StatusCache, tmp_path: Path) -> None:
    async with AsyncExitStack() as server, running_browser(tmp_path) as browser:
        url = await server.enter_async_context(serving_day(day))
        async with opened(browser, url) as shown:
            page = shown.page
            await page.keyboard.press("Tab")
            assert await page.evaluate("document.activeElement.textContent") == "Skip to the state"
            pause = page.get_by_role("button", name="Pause updates")
            await pause.press("Enter")
            assert await pause.get_attribute("aria-pressed") == "true"
            await pause.press("Enter")
            assert await page.locator("#stale").is_hidden()
            await server.aclose()
            await page.get_by_text("Not updated since").wait_for()
            assert await page.locator("h1").inner_text() == "9 down, 6 up of 15 routes"


async def test_what_the_reader_opened_stays_open(tmp_path: Path) -> None:
    made = board()
    (entry, _) = made.find("anthropic/claude-sonnet-4/chat") or pytest.fail("no such check")
    async with serving_day(made) as url, running_browser(tmp_path) as browser, opened(browser, url + CHECK) as shown:
        first = shown.page.locator("details").first
        await first.locator("summary").click()
        made.record_run(seen(entry.check, failed(Reason.DNS, started_at=NOW - 1)))
        await shown.page.get_by_text("the host name could not be resolved").first.wait_for()
        opened_now = await shown.page.locator("details").evaluate_all("all => all.map(each => each.open)")
        assert opened_now == [False, True, *[False] * (len(opened_now) - 2)]


@pytest.mark.parametrize("models", [0, 1, 200])
async def test_any_number_of_models_makes_sense(models: int, tmp_path: Path) -> None:
    async with (
        serving_day(board(models)) as url,
        running_browser(tmp_path) as browser,
        opened(browser, url) as shown,
    ):
        assert await shown.page.locator("#models tbody").count() == models
        assert shown.complaints == []
