"""The gate that pays: prices, ledger, budgets and maintenance windows before and after every run, and the pace.

Money is reserved at its worst before anything is sent, entered into the store, and replaced by what was told. What
was told of no run is kept: a cut answer is billed too.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Protocol

from exporter.core.clock import Clock
from exporter.core.outcome import REFUSED, Outcome, Reason
from exporter.core.sink import Skip
from exporter.core.target import Check
from exporter.money.budgets import Budgets, Load, Stretch
from exporter.money.ledger import Ledger
from exporter.money.period import Calendar
from exporter.money.run_cost import Charge, Charges
from exporter.run.admission import Permit
from exporter.run.scheduler import next_regular_run, next_slot, slot_offset

UNSENT = frozenset({Reason.DNS, Reason.CONNECT, Reason.TLS, Reason.TIMEOUT_CONNECT})
"""Runs that ended before anything was asked."""

AT_ONCE = 8
"""Runs of one provider whose worst case is kept back from pacing."""

USUAL = 40
"""Runs over which the usual charge of a check is averaged: an hour of failures must not stretch the day."""

ESTIMATED = 5
"""Runs for which the estimate counts beside the real charges: the first one must not decide alone."""


class Journal(Protocol):
    """Where reservations are kept."""

    async def reserve(self, check: Check, amount: int, at: float, *, demand: bool = False) -> int:
        """Commit an entry (nano-dollars, Unix seconds) and return its number."""

    def settle(self, number: int, amount: int) -> None:
        """Settle an entry at its final amount."""


@dataclass(slots=True)
class _Account:
    """What one paid check is charged: the usual amount, and over how many runs that is known; nano-dollars."""

    check: Check
    charge: Charge
    usual: float
    runs: int = 0

    def learn(self, amount: int) -> None:
        self.runs = min(self.runs + 1, USUAL)
        self.usual += (amount - self.usual) / min(self.runs + ESTIMATED, USUAL)


@dataclass(slots=True)
class _Planned:
    """The paid checks of one provider."""

    rate: float = 0.0
    round: float = 0.0
    keep: int = 0
    worst: list[int] = field(default_factory=list)

    def make_load(self, unsettled: int) -> Load:
        return Load(rate=self.rate, round=self.round, keep=self.keep, unsettled=unsettled)


def never_resting(check: Check, at: float) -> bool:  # noqa: ARG001  (a window is asked for a check and a moment)
    """Default: there are no maintenance windows."""
    return False


class BudgetAdmission:
    """Admits runs as budgets allow and stretches the intervals of paid checks. A `Gate`; `configure` it first.

    `ledger` is the one that the budgets read, `journal` is where its entries are kept.
    """

    def __init__(self, *, charges: Charges, ledger: Ledger, journal: Journal, clock: Clock) -> None:
        self._charges = charges
        self._ledger = ledger
        self._budgets = Budgets((), ledger, Calendar())
        self._journal = journal
        self._clock = clock
        self._rests: Callable[[Check, float], bool] = never_resting
        self._accounts: dict[str, _Account] = {}
        self._planned: dict[str, _Planned] = {}
        self._excess: dict[str, int] = {}
        self._gaps: dict[str, float] = {}
        self._stretched: tuple[float, Mapping[str, Stretch]] = (-inf, {})

    def configure(
        self,
        checks: Iterable[Check],
        budgets: Budgets,
        rests: Callable[[Check, float], bool] = never_resting,
        usual: Mapping[str, int] | None = None,
    ) -> None:
        """Set the checks and limits. `rests` says whether a maintenance window is open for a check.

        `usual` are charges (nano-dollars by check id) that an earlier process learnt.
        """
        known, usual, gaps = self._accounts, usual or {}, self._gaps
        self._budgets, self._rests = budgets, rests
        self._accounts, self._planned, self._gaps = {}, {}, {}
        now = self._clock.wall()
        for check in checks:
            if check.paid:
                check_id = check.id
                before = known.get(check_id)
                if check_id in gaps and before is not None and before.check.interval == check.interval:
                    self._gaps[check_id] = gaps[check_id]
                account = self._make_account(check, now, before, usual.get(check_id))
                self._accounts[check_id] = account
                self._add_to_plan(account)
        for planned in self._planned.values():
            planned.keep = sum(sorted(planned.worst)[-AT_ONCE:])
        self._stretched = (-inf, {})

    async def admit(self, check: Check, *, demand: bool = False) -> Permit | Skip:
        if not check.paid:
            return Permit(check=check, demand=demand)
        now = self._clock.wall()
        if not demand and self._rests(check, now):
            return Skip.MAINTENANCE
        charge = self._charges.charge_for(check, now)
        provider = check.target.provider.name
        if not self._budgets.allows(provider, charge.most, now, demand=demand):
            return Skip.BUDGET
        return await self._reserve(check, charge, now, demand=demand)

    async def reserve_retry(self, admission: Permit) -> Permit:
        check = admission.check
        if not check.paid:
            return admission
        self._replace(admission, 0)
        now = self._clock.wall()
        return await self._reserve(check, self._charges.charge_for(check, now), now, demand=admission.demand)

    def settle(self, admission: Permit, outcome: Outcome) -> Outcome:
        check = admission.check
        outcome = self._charges.add_cost(check.target, outcome)
        if not check.paid:
            return outcome
        amount = self._amount_to_charge(admission, outcome)
        self._replace(admission, amount)
        if amount or outcome.ok:
            self._learn(check, amount)
        return outcome

    def next_due(self, check: Check, due: float) -> float:
        """Return when a check that was due is due again: its slot, or later if the budget has to last. A `Pace`."""
        stretch = self._get_stretch(check)
        at = next_regular_run(check, due) if stretch.factor <= 1 else self._stretch_due(check, due, stretch)
        if check.paid:
            self._gaps[check.id] = at - due
        return at

    def effective_interval(self, check: Check) -> float:
        """Return the seconds between the last run of the check and the next, as scheduled last."""
        gap = self._gaps.get(check.id, check.interval)
        return check.interval if gap <= 1.5 * check.interval else gap

    def usual_charge(self, check: Check) -> int | None:
        """Return the average charge of a run; None before the first."""
        account = self._accounts.get(check.id)
        return None if account is None or not account.runs else round(account.usual)

    def report_spending(self) -> Mapping[tuple[str, str], tuple[int, int]]:
        """(scope, period) to what may be spent and what is, in nano-dollars."""
        return self._budgets.report_spending(self._clock.wall())

    async def _reserve(self, check: Check, charge: Charge, now: float, *, demand: bool) -> Permit:
        account = self._accounts.get(check.id)
        likely = min(charge.most, round(account.usual) if account is not None else charge.likely)
        self._ledger.book(now, check.target.provider.name, charge.most, demand=demand)
        self._add_unsettled(check, charge.most - likely)
        number = await self._journal.reserve(check, charge.most, now, demand=demand)
        return Permit(check=check, at=now, reserved=charge.most, likely=likely, number=number, demand=demand)

    def _replace(self, admission: Permit, amount: int) -> None:
        """Replace a reservation by the final amount."""
        self._add_unsettled(admission.check, admission.likely - admission.reserved)
        provider = admission.check.target.provider.name
        self._ledger.book(admission.at, provider, amount - admission.reserved, demand=admission.demand)
        self._journal.settle(admission.number, amount)

    def _make_account(self, check: Check, now: float, known: _Account | None, usual: int | None) -> _Account:
        charge = self._charges.charge_for(check, now)
        if known is not None and (known.check is check or known.check.target == check.target):
            known.check, known.charge = check, charge
            return known
        if usual is not None:
            return _Account(check, charge, usual, USUAL // 2)
        return _Account(check, charge, charge.likely)

    def _add_to_plan(self, account: _Account) -> None:
        check, name = account.check, account.check.target.provider.name
        planned = self._planned.get(name)
        if planned is None:
            planned = self._planned[name] = _Planned()
        planned.rate += account.usual / check.interval
        planned.round = max(planned.round, check.interval)
        planned.worst.append(account.charge.most)

    def _amount_to_charge(self, admission: Permit, outcome: Outcome) -> int:
        """Return the amount to charge for a run that is over."""
        if outcome.cost_nano_usd is not None:
            return outcome.cost_nano_usd
        if outcome.tokens is not None:
            return self._charges.charge_unpriced(outcome.tokens)
        unbilled = outcome.reason in UNSENT or outcome.http_status in REFUSED
        return 0 if unbilled else admission.reserved

    def _learn(self, check: Check, amount: int) -> None:
        account = self._accounts.get(check.id)
        if account is None:
            return
        before = account.usual
        account.learn(amount)
        self._planned[check.target.provider.name].rate += (account.usual - before) / account.check.interval

    def _add_unsettled(self, check: Check, excess: int) -> None:
        """By how much more is reserved than will likely be spent: pacing goes by the latter."""
        name = check.target.provider.name
        self._excess[name] = self._excess.get(name, 0) + excess

    def _get_stretch(self, check: Check) -> Stretch:
        if not check.paid:
            return Stretch()
        now = self._clock.wall()
        if abs(now - self._stretched[0]) >= 1.0:
            loads = {name: planned.make_load(self._excess.get(name, 0)) for name, planned in self._planned.items()}
            self._stretched = (now, self._budgets.compute_stretches(loads, now))
        return self._stretched[1].get(check.target.provider.name, Stretch())

    @staticmethod
    def _stretch_due(check: Check, due: float, stretch: Stretch) -> float:
        """Later by the stretch; at the end of the period that wants it, the check goes back to its slot."""
        anew = max(stretch.until + slot_offset(check), next_slot(check, due + check.interval / 2))
        return min(due + check.interval * stretch.factor, anew)
