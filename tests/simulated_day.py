"""A day in a second: checks, a gate, a store on disk and a clock that jumps from event to event."""

import heapq
import itertools
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import structlog

from exporter.core.outcome import Outcome, Reason, Timing, Tokens
from exporter.core.sink import Skip
from exporter.core.target import Check, Price, Target
from exporter.health.tracker import HealthTracker
from exporter.money.budget_admission import BudgetAdmission
from exporter.money.budgets import Budgets, Limit
from exporter.money.ledger import ALL, Ledger
from exporter.money.period import Calendar, Period
from exporter.money.pricing import Pricing
from exporter.money.run_cost import Charges
from exporter.probes import PROBES
from exporter.probes.chat import ChatSettings
from exporter.run.admission import Permit
from exporter.run.confirmations import Confirmations
from exporter.run.scheduler import resume_first_runs
from exporter.store import Store
from tests.metrics.make import StoppedClock, check, provider

MIDNIGHT = 1_795_392_000.0
"""2026-11-23 00:00 UTC."""
DAY = 86_400.0
PRICE = Price(input=Decimal(1), output=Decimal(4))
TOKENS = Tokens(input=30, output=17)
COST = 98_000
"""Nano-dollars of TOKENS at PRICE."""


def paid_check(number: int = 0, interval: float = 60.0, name: str = "shop") -> Check:
    made = check(f"model-{number}", at=provider(name))
    target = Target(provider=made.target.provider, model=made.target.model, dialect="openai-chat", price=PRICE)
    return replace(made, target=target, interval=interval, settings=ChatSettings())


@dataclass(frozen=True)
class Run:
    """A run that was made: when it began, what it really cost, and whether its end was seen.

    `confirms` is a run out of turn that confirms a first failure.
    """

    check: Check
    at: float
    cost: int
    settled: bool = True
    confirms: bool = False


@dataclass
class Day:
    """Checks under a budget of `daily` nano-dollars; a run takes `latency` seconds and costs about COST.

    `spread` is by how much costs vary: 0.3 means up to 30 % more or less. `fails` says of a moment how likely a run
    fails: it is cut off after it was taken, so it costs, and nobody is told how much.
    """

    folder: Path
    checks: Sequence[Check]
    daily: int
    latency: float = 2.0
    spread: float = 0.3
    fails: Callable[[float], float] = lambda _: 0.0
    clock: StoppedClock = field(default_factory=lambda: StoppedClock(now=MIDNIGHT))
    runs: list[Run] = field(default_factory=list)
    skips: dict[Skip, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        self._dice = random.Random(7)
        self._order = itertools.count()
        self._agenda: list[tuple[float, int, str, Check | None, object]] = []

    async def pass_by(self, crashes: Iterable[float] = (), until: float = MIDNIGHT + DAY) -> None:
        """Let it pass from now on, with crashes at these Unix times."""
        self._begin()
        for at in crashes:
            self._plan(at, "crash")
        while self._agenda and self._agenda[0][0] < until:
            at, _, what, of, item = heapq.heappop(self._agenda)
            self.clock.now = max(self.clock.now, at)
            if what == "crash":
                await self._crash()
            elif what == "due" and of is not None:
                await self._due(of, at)
            elif what == "confirm" and of is not None:
                await self._run(of, confirms=True)
            elif isinstance(item, tuple):
                self._ended(*item)
        self.clock.now = until
        self._cut_off()
        await self.store.close()

    @property
    def spent(self) -> int:
        """What the vendor was paid for."""
        return sum(run.cost for run in self.runs)

    @property
    def booked(self) -> int:
        """What the ledger says."""
        return self.ledger.spent_in(ALL, Period.DAY, MIDNIGHT)

    def gaps(self, of: Check) -> list[float]:
        """Seconds between the starts of its runs in turn."""
        starts = [run.at for run in self.runs if run.check == of and not run.confirms]
        return [later - earlier for earlier, later in itertools.pairwise(starts)]

    def _begin(self) -> None:
        calendar = Calendar()
        self.store = Store(self.folder, self.clock, structlog.get_logger(), gather=0.0)
        self.ledger = Ledger(calendar)
        known = self.store.remembered
        for entry in known.entries:
            self.ledger.book(entry.at, entry.provider, entry.amount, demand=entry.demand)
        self.budgets = Budgets([Limit(ALL, Period.DAY, self.daily)], self.ledger, calendar)
        self.gate = BudgetAdmission(
            charges=Charges(Pricing(), PROBES), ledger=self.ledger, journal=self.store, clock=self.clock
        )
        self.gate.configure(self.checks, self.budgets, usual=known.charges)
        self.store.charge_of = self.gate.usual_charge
        self.tracker = HealthTracker([Confirmations(self._confirm), self.store])
        for each in self.checks:
            self.tracker.add_check(each)
        self.tracker.restore_checks(known.checks)
        for first in resume_first_runs(self.checks, known.started, self.clock.now, self.gate.next_due):
            self._plan(first.at, "first" if first.at < first.regular else "due", first.check)
            if first.at < first.regular:
                self._plan(first.regular, "due", first.check)

    def _plan(self, at: float, what: str, of: Check | None = None, item: object = None) -> None:
        heapq.heappush(self._agenda, (at, next(self._order), what, of, item))

    async def _crash(self) -> None:
        """What is under way never ends, and nothing but the disk remembers."""
        crashes = [each for each in self._agenda if each[2] == "crash"]
        self._cut_off()
        await self.store.close()
        self._agenda = crashes
        heapq.heapify(self._agenda)
        self._begin()

    def _cut_off(self) -> None:
        """Runs under way cost what they cost, and nobody hears of it."""
        self.runs += [replace(item[1], settled=False) for *_, item in self._agenda if isinstance(item, tuple)]
        self.runs.sort(key=lambda run: run.at)

    async def _due(self, of: Check, due: float) -> None:
        again = self.gate.next_due(of, due)
        assert again > due
        self._plan(again, "due", of)
        await self._run(of)

    def _confirm(self, of: Check, delay: float) -> None:
        self._plan(self.clock.now + delay, "confirm", of)

    async def _run(self, of: Check, *, confirms: bool = False) -> None:
        admission = await self.gate.admit(of)
        if isinstance(admission, Skip):
            self.skips[admission] += 1
            return
        cost = round(COST * self._dice.uniform(1 - self.spread, 1 + self.spread))
        self._plan(
            self.clock.now + self.latency, "end", of, (admission, Run(of, self.clock.now, cost, confirms=confirms))
        )

    def _ended(self, admission: Permit, run: Run) -> None:
        timing = Timing(duration=self.latency)
        if self._dice.random() < self.fails(run.at):
            outcome = Outcome(reason=Reason.STREAM_INTERRUPTED, started_at=run.at, timing=timing, http_status=200)
        else:
            outcome = Outcome(reason=Reason.OK, started_at=run.at, timing=timing, cost_usd=run.cost / 1e9)
        settled = self.gate.settle(admission, outcome)
        assert settled.cost_nano_usd == (run.cost if outcome.ok else None)
        self.tracker.record_run(run.check, settled)
        self.runs.append(run)
