"""What was spent in the periods that run now, by scope: sums only, in nano-dollars; the rows are the store's.

A sum is never negative and never forgotten within its period; what is over is dropped when the next begins. Quarters of
an hour are kept too, for days of every time zone are made of them: with another zone the sums are made anew.
"""

from collections import defaultdict
from typing import NamedTuple

from exporter.money.period import Calendar, Period

ALL = ""
"""The scope that every provider belongs to."""


QUARTER = 900
"""Seconds of the spans that days and months of every time zone are made of."""

LONGEST = 33 * 86_400.0
"""Seconds for which quarters are kept: a month of any zone."""


class Spent(NamedTuple):
    """Scope and quarter of an hour (Unix time / 900); `demand` for runs on demand."""

    quarter: int
    provider: str
    demand: bool


class Account(NamedTuple):
    """Whose sum over which period: `begin` is the Unix time at which it begins."""

    scope: str
    period: Period
    begin: float


class Ledger:
    """Sums by scope and period. `demand` marks what runs on demand spent."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._quarters: defaultdict[Spent, int] = defaultdict(int)
        self._spent: defaultdict[Account, int] = defaultdict(int)
        self._on_demand: defaultdict[Account, int] = defaultdict(int)

    def book(self, at: float, provider: str, amount: int, *, demand: bool = False) -> None:
        """Charge an amount to the periods that contain `at` (Unix seconds); a negative one takes back."""
        self._quarters[Spent(int(at // QUARTER), provider, demand)] += amount
        self._charge(at, provider, amount, demand=demand)

    def set_calendar(self, calendar: Calendar) -> None:
        """From now on days and months are those of this calendar; what was spent in them counts."""
        self._calendar = calendar
        self._spent.clear()
        self._on_demand.clear()
        for (quarter, provider, demand), amount in self._quarters.items():
            self._charge(quarter * QUARTER, provider, amount, demand=demand)

    def spent_in(self, scope: str, period: Period, at: float) -> int:
        """Return what was charged to the scope in the period that contains `at`."""
        return self._spent.get(self._make_account(scope, period, at), 0)

    def spent_on_demand(self, scope: str, period: Period, at: float) -> int:
        """Return the part of it that runs on demand were charged."""
        return self._on_demand.get(self._make_account(scope, period, at), 0)

    def drop_before(self, at: float) -> None:
        """Forget the periods that were over at that Unix time."""
        for sums in (self._spent, self._on_demand):
            for account in [each for each in sums if self._calendar.span_at(each.period, at).begin > each.begin]:
                del sums[account]
        for spent in [each for each in self._quarters if each.quarter * QUARTER < at - LONGEST]:
            del self._quarters[spent]

    def _charge(self, at: float, provider: str, amount: int, *, demand: bool) -> None:
        for scope in (ALL, provider):
            for period in Period:
                account = self._make_account(scope, period, at)
                self._spent[account] += amount
                if demand:
                    self._on_demand[account] += amount

    def _make_account(self, scope: str, period: Period, at: float) -> Account:
        return Account(scope, period, self._calendar.span_at(period, at).begin)
