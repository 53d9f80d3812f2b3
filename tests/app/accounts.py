"""Accounting in a world of its own, with all that publishes what it knows."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog
from structlog.testing import CapturingLogger

from exporter.aio.task_set import TaskSet
from exporter.app.accounting import Accounting
from exporter.app.pacing_watch import PUBLISH_EVERY, PacingWatch
from exporter.app.price_watch import REFRESH_EVERY, PriceWatch
from exporter.app.resumption import Resumption
from exporter.core.plan import Buckets, Budget, Plan
from exporter.core.target import Check
from exporter.metrics import ExporterMetrics, Metrics
from exporter.probes import PROBES
from exporter.results.status_cache import StatusCache
from exporter.run.admission import Permit
from tests.metrics.make import StoppedClock, answered, seen
from tests.metrics.read import told
from tests.simulated_day import COST, MIDNIGHT

LEVELS = structlog.make_filtering_bound_logger(0)


class World:
    """Accounting with everything that publishes what it knows."""

    def __init__(self, plan: Plan, folder: Path | None = None, now: float = MIDNIGHT) -> None:
        self.clock = StoppedClock(now=now)
        self.seconds = 0
        self.metrics = Metrics(Buckets(), (), self.clock)
        self.own = ExporterMetrics()
        self.logged = CapturingLogger()
        log = structlog.wrap_logger(self.logged, processors=[], wrapper_class=LEVELS)
        self.tasks = TaskSet(log, self.own.count_internal_error)
        self.accounting = Accounting(plan, folder, self.clock, log, probes=PROBES, own=self.own)
        self.prices = PriceWatch(self.accounting, self.metrics, self.clock, log, self.tasks)
        self.status = StatusCache()
        self.pacing = PacingWatch(self.accounting, self.metrics, self.status, self.own, self.clock, log)
        self.resumption = Resumption(self.accounting.store.remembered, self.accounting.admission, self.clock)
        self.configure(plan)
        for check in plan.checks:
            self.metrics.add_check(check)
            self.status.add_check(check)
        self.publish(plan)

    def configure(self, plan: Plan, everything: Iterable[Check] | None = None) -> None:
        self.accounting.configure(plan, plan.checks if everything is None else everything)

    def publish(self, plan: Plan) -> None:
        pricing, now = self.accounting.charges.pricing, self.clock.now
        targets = {(check.target.provider.name, check.target.model): check.target for check in plan.checks}
        prices = {model: pricing.find_price(target, now) for model, target in targets.items()}
        list(self.prices.configure(plan.checks, prices))
        self.pacing.configure(plan.checks)

    def budget(self, what: str = "usd", **labels: str) -> float | None:
        return told(self.own, f"ai_api_budget_{what}", **labels)

    async def run(self, check: Check) -> None:
        permit = await self.accounting.admission.admit(check)
        assert isinstance(permit, Permit)
        outcome = self.accounting.admission.settle(permit, answered(tokens=None, cost_usd=COST / 1e9))
        self.accounting.store.add_check(check)
        self.accounting.store.record_run(seen(check, replace(outcome, started_at=self.clock.now)))

    def pass_seconds(self, count: int) -> None:
        """Move the clock and run what a daemon runs periodically."""
        for _ in range(count):
            self.clock.now += 1
            self.seconds += 1
            if self.seconds % PUBLISH_EVERY == 0:
                self.pacing.publish_changes()
            if self.seconds % REFRESH_EVERY == 0:
                self.accounting.clean_up()
                self.prices.start_refresh()

    async def wait_for_cleanup(self) -> None:
        for _ in range(2):
            await self.accounting.store.read(lambda _: None)

    async def close(self) -> None:
        await self.tasks.cancel_all()
        await self.accounting.close()


def planned(*checks: Check, **but: Any) -> Plan:
    made: dict[str, Any] = {"source": "x", "providers": (), "budget": Budget(daily_usd=1.0), "checks": checks}
    return Plan(**{**made, **but})
