"""Routes that act (`/probe`, `/-/reload`), and `/sd`, which lists targets for Prometheus. Reload is answered here."""

from collections.abc import Awaitable, Callable, Iterable, Sequence

from aiohttp import web

from exporter.config.reload import ReloadResult
from exporter.core.plan import Plan
from exporter.run.on_demand import OnDemandRuns
from exporter.server.access.guard import AccessGuard
from exporter.server.actions.probe import ProbeAction
from exporter.server.actions.sd import ServiceDiscovery


class ReloadAction:
    """Answers requests to reload."""

    def __init__(self, reload: Callable[[str], Awaitable[ReloadResult]]) -> None:
        self._reload = reload

    async def answer(self, _request: web.Request) -> web.Response:
        """Answer 200 once the configuration runs, 500 with every problem if the previous one stays."""
        reloaded = await self._reload("HTTP")
        if reloaded.ok:
            lines = (f"configuration reloaded: {reloaded.checks} checks", *reloaded.notices)
        else:
            lines = ("configuration not reloaded, the one before stays in use:", *reloaded.problems)
        return web.Response(status=200 if reloaded.ok else 500, text="\n".join(lines) + "\n")


def make_action_routes(
    *,
    on_demand: OnDemandRuns,
    plan: Callable[[], Plan],
    reload: Callable[[str], Awaitable[ReloadResult]],
    access: AccessGuard,
) -> Sequence[web.AbstractRouteDef]:
    """Make the routes; `plan` returns the current configuration, `reload` reads it again; `access` guards actions."""

    def keys() -> Iterable[str]:
        return plan().label_keys

    probe = ProbeAction(on_demand, keys)
    discovery = ServiceDiscovery(lambda: plan().checks)
    return [
        # HEAD would run a check and throw its answer away.
        web.get("/probe", access.restrict_action(probe.answer), allow_head=False),
        web.get("/sd", discovery.answer),
        web.post("/-/reload", access.restrict_action(ReloadAction(reload).answer)),
    ]
