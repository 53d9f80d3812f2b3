"""What a plan will cost before it runs: tokens and dollars per check and day, and what cannot hold."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from exporter.core.plan import Budget, Plan
from exporter.core.target import Check
from exporter.money.amount import to_decimal, to_dollars, to_nano
from exporter.money.run_cost import Charge, Charges

DAY = 86_400.0
DAYS_OF_A_MONTH = 30

TRIALS: Mapping[str, int] = MappingProxyType({"cohere": 1000})
"""Calls a month that a trial key has, by preset (vendor documentation, November 2026)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedCost:
    """One check: runs, tokens and USD per day when it is neither paced, skipped nor confirmed.

    `usd` is None if the price is unknown; `charged` is what budgets are charged all the same. `pace` is how many times
    less often it will run, as budgets have to last.
    """

    check: Check
    runs: float
    input: float = 0.0
    output: float = 0.0
    usd: float | None = None
    charged: float = 0.0
    most: float = 0.0
    pace: float = 1.0

    @property
    def effective_interval(self) -> float:
        """Seconds between two runs, as budgets allow."""
        return self.check.interval * self.pace


@dataclass(frozen=True, slots=True)
class Forecast:
    """All checks of a plan in their order, and a sentence for each thing that cannot hold."""

    checks: tuple[ExpectedCost, ...]
    warnings: tuple[str, ...]

    @property
    def usd(self) -> float:
        """USD per day, of the checks whose price is known."""
        return sum(each.usd or 0.0 for each in self.checks)

    @property
    def unpriced(self) -> int:
        """Paid checks of unknown price."""
        return sum(each.check.paid and each.usd is None for each in self.checks)


def forecast_costs(plan: Plan, charges: Charges, wall: float) -> Forecast:
    """Forecast the cost of the plan at the prices of a Unix time."""
    expected = tuple(_forecast_check(check, charges, wall) for check in plan.checks)
    paces = _compute_paces(plan, expected)
    paced = tuple(replace(each, pace=_find_pace(paces, each.check)) for each in expected)
    return Forecast(paced, (*_warn_of_budgets(plan, expected), *_warn_of_trials(expected)))


def _compute_paces(plan: Plan, expected: Iterable[ExpectedCost]) -> dict[str, float]:
    """Compute by scope (a provider, or "" for all) how many times less often checks run, so that budgets last."""
    expected = tuple(expected)
    paces: dict[str, float] = {}
    for scope, budget in (("", plan.budget), *plan.provider_budgets.items()):
        planned = sum(each.charged for each in _list_covered(scope, expected))
        paces[scope] = max([1.0, *(planned * days / usd for _, days, usd in _list_amounts(budget) if usd > 0)])
    return paces


def _find_pace(paces: Mapping[str, float], check: Check) -> float:
    """Find the pace of a check: that of the scarcest budget that covers it."""
    if not check.paid:
        return 1.0
    return max(paces[""], paces.get(check.target.provider.name, 1.0))


def _list_covered(scope: str, expected: Iterable[ExpectedCost]) -> list[ExpectedCost]:
    """List the paid checks under the budget of a provider, or under that of all, whose name is empty."""
    return [each for each in expected if each.check.paid and scope in ("", each.check.target.provider.name)]


def _forecast_check(check: Check, charges: Charges, wall: float) -> ExpectedCost:
    runs = DAY / check.interval
    if not check.paid:
        return ExpectedCost(check=check, runs=runs)
    charge: Charge = charges.charge_for(check, wall)
    per_day = to_dollars(charge.likely) * runs
    return ExpectedCost(
        check=check,
        runs=runs,
        input=charge.tokens.likely.input * runs,
        output=charge.tokens.likely.output * runs,
        usd=per_day if charge.known else None,
        charged=per_day,
        most=to_dollars(charge.most),
    )


def _warn_of_budgets(plan: Plan, expected: tuple[ExpectedCost, ...]) -> Iterator[str]:
    for scope, budget in (("", plan.budget), *plan.provider_budgets.items()):
        ours = _list_covered(scope, expected)
        whose = f"the budget of {scope}" if scope else "the budget"
        for period, days, usd in _list_amounts(budget):
            yield from _warn_if_short(f"{whose}, {usd:g} USD a {period},", usd, days, ours)


def _warn_if_short(budget: str, usd: float, days: int, checks: Iterable[ExpectedCost]) -> Iterator[str]:
    checks = tuple(checks)
    planned = sum(each.charged for each in checks) * days
    if planned > usd:
        yield (
            f"{budget} does not cover what is planned, {planned:.4g} USD: paid checks will run about "
            f"{planned / usd:.2g} times less often, so that it lasts"
        )
    for each in checks:
        if to_nano(to_decimal(each.most)) > to_nano(to_decimal(usd)):
            yield f"{budget} is less than one run of {each.check.id} may cost, {each.most:.2g} USD: it will never run"


def _warn_of_trials(expected: tuple[ExpectedCost, ...]) -> Iterator[str]:
    for preset, calls in TRIALS.items():
        planned = sum(each.runs for each in expected if each.check.target.provider.preset == preset) * DAYS_OF_A_MONTH
        if planned > calls:
            yield (
                f"{preset}: about {planned:,.0f} calls a month are planned; a trial key has {calls:,} "
                f"(an interval of {DAY * DAYS_OF_A_MONTH / calls:,.0f}s for one check would fit)"
            )


def _list_amounts(budget: Budget) -> Iterator[tuple[str, int, float]]:
    for period, days, usd in (("day", 1, budget.daily_usd), ("month", DAYS_OF_A_MONTH, budget.monthly_usd)):
        if usd is not None:
            yield period, days, usd
