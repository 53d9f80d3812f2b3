"""Routes that act (`/probe`, `/-/reload`), and `/sd`, which lists targets for Prometheus."""

from collections.abc import Awaitable, Callable, Iterable, Sequence

from aiohttp import web

from exporter.config.reload import ReloadResult
from exporter.core.plan import Plan
from exporter.run.on_demand import OnDemandRuns
from exporter.server.access.guard import AccessGuard
from exporter.server.actions.probe import ProbeAction
from exporter.server.actions.reload import ReloadAction
from exporter.server.actions.sd import ServiceDiscovery


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
