"""A real Chromium without a window, driven by Playwright; what it complains of and what it asks for is written down."""

import contextlib
import os
import sysconfig
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page, async_playwright

from tests.parts.programs import FETCHED, absent, program

AXE = FETCHED.parents[1] / "axe-core" / "package" / "axe.min.js"

SWITCHES = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<dir>/usr/share/fonts</dir>
<dir>{fetched}/share/fonts</dir>
<cachedir>{cache}</cachedir>
<alias><family>sans</family><prefer><family>DejaVu Sans</family></prefer></alias>
<alias><family>system-ui</family><prefer><family>DejaVu Sans</family></prefer></alias>
<alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
<alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
"""


@dataclass
class Opened:
    """A page that is open. `complaints` are errors and warnings of its console, `strangers` requests elsewhere."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    async def violations(self) -> list[str]:
        """What axe finds wrong with the page as it is now, all its rules."""
        # By the debugger's own way in: the page's policy lets no script of ours into it otherwise.
        await self.page.evaluate(axe())
        found: Mapping[str, Any] = await self.page.evaluate("async () => await axe.run(document)")
        return [
            f"{each['id']}: {node['html'][:200]} {node['failureSummary']}"
            for each in found["violations"]
            for node in each["nodes"]
        ]


def axe() -> str:
    """The text of axe-core; without it the test is skipped by name."""
    return AXE.read_text(encoding="utf-8") if AXE.is_file() else absent("axe-core")


@contextlib.asynccontextmanager
async def running_browser(folder: Path) -> AsyncIterator[Browser]:
    """Start one with nothing of this user's in it; without Chromium the test is skipped by name."""
    path, variables = _chromium(program("chromium"), folder)
    root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=[*SWITCHES, *root], env={"HOME": str(folder), **variables}
        )
        try:
            yield browser
        finally:
            await browser.close()


@contextlib.asynccontextmanager
async def opened(browser: Browser, url: str, **context: Any) -> AsyncIterator[Opened]:
    """Open an address in a context of its own (`color_scheme`, `viewport`, ...)."""
    made = await browser.new_context(**context)
    page = await made.new_page()
    seen = Opened(page)
    home = urlsplit(url).netloc
    page.on("console", lambda said: seen.complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("request", lambda asked: _note(seen.strangers, asked.url, home))
    try:
        await page.goto(url)
        yield seen
    finally:
        await made.close()


def _note(strangers: list[str], url: str, home: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("data", "about") and parts.netloc != home:
        strangers.append(url)


def _chromium(found: Path, folder: Path) -> tuple[Path, dict[str, str]]:
    """The program and what it needs to know where it was unpacked rather than installed."""
    if FETCHED not in found.parents:
        return found, {}
    usr = FETCHED.parent
    folder.mkdir(parents=True, exist_ok=True)
    fonts = folder / "fonts.conf"
    fonts.write_text(FONTS.format(fetched=usr, cache=folder / "fonts"))
    libraries = usr / "lib" / str(sysconfig.get_config_var("MULTIARCH"))
    places = (libraries, libraries / "pulseaudio", usr.parent / "lib" / libraries.name)
    return usr / "lib" / "chromium" / "chromium", {
        "LD_LIBRARY_PATH": os.pathsep.join(map(str, places)),
        "FONTCONFIG_FILE": str(fonts),
    }
