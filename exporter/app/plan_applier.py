"""Applies a new plan incrementally while probes run.

Parts that know checks receive them in the order in which they depend on one another.
"""

import asyncio
from collections.abc import Callable, Iterator

from exporter.aio.cooperative import run_in_slices
from exporter.aio.gc_tuning import shorter_switch_interval
from exporter.app.parts import Parts, Process
from exporter.core.plan import Plan, reuse_unchanged
from exporter.metrics.providers import Prices
from exporter.run.sharding import keep_owned
from exporter.status_pages import Page


class PlanApplier:
    """Keeps all parts at one plan; `plan` is the one that runs."""

    def __init__(self, plan: Plan, parts: Parts, process: Process) -> None:
        self.plan = plan
        self._parts = parts
        self._process = process
        self._turn = asyncio.Lock()

    async def apply(self, configured: Callable[[], Plan]) -> None:
        """Apply the configured plan together with the models that discovery found.

        Calls are applied one after the other. Probes go on meanwhile, so the loop is never held for long.
        """
        async with self._turn:
            full_plan = self._parts.discovery.extend_plan(configured())
            with shorter_switch_interval():
                full_plan, plan = await asyncio.to_thread(_settle_plan, self.plan, full_plan)
                prices = await self._parts.prices.look_up(plan, full_plan.checks)
            self._parts.accounting.configure(plan, full_plan.checks)
            await asyncio.sleep(0)
            await run_in_slices(self._steps(plan, prices), self._process.clock)

    def _steps(self, plan: Plan, prices: Prices) -> Iterator[None]:
        """Make this plan the one that runs, step by step; parts leave alone what did not change."""
        parts, before, self.plan = self._parts, self.plan, plan
        yield from self._forget(before, plan)
        parts.metrics.set_targets(plan.targets)
        yield
        parts.delisting.set_targets(plan.targets)
        yield
        if plan.max_in_flight != before.max_in_flight:
            parts.runner.resize(plan.max_in_flight)
        for check in plan.checks:
            parts.tracker.add_check(check)
            yield
        parts.tracker.restore_checks(parts.resumption.take_states(plan.checks))
        yield
        yield from parts.prices.configure(plan.checks, prices)
        parts.pacing.configure(plan.checks)
        yield
        parts.on_demand.set_checks(plan.checks)
        yield
        scheduled = plan.checks if parts.scheduled else ()
        yield from parts.scheduler.apply(scheduled, parts.resumption.take_start_times(scheduled, plan))
        self._process.own.set_check_count(len(scheduled))
        parts.network.configure(plan.checks, plan.network_check)
        yield
        parts.status_pages.configure(_status_pages(plan) if plan.status_pages else {})

    def _forget(self, before: Plan, plan: Plan) -> Iterator[None]:
        wanted = {check.id for check in plan.checks}
        for check in before.checks:
            if check.id not in wanted:
                self._parts.tracker.remove_check(check)
                yield


def _settle_plan(before: Plan, full_plan: Plan) -> tuple[Plan, Plan]:
    """Return what all replicas check together, and our part of it; unchanged checks stay the same objects."""
    full_plan = reuse_unchanged(before, full_plan)
    return full_plan, keep_owned(full_plan)


def _status_pages(plan: Plan) -> dict[str, Page]:
    """Return the status pages of the providers that have one, by provider."""
    return {
        provider.name: Page(provider.status_page, provider.proxy) for provider in plan.providers if provider.status_page
    }
