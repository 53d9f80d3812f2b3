"""The plan that runs, as configured and with what was found, taken over step by step while probes go on.

Every part that knows checks is told here which there are, in the order in which they rely on one another.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from exporter.aio.cooperative import run_in_slices
from exporter.aio.gc_tuning import shorter_switch_interval
from exporter.app.accounting import Accounting
from exporter.core.clock import Clock
from exporter.core.plan import Plan, reuse_unchanged
from exporter.core.target import Check
from exporter.health.network_status import NetworkStatus
from exporter.health.tracker import HealthTracker
from exporter.metrics import ExporterMetrics, Metrics
from exporter.metrics.prices import Prices
from exporter.models.delisting import DelistingLog
from exporter.models.discovery import ModelDiscovery
from exporter.run.on_demand import OnDemandRuns
from exporter.run.runner import Runner
from exporter.run.scheduler import Scheduler
from exporter.run.sharding import keep_owned
from exporter.status_pages import Page, StatusPages


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything that knows checks."""

    discovery: ModelDiscovery
    treasury: Accounting
    tracker: HealthTracker
    metrics: Metrics
    own: ExporterMetrics
    unlisted: DelistingLog
    runner: Runner
    on_demand: OnDemandRuns
    scheduler: Scheduler
    network: NetworkStatus
    status_pages: StatusPages


class PlanApplier:
    """Keeps `parts` at one plan; `plan` is the one that runs.

    `scheduled` False leaves the schedule empty. `forgotten` hears of each check that goes.
    """

    def __init__(
        self, plan: Plan, parts: Parts, clock: Clock, *, scheduled: bool, forgotten: Callable[[Check], None]
    ) -> None:
        self.plan = plan
        self._parts = parts
        self._clock = clock
        self._scheduled = scheduled
        self._forgotten = forgotten
        self._turn = asyncio.Lock()

    async def apply(self, configured: Callable[[], Plan]) -> None:
        """Take over what is configured when its turn has come, and what was found by then.

        Probes go on meanwhile, so the loop is never held for long.
        """
        treasury = self._parts.treasury
        async with self._turn:
            whole = self._parts.discovery.extend_plan(configured())
            with shorter_switch_interval():
                whole, plan = await asyncio.to_thread(_settle_plan, self.plan, whole)
                prices = await treasury.look_up(plan, whole.checks)
            treasury.configure(plan, whole.checks)
            await asyncio.sleep(0)
            await run_in_slices(self._steps(plan, prices), self._clock)

    def _steps(self, plan: Plan, prices: Prices) -> Iterator[None]:
        """Make this plan the one that runs; what did not change is left alone."""
        parts, before, self.plan = self._parts, self.plan, plan
        yield from self._forget(before, plan)
        parts.metrics.set_targets(plan.targets)
        yield
        parts.unlisted.set_targets(plan.targets)
        yield
        if plan.max_in_flight != before.max_in_flight:
            parts.runner.resize(plan.max_in_flight)
        for check in plan.checks:
            parts.tracker.add_check(check)
            yield
        parts.tracker.restore_checks(parts.treasury.recalled(plan.checks))
        yield
        yield from parts.treasury.declared(prices)
        parts.on_demand.set_checks(plan.checks)
        yield
        scheduled = plan.checks if self._scheduled else ()
        yield from parts.scheduler.apply(scheduled, parts.treasury.began(scheduled))
        parts.own.set_check_count(len(scheduled))
        parts.network.configure(plan.checks, plan.network_check)
        yield
        parts.status_pages.configure(_status_pages(plan) if plan.status_pages else {})

    def _forget(self, before: Plan, plan: Plan) -> Iterator[None]:
        wanted = {check.id for check in plan.checks}
        for check in before.checks:
            if check.id not in wanted:
                self._parts.tracker.remove_check(check)
                self._forgotten(check)
                yield


def _settle_plan(before: Plan, whole: Plan) -> tuple[Plan, Plan]:
    """What all replicas together check, and our part of it; whatever did not change is the same object as before."""
    whole = reuse_unchanged(before, whole)
    return whole, keep_owned(whole)


def _status_pages(plan: Plan) -> dict[str, Page]:
    """The status pages of the providers, by provider."""
    return {each.name: Page(each.status_page, each.proxy) for each in plan.providers if each.status_page}
