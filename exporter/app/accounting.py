"""Money and memory of one daemon, put together: prices, budgets, ledger, maintenance windows, and the store."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from structlog.typing import FilteringBoundLogger

from exporter.aio.cooperative import run_in_slices
from exporter.aio.task_set import TaskSet
from exporter.core.clock import Clock
from exporter.core.plan import Budget, Plan
from exporter.core.sink import RestoredState
from exporter.core.target import Check, Target
from exporter.health.states import expire_health
from exporter.health.tracker import STALE_AFTER
from exporter.metrics import ExporterMetrics, Metrics
from exporter.metrics.prices import Prices
from exporter.money.amount import to_decimal, to_dollars, to_nano
from exporter.money.budget_admission import BudgetAdmission
from exporter.money.budgets import Budgets, Limit
from exporter.money.ledger import ALL, Ledger
from exporter.money.period import Calendar, Period, find_zone
from exporter.money.price_file import PriceFileError
from exporter.money.pricing import Pricing
from exporter.money.run_cost import Charges
from exporter.probes.base import Probe
from exporter.report.render import Report
from exporter.report.stored import report_window
from exporter.results.history import Earlier
from exporter.run.maintenance import MaintenanceWindows
from exporter.store import Store

LOOK_EVERY = 5
"""Seconds between two looks at budgets, paces and windows."""

PRICES_EVERY = 60
"""Seconds between two looks at prices, which change by the hour of the day and with their file."""


class Accounting:
    """What stands behind the gate. `folder` None keeps all in memory; methods are called on the event loop.

    Raises UsageError where another exporter has the folder, PriceFileError where the file of prices cannot be used.
    """

    def __init__(
        self,
        plan: Plan,
        folder: Path | None,
        clock: Clock,
        log: FilteringBoundLogger,
        *,
        probes: Mapping[str, Probe],
        metrics: Metrics,
        own: ExporterMetrics,
    ) -> None:
        self._clock = clock
        self._log = log
        self._metrics = metrics
        self._own = own
        self._zone, self._calendar = plan.timezone, Calendar(find_zone(plan.timezone))
        self._ledger = Ledger(self._calendar)
        self._prices_file = plan.prices_file
        self._charges = Charges(Pricing(plan.prices_file), probes, to_decimal(plan.assumed_price))
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
        self._began, self._known = dict(known.started), dict(known.checks)
        self.gate = BudgetAdmission(charges=self._charges, ledger=self._ledger, journal=self.store, clock=clock)
        self.store.charge_of = self.gate.usual_charge
        self._checks: tuple[Check, ...] = ()
        self._discovering: frozenset[str] = frozenset()
        self._windows = MaintenanceWindows(())
        self._seconds = 0
        self._beside = TaskSet(log, own.count_internal_error)
        self._looking: asyncio.Task[object] | None = None
        self._unpriced: set[tuple[str, str]] = set()
        self._paces: dict[str, float] = {}
        self._resting: set[str] = set()
        self._cut: set[Limit] = set()

    async def look_up(self, plan: Plan, everything: Iterable[Check]) -> Prices:
        """What the models of a plan cost, and what its checks do: looked up on a thread, as thousands take a while.

        What is asked of the same checks afterwards is known.
        """
        return await asyncio.to_thread(self._looked_up, plan, tuple(everything))

    def configure(self, plan: Plan, everything: Iterable[Check]) -> None:
        """Take a plan; `everything` is what all replicas together check, to tell which share of a budget is ours."""
        self._price_by(plan)
        if plan.timezone != self._zone:
            self._zone, self._calendar = plan.timezone, Calendar(find_zone(plan.timezone))
            self._ledger.set_calendar(self._calendar)
        self._checks = plan.checks
        self._discovering = frozenset(each.provider.name for each in plan.discoveries)
        self._windows = MaintenanceWindows(plan.maintenance)
        self.store.retention = plan.retention
        limits = tuple(self._limits(plan, tuple(everything)))
        budgets = Budgets(limits, self._ledger, self._calendar, forgot_at=self._forgot_at)
        self.gate.configure(plan.checks, budgets, self._windows.is_resting, self.store.remembered.charges)
        self._say_what_may_be_spent(limits, budgets)

    def declared(self, prices: Prices | None = None) -> Iterator[None]:
        """The sinks know all checks of the plan now: what is told of each can be told, step by step.

        `prices` are those that were looked up for the plan, if they were.
        """
        yield from self._tell_prices(self._prices(_targets(self._checks)) if prices is None else prices)
        self._look_anew()
        yield

    def recalled(self, checks: Iterable[Check]) -> Mapping[str, RestoredState]:
        """What an earlier process knew of checks, by id, health as far as it is still true; told once."""
        known = [check for check in checks if check.id in self._known] if self._known else []
        return {check.id: self._as_of_now(check, self._known.pop(check.id)) for check in known}

    def began(self, checks: Iterable[Check]) -> Mapping[str, float]:
        """When an earlier process began the last runs of checks (Unix seconds by id); told once.

        Lists in which models are looked for are left out: what they held is not kept, so they are asked for at once.
        """
        if not self._began:
            return {}
        began = {check.id: self._began.pop(check.id) for check in checks if check.id in self._began}
        return {check.id: began[check.id] for check in checks if check.id in began and not self._searched(check)}

    async def earlier(self) -> Mapping[str, Earlier]:
        """What checks did before this process, by id; read beside the writer, so that nothing waits for it."""
        return await self.store.read_history()

    def each_second(self) -> None:
        """Tell the metrics what changed by itself, and keep the store small."""
        self._seconds += 1
        if self._seconds % LOOK_EVERY == 0:
            self._look()
        if self._seconds % PRICES_EVERY == 0:
            self._ledger.drop_before(self._clock.wall())
            self.store.schedule_cleanup()
            if self._looking is None or self._looking.done():
                self._looking = self._beside.start(self._look_at_prices(), "prices")

    async def report(self, seconds: float) -> Report:
        """What the store knows of the window that ends now."""
        until = self._clock.wall()
        window = await self.store.read_window(until - seconds, until)
        return await asyncio.to_thread(report_window, window)

    async def close(self) -> None:
        """Write what is left to write."""
        await self._beside.cancel_all()
        await self.store.close()

    def _searched(self, check: Check) -> bool:
        return not check.target.model and check.target.provider.name in self._discovering

    def _as_of_now(self, check: Check, known: RestoredState) -> RestoredState:
        began, ran = self._began.get(check.id), known.health.last_run_at
        if began is not None:
            self.gate.next_due(check, began)
        now = self._clock.wall()
        fresh = ran is not None and now - ran <= STALE_AFTER * self.gate.effective_interval(check)
        return known if fresh else replace(known, health=expire_health(known.health, now))

    def _looked_up(self, plan: Plan, everything: tuple[Check, ...]) -> Prices:
        self._price_by(plan)
        now = self._clock.wall()
        for check in everything:
            if check.paid:
                self._charges.charge_for(check, now)
        return self._prices(_targets(plan.checks))

    def _price_by(self, plan: Plan) -> None:
        if plan.prices_file != self._prices_file:
            self._prices_file, self._charges.pricing = plan.prices_file, Pricing(plan.prices_file)
        self._charges.set_assumed_price(to_decimal(plan.assumed_price))

    def _limits(self, plan: Plan, everything: tuple[Check, ...]) -> Iterator[Limit]:
        for scope, budget in ((ALL, plan.budget), *plan.provider_budgets.items()):
            share = self._share(scope, plan.checks, everything)
            for period, usd in _amounts(budget):
                yield Limit(scope, period, int(to_nano(to_decimal(usd)) * share))

    def _share(self, scope: str, ours: Iterable[Check], everything: Iterable[Check]) -> float:
        """Our part of what is planned to be spent in a scope."""
        if ours is everything:
            return 1.0
        whole = self._planned(scope, everything)
        return self._planned(scope, ours) / whole if whole else 1.0

    def _planned(self, scope: str, checks: Iterable[Check]) -> float:
        now = self._clock.wall()
        return sum(
            self._charges.charge_for(check, now).likely / check.interval
            for check in checks
            if check.paid and scope in (ALL, check.target.provider.name)
        )

    def _say_what_may_be_spent(self, limits: Iterable[Limit], budgets: Budgets) -> None:
        """Where it is less than what was configured; of each limit once."""
        now = self._clock.wall()
        for limit in limits:
            amount = budgets.available(limit, now)
            if amount < limit.amount and limit not in self._cut:
                self._cut.add(limit)
                self._log.warning(
                    "what was spent before is not known (without a state directory, --state-dir, a restart forgets "
                    "it), so only the part of the budget that is left by the clock may be spent in this period",
                    scope=limit.scope or "all",
                    period=limit.period.value,
                    usd=round(to_dollars(amount), 6),
                )

    def _look_anew(self) -> None:
        """As `_look`, where some checks were declared anew, which told that nothing stretches or rests them."""
        for check in self._checks:
            if check.id in self._resting:
                self._metrics.set_maintenance(check, active=False)
            if check.id in self._paces:
                self._metrics.set_interval(check, check.interval)
        self._resting.clear()
        self._paces.clear()
        self._look()

    def _look(self) -> None:
        now = self._clock.wall()
        for check in self._checks if self._windows or self._resting else ():
            if (rests := self._windows.is_resting(check, now)) is not (check.id in self._resting):
                (self._resting.add if rests else self._resting.discard)(check.id)
                self._metrics.set_maintenance(check, active=rests)
        for check in self._checks:
            pace = self.gate.effective_interval(check)
            if self._paces.get(check.id, check.interval) != pace:
                self._paces[check.id] = pace
                self._metrics.set_interval(check, pace)
        told = self.gate.report_spending()
        self._own.set_budgets({each: (to_dollars(limit), to_dollars(spent)) for each, (limit, spent) in told.items()})

    async def _look_at_prices(self) -> None:
        """On a thread: a file may be large, and a thousand models take a while."""
        try:
            if await asyncio.to_thread(self._charges.pricing.refresh):
                self._log.info("prices were read again", file=str(self._prices_file))
        except PriceFileError as error:
            self._log.error("the file of prices cannot be used, the prices before stay", problem=str(error))
        prices = await asyncio.to_thread(self._prices, _targets(self._checks))
        await run_in_slices(self._tell_prices(prices), self._clock)

    def _prices(self, targets: Iterable[Target]) -> Prices:
        now = self._clock.wall()
        return {_named(each): self._charges.pricing.find_price(each, now) for each in targets}

    def _tell_prices(self, prices: Prices) -> Iterator[None]:
        yield from self._metrics.set_prices(prices)
        unknown = {each for each, price in prices.items() if price is None}
        for provider, model in sorted(unknown - self._unpriced):
            self._log.info(
                "no price is known: tokens are counted, a cost is not; write `price:` at the model to have one",
                provider=provider,
                model=model,
            )
            yield
        self._unpriced = unknown


def _targets(checks: Iterable[Check]) -> tuple[Target, ...]:
    """The models that are asked for money."""
    return tuple({_named(check.target): check.target for check in checks if check.paid}.values())


def _named(target: Target) -> tuple[str, str]:
    return target.provider.name, target.model


def _amounts(budget: Budget) -> Iterator[tuple[Period, float]]:
    for period, usd in ((Period.DAY, budget.daily_usd), (Period.MONTH, budget.monthly_usd)):
        if usd is not None:
            yield period, usd
