"""The page of a running demo, watched while the script of troubles is played: it changes without being loaded anew."""

from pathlib import Path

from playwright.async_api import expect

from tests.parts.browser import opened, running_browser
from tests.parts.daemon import running_daemon

SCENE = 45_000
"""Milliseconds until a trouble of the script has come, been confirmed, and is shown; it comes within half a minute."""


async def test_states_and_plots_change_as_the_script_runs(tmp_path: Path) -> None:
    async with (
        running_daemon(tmp_path / "demo", "demo") as demo,
        running_browser(tmp_path / "browser") as browser,
        opened(browser, demo.url) as shown,
    ):
        page = shown.page
        await page.evaluate("window.here = true")
        cut = page.locator('[id="r-holysheep/deepseek-v3"]')
        line = cut.locator("svg.line path.run").last
        await expect(cut.locator(".state")).to_contain_text("up", timeout=SCENE)
        await expect(line).to_be_attached(timeout=SCENE)
        before = await line.get_attribute("d")
        await expect(cut.locator(".state")).to_contain_text("down", timeout=SCENE)
        await expect(cut).to_contain_text("the answer was cut before its end")
        await expect(page.locator("#troubles")).to_contain_text("deepseek-v3")
        await expect(page.locator("#verdict")).to_have_class("verdict down")
        assert await line.get_attribute("d") != before
        assert await shown.violations() == []
        await expect(cut.locator(".state")).to_contain_text("up", timeout=SCENE)
        assert await page.evaluate("window.here"), "the page was never loaded anew"
        await cut.locator("a").first.click()
        await expect(page.locator("h1")).to_have_text("holysheep/deepseek-v3/chat")
        await page.get_by_text("Show the exchange of the last failure").click()
        await expect(page.locator("pre")).to_contain_text("< HTTP 200")
        assert shown.complaints == []
        assert shown.strangers == []
