"""Reads the status pages of the providers in use: one after the other, minutes apart, each at its own moment."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple, Protocol

from pydantic import SecretStr
from structlog.typing import FilteringBoundLogger

from exporter.status_pages.formats import Indicator, read_page

EVERY = 300.0
"""Seconds between two readings of a page, and up to so much more by chance. Pages are cached: oftener tells nothing."""
FIRST_WITHIN = 15.0
"""Seconds from the start within which a page is read first."""


class Page(NamedTuple):
    """Where a page is, and the proxy by which the provider is reached, if any."""

    url: str
    proxy: SecretStr | None = None


class FetchedPage(Protocol):
    """A page, or why there is none."""

    @property
    def body(self) -> bytes | None: ...

    @property
    def trouble(self) -> str: ...


class StatusPages:
    """Reads pages and tells what they say.

    `get` fetches one and raises nothing; `tell(provider, indicator)` hears each word, None where there is none or the
    page is no longer read; `pause` waits that many seconds; `chance` draws from 0 up to 1.
    """

    def __init__(
        self,
        get: Callable[[str, SecretStr | None], Awaitable[FetchedPage]],
        tell: Callable[[str, Indicator | None], None],
        log: FilteringBoundLogger,
        chance: Callable[[], float],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._get = get
        self._tell = tell
        self._log = log
        self._chance = chance
        self._pause = pause
        self._pages: dict[str, Page] = {}
        self._said: dict[Page, Indicator | None] = {}
        self._tasks: dict[Page, asyncio.Task[None]] = {}

    def configure(self, pages: Mapping[str, Page]) -> None:
        """Read these from now on, by provider. A page that was read before goes on at its own moments."""
        before, self._pages = self._pages, dict(pages)
        for page in self._tasks.keys() - self._pages.values():
            self._tasks.pop(page).cancel()
            self._said.pop(page, None)
        for provider, page in self._pages.items():
            if page not in self._tasks:
                self._tasks[page] = asyncio.create_task(self._poll_page(page), name=f"status page {page.url}")
            self._tell(provider, self._said.get(page))
        for provider in before.keys() - self._pages.keys():
            self._tell(provider, None)

    async def stop(self) -> None:
        """Read nothing more."""
        tasks = list(self._tasks.values())
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _poll_page(self, page: Page) -> None:
        await self._pause(FIRST_WITHIN * self._chance())
        while True:
            await self._read_page(page)
            await self._pause(EVERY * (1 + self._chance()))

    async def _read_page(self, page: Page) -> None:
        got = await self._get(*page)
        said = None if got.body is None else read_page(got.body)
        if said is None:
            self._log.debug("no word from a status page", url=page.url, why=got.trouble or "of no known form")
        self._said[page] = said
        for provider, read in self._pages.items():
            if read == page:
                self._tell(provider, said)
