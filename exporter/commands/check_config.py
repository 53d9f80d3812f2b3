"""`ai-api-exporter check-config`: what would run, or everything that is wrong. Calls nothing."""

import sys
from collections.abc import Mapping

import orjson

from exporter.commands.console import console
from exporter.config.describe import as_json, as_table
from exporter.config.load import load_plan
from exporter.config.settings import Settings
from exporter.core.clock import SystemClock
from exporter.dialects import DIALECTS
from exporter.money.amount import written
from exporter.money.forecast import outlook
from exporter.money.pricing import Pricing
from exporter.money.run_cost import Charges
from exporter.probes import PROBES


def check_config(settings: Settings, environ: Mapping[str, str], output: str) -> int:
    """Print the plan as a table or JSON. Raises ConfigError with every problem."""
    plan = load_plan(settings.config, environ, PROBES, DIALECTS, free_only=settings.free_only)
    ahead = outlook(plan, Charges(Pricing(plan.prices_file), PROBES, written(plan.assumed_price)), SystemClock().wall())
    if output == "json":
        sys.stdout.write(orjson.dumps(as_json(plan, ahead), option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        console().print(as_table(plan, ahead))
    return 0
