"""What `check-config` shows of a plan: every check that would run, how often, and what was chosen for the user."""

from typing import Any

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from exporter.config import span
from exporter.plan import Discovery, Plan
from exporter.target import Check

_DAY = 86_400.0


def runs_per_day(check: Check) -> float:
    """How often a check runs in 24 hours when it is neither paced, skipped nor confirmed."""
    return _DAY / check.interval


def as_json(plan: Plan) -> dict[str, Any]:
    """The plan as plain data; intervals in seconds."""
    return {
        "source": plan.source,
        "checks": [_check(check) for check in plan.checks],
        "discover": [_discovery(row) for row in plan.discoveries],
        "totals": _totals(plan),
        "notices": list(plan.notices),
    }


def as_table(plan: Plan) -> RenderableType:
    """The same for a person."""
    check_column = Column("Check", overflow="fold", ratio=1)  # an id that is cut short names nothing
    table = Table(check_column, "Every", "Runs/day", "Dialect", "Required", "Paid", title=Text(plan.source))
    for check in plan.checks:
        table.add_row(
            Text(check.id),
            span.written(check.interval),
            f"{runs_per_day(check):,.0f}",
            check.target.dialect,
            "yes" if check.required else "",
            "yes" if check.paid else "",
        )
    totals = _totals(plan)
    summary = (
        f"{totals['checks']} checks, {totals['runs_per_day']:,.0f} runs a day; "
        f"of these {totals['paid_checks']} checks cost money, in {totals['paid_runs_per_day']:,.0f} runs a day"
    )
    found = [
        f"discover: up to {row.limit} models of {row.provider.name}, looked up every {span.written(row.every)}"
        for row in plan.discoveries
    ]
    return Group(table, *(Text(line) for line in (summary, *found, *(f"note: {each}" for each in plan.notices))))


def _check(check: Check) -> dict[str, Any]:
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
        "runs_per_day": runs_per_day(check),
        "required": check.required,
        "paid": check.paid,
        "labels": dict(check.labels),
    }


def _discovery(row: Discovery) -> dict[str, Any]:
    return {
        "provider": row.provider.name,
        "include": list(row.include),
        "exclude": list(row.exclude),
        "every_seconds": row.every,
        "max": row.limit,
    }


def _totals(plan: Plan) -> dict[str, Any]:
    paid = [check for check in plan.checks if check.paid]
    return {
        "checks": len(plan.checks),
        "paid_checks": len(paid),
        "runs_per_day": sum(runs_per_day(check) for check in plan.checks),
        "paid_runs_per_day": sum(runs_per_day(check) for check in paid),
    }
