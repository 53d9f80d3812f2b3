"""`ai-api-exporter models PROVIDER`: the provider's list of models as it is now, when each retires, what it costs."""

import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from exporter.commands.console import make_console
from exporter.commands.once import run_once
from exporter.commands.timeline import render_verdict
from exporter.config.load import load_plan
from exporter.config.settings import Settings
from exporter.core.advice import find_name_problem
from exporter.core.clock import SystemClock
from exporter.core.errors import UsageError
from exporter.core.outcome import ListedModel
from exporter.core.plan import Plan
from exporter.core.target import Check, Target
from exporter.dialects import DIALECTS
from exporter.money.price_file import PriceFileError
from exporter.money.pricing import Pricing
from exporter.probes import PROBES
from exporter.run.admission import FreeAdmission

LISTING_PROBE = "models"


async def list_models(settings: Settings, environ: Mapping[str, str], provider: str, output: str) -> int:
    """Ask the provider for its list once and print it; 0 if it came, 1 if not.

    Raises ConfigError, or UsageError where the provider is not configured or has no list.
    """
    plan = load_plan(settings.config, environ, PROBES, DIALECTS, free_only=settings.free_only)
    check = _find_list_check(plan, provider)
    pricing = _make_pricing(plan)
    run = await run_once(plan, check, settings, FreeAdmission())
    if run.outcome.models is None or not run.outcome.ok:
        Console(stderr=True, highlight=False).print(render_verdict(check, run.outcome))
        return 1
    now = SystemClock().wall()
    rows = [_Row(plan, check, model, pricing, now) for model in run.outcome.models]
    if output == "json":
        told = {"provider": provider, "models": [row.to_json() for row in rows]}
        sys.stdout.write(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        make_console().print(_make_table(provider, rows))
    return 0


def _find_list_check(plan: Plan, provider: str) -> Check:
    """Find the check that lists the provider's models."""
    names = ", ".join(each.name for each in plan.providers)
    if all(each.name != provider for each in plan.providers):
        raise UsageError(f"no provider is called {provider!r}; configured are: {names or 'none'}")
    for check in plan.checks:
        if check.target.provider.name == provider and check.kind == LISTING_PROBE:
            return check
    raise UsageError(f"the provider {provider!r} is not asked for its list; let the probe `{LISTING_PROBE}` run there")


def _make_pricing(plan: Plan) -> Pricing:
    try:
        return Pricing(plan.prices_file)
    except PriceFileError as error:
        raise UsageError(str(error)) from error


class _Row:
    """One model of the list, with what is known of it here."""

    def __init__(self, plan: Plan, check: Check, model: ListedModel, pricing: Pricing, now: float) -> None:
        self.model = model
        name = check.target.provider.name
        named = (each for each in plan.targets if (each.provider.name, each.model) == (name, model.id))
        target = next(named, None)
        self.configured = target is not None
        self.price = pricing.find_price(target or _make_target(check, model), now)

    def to_json(self) -> dict[str, Any]:
        return {
            "model": self.model.id,
            "configured": self.configured,
            "lifecycle": self.model.lifecycle,
            "retires_at": self.model.retires_at,
            "usd_per_million_input_tokens": None if self.price is None else float(self.price.input),
            "usd_per_million_output_tokens": None if self.price is None else float(self.price.output),
            "unusable": find_name_problem(self.model.id),
        }

    def to_cells(self) -> tuple[Text, ...]:
        retires = "" if self.model.retires_at is None else _format_day(self.model.retires_at)
        prices = ("", "") if self.price is None else (_format_usd(self.price.input), _format_usd(self.price.output))
        configured = "yes" if self.configured else ""
        return tuple(map(Text, (self.model.id, configured, self.model.lifecycle or "", retires, *prices)))


def _make_target(check: Check, model: ListedModel) -> Target:
    provider = check.target.provider
    return Target(provider=provider, model=model.id, dialect=provider.dialects[0])


def _format_usd(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _format_day(at: float) -> str:
    """Format a Unix time as a day in UTC; a date beyond all calendars stays a number."""
    try:
        return datetime.fromtimestamp(at, UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return f"{at:g}"


def _make_table(provider: str, rows: Iterable[_Row]) -> Table:
    table = Table("Model", "Configured", "Lifecycle", "Retires", title=Text(f"Models of {provider}"))
    table.add_column("USD per million input tokens", justify="right")
    table.add_column("output", justify="right")
    for row in rows:
        table.add_row(*row.to_cells())
    return table
