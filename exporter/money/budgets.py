"""The arithmetic of paced budgets: what is left, and by how much intervals must stretch so that it lasts.

One factor per scope. A provider's own budget stretches its checks first; the budget of all then stretches what is
still planned. Amounts are nano-dollars, times Unix seconds, rates nano-dollars per second.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import inf

from exporter.money.ledger import ALL, Ledger
from exporter.money.period import Calendar, Period

DEMAND_SHARE = 5
"""Runs on demand may spend one part in this many of a period."""

KEPT_BACK = 20
"""At most one part in this many is kept back from pacing, for worst-case reservations near the end."""

SPARE = 2
"""Times that much is kept back besides, for runs that are charged their worst and for those that confirm them."""

LET_GO = 24
"""Rounds before the end from which on the reserve is released, so that it is spent in the end too."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What a scope may spend per period."""

    scope: str
    period: Period
    amount: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Intervals are multiplied by this, at least until `until`, the end of the period that limits."""

    factor: float = 1.0
    until: float = inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a scope has planned, without its stretch.

    `rate` is what its paid checks would spend; `keep` what is reserved at its worst when they run at once; `unsettled`
    by how much what is reserved now exceeds what it will likely cost; `round` is its longest interval in seconds.
    """

    rate: float = 0.0
    round: float = 0.0
    keep: int = 0
    unsettled: int = 0


class Budgets:
    """The limits of one plan over one ledger.

    `forgot_at` is the time from which on the ledger knows what was spent, None where it always did: of the period
    it lies in, only the part that was then left may be spent.
    """

    def __init__(
        self, limits: Iterable[Limit], ledger: Ledger, calendar: Calendar, *, forgot_at: float | None = None
    ) -> None:
        self._limits = tuple(limits)
        self._ledger = ledger
        self._calendar = calendar
        self._forgot_at = forgot_at

    def allows(self, provider: str, worst: int, at: float, *, demand: bool = False) -> bool:
        """Return whether a run that may cost so much may be made now."""
        for limit in self._limits_of(ALL, provider):
            amount = self.available(limit, at)
            if self._ledger.spent_in(limit.scope, limit.period, at) + worst > amount:
                return False
            asked = self._ledger.spent_on_demand(limit.scope, limit.period, at)
            if demand and asked + worst > amount // DEMAND_SHARE:
                return False
        return True

    def available(self, limit: Limit, at: float) -> int:
        """Return what may still be spent of a limit in the period that contains `at`."""
        span = self._calendar.span_at(limit.period, at)
        if self._forgot_at is None or not span.contains(self._forgot_at):
            return limit.amount
        return int(limit.amount * (span.end - self._forgot_at) / span.length)

    def compute_stretches(self, loads: Mapping[str, Load], at: float) -> Mapping[str, Stretch]:
        """Compute the stretch of each provider: that of its own budget times that of the overall budget.

        `loads` are those of the providers.
        """
        own = {scope: self._stretch_scope(scope, load, at) for scope, load in loads.items()}
        rate = sum(load.rate / own[scope].factor for scope, load in loads.items())
        total = Load(
            rate=rate,
            round=max((load.round for load in loads.values()), default=0.0),
            keep=sum(load.keep for load in loads.values()),
            unsettled=sum(load.unsettled for load in loads.values()),
        )
        overall = self._stretch_scope(ALL, total, at)
        return {scope: _combine(each, overall) for scope, each in own.items()}

    def report_spending(self, at: float) -> Mapping[tuple[str, str], tuple[int, int]]:
        """(scope, period) to what may be spent and what is."""
        return {
            (limit.scope or "all", limit.period.value): (
                self.available(limit, at),
                self._ledger.spent_in(limit.scope, limit.period, at),
            )
            for limit in self._limits
        }

    def _limits_of(self, *scopes: str) -> Iterable[Limit]:
        return (limit for limit in self._limits if limit.scope in scopes)

    def _stretch_scope(self, scope: str, load: Load, at: float) -> Stretch:
        each = (self._stretch_limit(limit, load, at) for limit in self._limits_of(scope))
        return max(each, key=lambda stretch: stretch.factor, default=Stretch())

    def _stretch_limit(self, limit: Limit, load: Load, at: float) -> Stretch:
        """Return the planned rate divided by the rate that is left.

        One more round of all checks is thought to lie beyond the end, paid at the even rate of a whole period: it
        weighs nothing for most of the period, and keeps the last gaps from following the price of single runs. So does
        what is kept back: once for what is reserved at its worst, and besides for runs that do cost that.
        """
        span = self._calendar.span_at(limit.period, at)
        amount = self.available(limit, at)
        left: float = amount - self._ledger.spent_in(limit.scope, limit.period, at) + load.unsettled
        if load.rate <= 0:
            return Stretch()
        if left <= 0:
            return Stretch(inf, span.end)
        even = max(1.0, load.rate * span.length / limit.amount)
        beyond = min(load.round * even, span.length / 4)
        spare = SPARE * min(1.0, (span.end - at) / (LET_GO * beyond)) if beyond else 0.0
        left += load.rate * beyond / even - min(load.keep * (1 + spare), amount // KEPT_BACK)
        factor = load.rate * (span.end - at + beyond) / max(left, 1.0)
        return Stretch(factor, span.end) if factor > 1 else Stretch()


def _combine(own: Stretch, overall: Stretch) -> Stretch:
    """Two stretches at once; the one that does most says until when."""
    longest: Callable[[Stretch], float] = lambda stretch: stretch.factor  # noqa: E731  (a key, said once)
    return Stretch(own.factor * overall.factor, max(own, overall, key=longest).until)
