"""Prices of the models that are asked for money: looked up off the event loop, exported, refreshed every minute."""

import asyncio
from collections.abc import Iterable, Iterator

from structlog.typing import FilteringBoundLogger

from exporter.aio.cooperative import run_in_slices
from exporter.aio.task_set import TaskSet
from exporter.app.accounting import Accounting
from exporter.core.clock import Clock
from exporter.core.plan import Plan
from exporter.core.target import Check, Target
from exporter.metrics import Metrics
from exporter.metrics.providers import Prices
from exporter.money.price_file import PriceFileError

REFRESH_EVERY = 60
"""Seconds between two refreshes: prices change by the hour of the day, and with their file."""


class PriceWatch:
    """Exports the price of every model in use. Methods are called on the event loop."""

    def __init__(
        self, accounting: Accounting, metrics: Metrics, clock: Clock, log: FilteringBoundLogger, tasks: TaskSet
    ) -> None:
        self._accounting = accounting
        self._metrics = metrics
        self._clock = clock
        self._log = log
        self._tasks = tasks
        self._targets: tuple[Target, ...] = ()
        self._unpriced: set[tuple[str, str]] = set()
        self._refreshing: asyncio.Task[object] | None = None

    async def look_up(self, plan: Plan, everything: Iterable[Check]) -> Prices:
        """Return the prices of a plan's models; work out the charges of `everything` so that they are known later.

        Works on a thread, as thousands of models take a while.
        """
        return await asyncio.to_thread(self._look_up, plan, tuple(everything))

    def configure(self, checks: Iterable[Check], prices: Prices) -> Iterator[None]:
        """Export these prices, step by step; from now on refresh those of the models of these checks."""
        self._targets = _list_paid_targets(checks)
        yield from self._publish(prices)

    def start_refresh(self) -> None:
        """Begin to look the prices up again, unless that is under way."""
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = self._tasks.start(self._refresh(), "prices")

    def _look_up(self, plan: Plan, everything: tuple[Check, ...]) -> Prices:
        self._accounting.set_prices(plan)
        now = self._clock.wall()
        for check in everything:
            if check.paid:
                self._accounting.charges.charge_for(check, now)
        return self._find_prices(_list_paid_targets(plan.checks))

    async def _refresh(self) -> None:
        """Work on a thread: a file may be large, and a thousand models take a while."""
        pricing = self._accounting.charges.pricing
        try:
            if await asyncio.to_thread(pricing.refresh):
                self._log.info("prices were read again", file=str(pricing.path))
        except PriceFileError as error:
            self._log.error("the file of prices cannot be used, the prices before stay", problem=str(error))
        prices = await asyncio.to_thread(self._find_prices, self._targets)
        await run_in_slices(self._publish(prices), self._clock)

    def _find_prices(self, targets: Iterable[Target]) -> Prices:
        now = self._clock.wall()
        return {_name_model(target): self._accounting.charges.pricing.find_price(target, now) for target in targets}

    def _publish(self, prices: Prices) -> Iterator[None]:
        yield from self._metrics.set_prices(prices)
        unknown = {model for model, price in prices.items() if price is None}
        for provider, model in sorted(unknown - self._unpriced):
            self._log.info(
                "no price is known: tokens are counted, a cost is not; write `price:` at the model to have one",
                provider=provider,
                model=model,
            )
            yield
        self._unpriced = unknown


def _list_paid_targets(checks: Iterable[Check]) -> tuple[Target, ...]:
    return tuple({_name_model(check.target): check.target for check in checks if check.paid}.values())


def _name_model(target: Target) -> tuple[str, str]:
    return target.provider.name, target.model
