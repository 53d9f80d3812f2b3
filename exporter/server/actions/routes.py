"""The paths of the door: what acts for somebody who asks, and what tells Prometheus whom to ask for."""

from collections.abc import Awaitable, Callable, Iterable, Sequence

from aiohttp import web

from exporter.config.reload import Reloaded
from exporter.core.plan import Plan
from exporter.run.on_demand import OnDemand
from exporter.server.access.guard import Access
from exporter.server.actions.probe import Probe
from exporter.server.actions.reload import Reload
from exporter.server.actions.sd import ServiceDiscovery


def door_routes(
    *, on_demand: OnDemand, plan: Callable[[], Plan], reload: Callable[[str], Awaitable[Reloaded]], access: Access
) -> Sequence[web.AbstractRouteDef]:
    """The routes; `plan` tells the configuration of now, `reload` reads it anew; `access` lets act."""

    def keys() -> Iterable[str]:
        return plan().label_keys

    probe = Probe(on_demand, keys)
    discovery = ServiceDiscovery(lambda: plan().checks)
    return [
        # HEAD would run a check and throw its answer away.
        web.get("/probe", access.acting(probe.answer), allow_head=False),
        web.get("/sd", discovery.answer),
        web.post("/-/reload", access.acting(Reload(reload).answer)),
    ]
