"""`POST /-/reload`: read the configuration anew, and say in the answer what came of it."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from exporter.config.reload import ReloadResult


class ReloadAction:
    """Answers requests to reload."""

    def __init__(self, reload: Callable[[str], Awaitable[ReloadResult]]) -> None:
        self._reload = reload

    async def answer(self, _request: web.Request) -> web.Response:
        """200 once the configuration runs, 500 with every problem where the one before stays."""
        reloaded = await self._reload("HTTP")
        if reloaded.ok:
            lines = (f"configuration reloaded: {reloaded.checks} checks", *reloaded.notices)
        else:
            lines = ("configuration not reloaded, the one before stays in use:", *reloaded.problems)
        return web.Response(status=200 if reloaded.ok else 500, text="\n".join(lines) + "\n")
