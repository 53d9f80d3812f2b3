"""`ai-api-exporter check-config`: what would run, or everything that is wrong. Calls nothing."""

import sys
from collections.abc import Mapping

import orjson

from exporter.commands.console import make_console
from exporter.config.describe import describe_as_json, describe_as_table
from exporter.config.load import load_plan
from exporter.config.settings import Settings
from exporter.core.clock import SystemClock
from exporter.dialects import DIALECTS
from exporter.money.amount import to_decimal
from exporter.money.forecast import forecast_costs
from exporter.money.pricing import Pricing
from exporter.money.run_cost import Charges
from exporter.probes import PROBES


def check_config(settings: Settings, environ: Mapping[str, str], output: str) -> int:
    """Print the plan as a table or JSON. Raises ConfigError with every problem."""
    plan = load_plan(settings.config, environ, PROBES, DIALECTS, free_only=settings.free_only)
    ahead = forecast_costs(
        plan, Charges(Pricing(plan.prices_file), PROBES, to_decimal(plan.assumed_price)), SystemClock().wall()
    )
    if output == "json":
        sys.stdout.write(orjson.dumps(describe_as_json(plan, ahead), option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        make_console().print(describe_as_table(plan, ahead))
    return 0
