"""The door of a server, with runs that end as told."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from exporter.config.reload import ReloadResult
from exporter.core.clock import SystemClock
from exporter.core.plan import Plan
from exporter.core.target import Check
from exporter.run.admission import NotAdmittedError
from exporter.run.on_demand import OnDemandRuns
from exporter.run.runner import OnDemandRun
from exporter.server.access.guard import AccessGuard
from exporter.server.actions.routes import make_action_routes
from exporter.server.web_config.web_config import WebConfig
from tests.metrics.make import answered
from tests.server.running import World

ANYBODY = AccessGuard(WebConfig, SystemClock(), loopback=True)
RUN = OnDemandRun(outcome=answered(), exchanges=())


@dataclass
class Runs:
    """A runner that notes what it was asked for; `refusal` says why it runs nothing now."""

    answer: OnDemandRun = RUN
    refusal: str = ""
    checks: list[Check] = field(default_factory=list)

    async def __call__(self, check: Check) -> OnDemandRun:
        if self.refusal:
            raise NotAdmittedError(self.refusal)
        self.checks.append(check)
        return self.answer


def world_with(checks: Iterable[Check], runs: Runs) -> World:
    """What a server reads, with a door to these checks."""
    plan = Plan(source="test", providers=(), checks=tuple(checks), label_keys=("team",))
    on_demand = OnDemandRuns(runs)
    on_demand.set_checks(plan.checks)
    return World(routes=make_action_routes(on_demand=on_demand, plan=lambda: plan, reload=reloaded, access=ANYBODY))


async def reloaded(asked_by: str) -> ReloadResult:
    """A reload that found nothing wrong."""
    return ReloadResult(at=0, source="test", asked_by=asked_by, checks=3)
