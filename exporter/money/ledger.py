"""What was spent in the periods that run now, by scope: sums only, in nano-dollars; the rows are the store's.

A sum is never negative and never forgotten within its period; what is over is dropped when the next begins.
"""

from collections import defaultdict
from typing import NamedTuple

from exporter.money.period import Calendar, Period

ALL = ""
"""The scope that every provider belongs to."""


class Account(NamedTuple):
    """Whose sum over which period: `begin` is the Unix time at which it begins."""

    scope: str
    period: Period
    begin: float


class Ledger:
    """Sums by scope and period. `demand` marks what was spent by runs that somebody asked for."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._spent: defaultdict[Account, int] = defaultdict(int)
        self._on_demand: defaultdict[Account, int] = defaultdict(int)

    def book(self, at: float, provider: str, amount: int, *, demand: bool = False) -> None:
        """Charge an amount to the periods that `at` (Unix seconds) lies in; a negative one takes back."""
        for scope in (ALL, provider):
            for period in Period:
                account = self._account(scope, period, at)
                self._spent[account] += amount
                if demand:
                    self._on_demand[account] += amount

    def spent(self, scope: str, period: Period, at: float) -> int:
        """What was charged to the scope in the period that `at` lies in."""
        return self._spent.get(self._account(scope, period, at), 0)

    def on_demand(self, scope: str, period: Period, at: float) -> int:
        """What of it runs on demand were charged."""
        return self._on_demand.get(self._account(scope, period, at), 0)

    def drop_before(self, at: float) -> None:
        """Forget the periods that were over at that Unix time."""
        for sums in (self._spent, self._on_demand):
            for account in [each for each in sums if self._calendar.span(each.period, at).begin > each.begin]:
                del sums[account]

    def _account(self, scope: str, period: Period, at: float) -> Account:
        return Account(scope, period, self._calendar.span(period, at).begin)
