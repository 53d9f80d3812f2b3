"""What `check-config` shows of a plan: every check that would run, how often, and what was chosen for the user."""

from typing import Any

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from exporter.config.schema import duration as span
from exporter.core.plan import Discovery, Plan
from exporter.core.target import Check
from exporter.money.forecast import DAYS_OF_A_MONTH, ExpectedCost, Forecast

_DAY = 86_400.0

PACED = 1.01
"""Multiple of its interval from which on a check is shown as paced."""


def count_runs_per_day(check: Check) -> float:
    """Count the runs of a check in 24 hours when it is neither paced, skipped nor confirmed."""
    return _DAY / check.interval


def describe_as_json(plan: Plan, ahead: Forecast) -> dict[str, Any]:
    """Describe the plan and its expected cost as plain data; intervals in seconds."""
    return {
        "source": plan.source,
        "checks": [{**_describe_check(each.check), **_describe_costs(each)} for each in ahead.checks],
        "discover": [_describe_discovery(row) for row in plan.discoveries],
        "totals": _describe_totals(plan, ahead),
        "warnings": [*plan.warnings, *ahead.warnings],
        "notices": list(plan.notices),
    }


def describe_as_table(plan: Plan, ahead: Forecast) -> RenderableType:
    """Describe the plan and its expected cost for a person."""
    check_column = Column("Check", overflow="fold", ratio=1)  # an id that is cut short names nothing
    table = Table(check_column, "Every", "Required", title=Text(plan.source))
    for name in ("Runs/day", "Tokens/day", "USD/day", "USD/month"):
        table.add_column(name, justify="right")
    for each in ahead.checks:
        check = each.check
        table.add_row(
            Text(check.id),
            _format_interval(each),
            "yes" if check.required else "",
            f"{count_runs_per_day(check):,.0f}",
            *(_format_figures(each) if check.paid else ("", "", "")),
        )
    totals = _describe_totals(plan, ahead)
    summary = (
        f"{totals['checks']} checks, {totals['runs_per_day']:,.0f} runs a day; "
        f"of these {totals['paid_checks']} checks cost money, in {totals['paid_runs_per_day']:,.0f} runs a day"
    )
    money = f"about {ahead.usd:,.4f} USD a day, {ahead.usd * DAYS_OF_A_MONTH:,.2f} USD a month"
    if ahead.unpriced:
        money += f", and {ahead.unpriced} {'check' if ahead.unpriced == 1 else 'checks'} of unknown price"
    found = [
        f"discover: up to {row.limit} models of {row.provider.name}, looked up every {span.format_duration(row.every)}"
        for row in plan.discoveries
    ]
    warnings = (*plan.warnings, *ahead.warnings)
    said = (*(f"warning: {each}" for each in warnings), *(f"note: {each}" for each in plan.notices))
    return Group(table, *(Text(line) for line in (summary, money, *found, *said)))


def _format_interval(each: ExpectedCost) -> str:
    configured = span.format_duration(each.check.interval)
    if each.pace <= PACED:
        return configured
    return f"{configured}, by budget {span.format_duration(round(each.effective_interval))}"


def _format_figures(each: ExpectedCost) -> tuple[str, str, str]:
    tokens = f"{each.input + each.output:,.0f}"
    if each.usd is None:
        return tokens, "?", "?"
    return tokens, f"{each.usd:,.4f}", f"{each.usd * DAYS_OF_A_MONTH:,.2f}"


def _describe_costs(each: ExpectedCost) -> dict[str, Any]:
    return {
        "effective_interval_seconds": each.effective_interval,
        "price_known": each.usd is not None,
        "tokens_per_day": {"input": round(each.input), "output": round(each.output)},
        "usd_per_day": each.usd,
        "usd_per_month": None if each.usd is None else each.usd * DAYS_OF_A_MONTH,
    }


def _describe_check(check: Check) -> dict[str, Any]:
    return {
        "id": check.id,
        "provider": check.target.provider.name,
        "model": check.target.model,
        "alias": check.target.alias,
        "probe": check.probe,
        "kind": check.kind,
        "dialect": check.target.dialect,
        "interval_seconds": check.interval,
        "timeout_seconds": check.deadlines.total,
        "runs_per_day": count_runs_per_day(check),
        "required": check.required,
        "paid": check.paid,
        "labels": dict(check.labels),
    }


def _describe_discovery(row: Discovery) -> dict[str, Any]:
    return {
        "provider": row.provider.name,
        "include": list(row.include),
        "exclude": list(row.exclude),
        "every_seconds": row.every,
        "max": row.limit,
    }


def _describe_totals(plan: Plan, ahead: Forecast) -> dict[str, Any]:
    paid = [check for check in plan.checks if check.paid]
    return {
        "checks": len(plan.checks),
        "paid_checks": len(paid),
        "runs_per_day": sum(count_runs_per_day(check) for check in plan.checks),
        "paid_runs_per_day": sum(count_runs_per_day(check) for check in paid),
        "tokens_per_day": {
            "input": round(sum(each.input for each in ahead.checks)),
            "output": round(sum(each.output for each in ahead.checks)),
        },
        "usd_per_day": ahead.usd,
        "usd_per_month": ahead.usd * DAYS_OF_A_MONTH,
        "unpriced_checks": ahead.unpriced,
    }
