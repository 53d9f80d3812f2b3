"""Takes the pictures of the documents: `make screenshots`. They show a made-up night, the same every time."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from tests.browser.day import board, serving_day
from tests.parts.browser import opened, running_browser
from tests.parts.programs import ROOT

FOLDER = ROOT / "docs" / "pages"

DESKTOP = {"width": 1360, "height": 900}
PHONE = {"width": 390, "height": 844}
PICTURES: dict[str, tuple[str, dict[str, Any]]] = {
    "status-light": ("/", {"color_scheme": "light", "viewport": DESKTOP}),
    "status-dark": ("/", {"color_scheme": "dark", "viewport": DESKTOP}),
    "status-phone": ("/", {"color_scheme": "light", "viewport": PHONE, "is_mobile": True, "device_scale_factor": 1.5}),
    "check-light": ("/checks/anthropic/claude-sonnet-4/chat", {"color_scheme": "light", "viewport": DESKTOP}),
}


async def take(folder: Path) -> None:
    """Write each picture as PNG into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        async with serving_day(board()) as url, running_browser(Path(scratch)) as browser:
            for name, (path, context) in PICTURES.items():
                async with opened(browser, url + path, reduced_motion="reduce", **context) as seen:
                    await seen.page.screenshot(path=folder / f"{name}.png")
                print(f"{folder / name}.png")  # noqa: T201 (this is a command)


if __name__ == "__main__":
    asyncio.run(take(FOLDER))
