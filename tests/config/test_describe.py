"""What `check-config` shows."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from exporter.config.describe import count_runs_per_day, describe_as_json, describe_as_table
from exporter.core.plan import Plan
from exporter.money.forecast import Forecast, forecast_costs
from exporter.money.pricing import Pricing
from exporter.money.run_cost import Charges
from exporter.probes import PROBES
from tests.config.cases import HERE, load, written
from tests.money.priced import AT


def shown(path: Path, width: int = 160) -> str:
    console = Console(width=width, no_color=True)
    with console.capture() as captured:
        console.print(describe_as_table(load(path), ahead(load(path))))
    return captured.get()


def ahead(plan: Plan) -> Forecast:
    """What it costs at the prices of 2026-11-23 14:00 UTC."""
    return forecast_costs(plan, Charges(Pricing(), PROBES), AT)


def test_as_json() -> None:
    plan = load(HERE / "valid" / "the_whole_idea.yaml")
    told = describe_as_json(plan, ahead(plan))
    assert json.loads(json.dumps(told)) == told
    assert told["checks"][-1] == {
        "id": "anthropic/claude-sonnet-4-5/canary",
        "provider": "anthropic",
        "model": "claude-sonnet-4-5",
        "alias": "claude-sonnet-4-5",
        "probe": "canary",
        "kind": "canary",
        "dialect": "anthropic-messages",
        "interval_seconds": 60.0,
        "timeout_seconds": 30.0,
        "runs_per_day": 1440.0,
        "required": False,
        "paid": True,
        "labels": {},
        "effective_interval_seconds": pytest.approx(67.9, abs=0.1),
        "price_known": True,
        "tokens_per_day": {"input": 1440 * 22, "output": 1440 * 20},
        "usd_per_day": pytest.approx(1440 * (22 * 3 + 20 * 15) / 1e6),
        "usd_per_month": pytest.approx(30 * 1440 * (22 * 3 + 20 * 15) / 1e6),
    }
    totals = told["totals"]
    counts = {name: totals[name] for name in ("checks", "paid_checks", "runs_per_day", "paid_runs_per_day")}
    assert counts == {"checks": 9, "paid_checks": 4, "runs_per_day": 12960.0, "paid_runs_per_day": 5760.0}
    paid = [each for each in told["checks"] if each["paid"]]
    assert totals["usd_per_day"] == pytest.approx(sum(each["usd_per_day"] for each in paid))
    assert totals["tokens_per_day"]["output"] == sum(each["tokens_per_day"]["output"] for each in paid)
    assert totals["unpriced_checks"] == 0
    assert told["discover"] == [
        {
            "provider": "holysheep",
            "include": ["gemini-*", "deepseek-*"],
            "exclude": [],
            "every_seconds": 3600.0,
            "max": 20,
        }
    ]
    assert len(told["notices"]) == 3


def test_runs_per_day() -> None:
    plan = load(HERE / "valid" / "named_probes.yaml")
    assert [count_runs_per_day(check) for check in plan.checks] == [1440, 1440, 144, 24]


def test_as_table() -> None:
    table = shown(HERE / "valid" / "the_whole_idea.yaml")
    (row,) = (line for line in table.splitlines() if "openai/gpt-4o-mini/chat" in line)
    figures = ["1m,", "by", "budget", "1m8s", "yes", "1,440", "70,560", "0.0235", "0.71"]
    assert row.replace("│", " ").split() == ["openai/gpt-4o-mini/chat", *figures]
    assert "9 checks, 12,960 runs a day; of these 4 checks cost money, in 5,760 runs a day" in table
    assert "discover: up to 20 models of holysheep, looked up every 1h" in table
    assert "note: provider relay: no model of it is configured" in table


def test_a_narrow_terminal_breaks_ids_and_cuts_none(tmp_path: Path) -> None:
    text = f"providers: {{openai: {{}}}}\nmodels: [{{model: {'m' * 100}, provider: openai}}]\n"
    assert shown(written(tmp_path, text), width=80).count("m") >= 100


def test_names_are_not_taken_for_markup(tmp_path: Path) -> None:
    """Square brackets mean colours to rich, and nothing to a vendor."""
    text = "providers: {openai: {}}\nmodels: [{model: 'm[red]x[/red]', provider: openai}]\n"
    assert "openai/m[red]x[/red]/chat" in shown(written(tmp_path, text))
