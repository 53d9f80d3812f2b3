"""Ledger, budgets, charges and store of one exporter: opened together, configured by each plan, closed together."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from structlog.typing import FilteringBoundLogger

from exporter.core.clock import Clock
from exporter.core.plan import Budget, Plan
from exporter.core.target import Check
from exporter.metrics import ExporterMetrics
from exporter.money.amount import to_decimal, to_dollars, to_nano
from exporter.money.budget_admission import BudgetAdmission
from exporter.money.budgets import Budgets, Limit
from exporter.money.ledger import ALL, Ledger
from exporter.money.period import Calendar, Period, find_zone
from exporter.money.pricing import Pricing
from exporter.money.run_cost import Charges
from exporter.probes.base import Probe
from exporter.report.render import Report, report_window
from exporter.run.maintenance import MaintenanceWindows
from exporter.store import Store


class Accounting:
    """Keeps what was spent and what may be spent. `folder` None keeps all in memory.

    `admission` admits runs, `charges` tells what they cost, `windows` when they rest, `store` remembers. Methods are
    called on the event loop. Raises UsageError where another exporter has the folder, PriceFileError where the file of
    prices cannot be used.
    """

    def __init__(
        self,
        plan: Plan,
        folder: Path | None,
        clock: Clock,
        log: FilteringBoundLogger,
        *,
        probes: Mapping[str, Probe],
        own: ExporterMetrics,
    ) -> None:
        self._clock = clock
        self._log = log
        self._zone, self._calendar = plan.timezone, Calendar(find_zone(plan.timezone))
        self._ledger = Ledger(self._calendar)
        self._prices_file = plan.prices_file
        self.charges = Charges(Pricing(plan.prices_file), probes, to_decimal(plan.assumed_price))
        self.store = Store(
            folder,
            clock,
            log,
            retention=plan.retention,
            failed=own.count_store_error,
            lost=own.count_lost_outcomes,
            day_of=lambda at: self._calendar.span_at(Period.DAY, at).begin,
        )
        known = self.store.remembered
        for entry in known.entries:
            self._ledger.book(entry.at, entry.provider, entry.amount, demand=entry.demand)
        self._forgot_at = known.forgot_at if known.known else clock.wall()
        self.admission = BudgetAdmission(charges=self.charges, ledger=self._ledger, journal=self.store, clock=clock)
        self.store.charge_of = self.admission.usual_charge
        self.windows = MaintenanceWindows(())
        self._reported_cuts: set[Limit] = set()

    def configure(self, plan: Plan, everything: Iterable[Check]) -> None:
        """Take a plan; `everything` is what all replicas check together, which decides our share of each budget."""
        self.set_prices(plan)
        if plan.timezone != self._zone:
            self._zone, self._calendar = plan.timezone, Calendar(find_zone(plan.timezone))
            self._ledger.set_calendar(self._calendar)
        self.windows = MaintenanceWindows(plan.maintenance)
        self.store.retention = plan.retention
        all_checks = tuple(everything)
        self.charges.retain(all_checks)
        limits = tuple(self._make_limits(plan, all_checks))
        budgets = Budgets(limits, self._ledger, self._calendar, forgot_at=self._forgot_at)
        self.admission.configure(plan.checks, budgets, self.windows.is_resting, self.store.remembered.charges)
        self._report_cut_limits(limits, budgets)

    def set_prices(self, plan: Plan) -> None:
        """Price runs as a plan says."""
        if plan.prices_file != self._prices_file:
            self._prices_file, self.charges.pricing = plan.prices_file, Pricing(plan.prices_file)
        self.charges.set_assumed_price(to_decimal(plan.assumed_price))

    def clean_up(self) -> None:
        """Drop ended periods and outcomes older than the retention. Call it about once a minute."""
        self._ledger.drop_before(self._clock.wall())
        self.store.schedule_cleanup()

    async def report(self, seconds: float) -> Report:
        """Report the window of this length that ends now."""
        until = self._clock.wall()
        window = await self.store.read_window(until - seconds, until)
        return await asyncio.to_thread(report_window, window)

    async def close(self) -> None:
        """Write what is left to write."""
        await self.store.close()

    def _make_limits(self, plan: Plan, everything: tuple[Check, ...]) -> Iterator[Limit]:
        for scope, budget in ((ALL, plan.budget), *plan.provider_budgets.items()):
            share = self._compute_share(scope, plan.checks, everything)
            for period, usd in _list_amounts(budget):
                yield Limit(scope, period, int(to_nano(to_decimal(usd)) * share))

    def _compute_share(self, scope: str, ours: Iterable[Check], everything: Iterable[Check]) -> float:
        """Return our part of the planned spending of a scope, from 0 to 1."""
        if ours is everything:
            return 1.0
        total = self._sum_planned(scope, everything)
        return self._sum_planned(scope, ours) / total if total else 1.0

    def _sum_planned(self, scope: str, checks: Iterable[Check]) -> float:
        now = self._clock.wall()
        return sum(
            self.charges.charge_for(check, now).likely / check.interval
            for check in checks
            if check.paid and scope in (ALL, check.target.provider.name)
        )

    def _report_cut_limits(self, limits: Iterable[Limit], budgets: Budgets) -> None:
        """Log once each limit that is cut below its configured amount."""
        now = self._clock.wall()
        for limit in limits:
            amount = budgets.available(limit, now)
            if amount < limit.amount and limit not in self._reported_cuts:
                self._reported_cuts.add(limit)
                self._log.warning(
                    "what was spent before is not known (without a state directory, --state-dir, a restart forgets "
                    "it), so only the part of the budget that is left by the clock may be spent in this period",
                    scope=limit.scope or "all",
                    period=limit.period.value,
                    usd=round(to_dollars(amount), 6),
                )


def _list_amounts(budget: Budget) -> Iterator[tuple[Period, float]]:
    for period, usd in ((Period.DAY, budget.daily_usd), (Period.MONTH, budget.monthly_usd)):
        if usd is not None:
            yield period, usd
