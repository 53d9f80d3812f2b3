"""What a plan will cost, and what is said of what cannot hold."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exporter.core.plan import Budget
from exporter.money.forecast import Forecast, forecast_costs
from exporter.money.pricing import Pricing
from exporter.money.run_cost import Charges
from exporter.probes import PROBES
from tests.money.priced import AT, plan

CHAT = {"model": "gpt-4o-mini", "provider": "openai"}


def seen(folder: Path, *, model: dict[str, Any] = CHAT, budget: Budget | None = None) -> Forecast:
    made = plan(folder, {"providers": {"openai": {}}, "models": [model]})
    return forecast_costs(replace(made, budget=budget or Budget()), Charges(Pricing(), PROBES), AT)


def test_what_a_day_costs(tmp_path: Path) -> None:
    free, paid = seen(tmp_path).checks
    assert (free.usd, free.charged, free.input) == (None, 0, 0)
    assert (paid.runs, paid.input / paid.runs, paid.output / paid.runs) == (1440, 29, 20)
    assert paid.usd == pytest.approx(1440 * (29 * 0.15 + 20 * 0.6) / 1e6)


def test_unknown_prices_are_charged_and_not_told(tmp_path: Path) -> None:
    ahead = seen(tmp_path, model={**CHAT, "model": "mine"})
    assert ahead.usd == 0
    assert ahead.unpriced == 1
    assert ahead.checks[1].charged == pytest.approx(1440 * 49 * 15 / 1e6)


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        pytest.param(Budget(daily_usd=1), [], id="enough"),
        pytest.param(Budget(daily_usd=0.01), ["2.4 times less often"], id="a day is short"),
        pytest.param(Budget(monthly_usd=0.3), ["2.4 times less often"], id="a month is short"),
        pytest.param(Budget(daily_usd=0.00001), ["times less often", "it will never run"], id="not even one run"),
    ],
)
def test_budgets_that_do_not_hold(tmp_path: Path, budget: Budget, said: list[str]) -> None:
    warnings = seen(tmp_path, budget=budget).warnings
    assert len(warnings) == len(said)
    assert all(word in warning for word, warning in zip(said, warnings, strict=True))


def test_a_provider_has_a_budget_of_its_own(tmp_path: Path) -> None:
    made = plan(tmp_path, {"providers": {"openai": {"budget": {"daily_usd": 0.001}}}, "models": [CHAT]})
    (warning,) = forecast_costs(made, Charges(Pricing(), PROBES), AT).warnings
    assert warning.startswith("the budget of openai, 0.001 USD a day, does not cover")


@pytest.mark.parametrize(("interval", "fits"), [("1m", False), ("2h", True)])
def test_trial_keys_have_few_calls(tmp_path: Path, interval: str, fits: bool) -> None:
    """Free calls count too."""
    models = [{"model": "command-r7b-12-2024", "provider": "cohere"}]
    key = {"api_key": "key-of-a-trial"}
    made = plan(tmp_path, {"providers": {"cohere": key}, "models": models, "interval": interval})
    warnings = forecast_costs(made, Charges(Pricing(), PROBES), AT).warnings
    assert (warnings == ()) is fits
    assert fits or "a trial key has 1,000" in warnings[0]


def test_how_often_checks_run_by_the_scarcest_budget(tmp_path: Path) -> None:
    assert [each.pace for each in seen(tmp_path).checks] == [1, 1]
    listing, chat = seen(tmp_path, budget=Budget(daily_usd=0.01, monthly_usd=0.15)).checks
    assert listing.effective_interval == 60
    assert chat.pace == pytest.approx(30 * (chat.usd or 0) / 0.15)
    assert chat.effective_interval == pytest.approx(60 * chat.pace)


def test_a_free_server_stretches_nobodys_interval(tmp_path: Path) -> None:
    """The example of the README: a server on this machine beside vendors that are paid."""
    own = {"preset": "openai-compatible", "base_url": "http://localhost:8000/v1"}
    models = [CHAT, {"model": "llama-3.1-8b-instruct", "provider": "my-vllm", "interval": "15s"}]
    made = plan(
        tmp_path, {"providers": {"openai": {}, "my-vllm": own}, "models": models, "budget": {"daily_usd": 0.05}}
    )
    ahead = forecast_costs(made, Charges(Pricing(), PROBES), AT)
    assert {each.pace for each in ahead.checks} == {1.0}
    assert ahead.unpriced == 0
