"""What answers cost, against a table worked out by hand."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.core.outcome import Outcome, Reason, Timing, Tokens
from exporter.core.target import Price, Target
from exporter.money.amount import to_nano
from exporter.money.price_file import PriceFileError
from exporter.money.pricing import FREE, Pricing
from tests.money.priced import AT, outcome, plan

ROWS = yaml.safe_load((Path(__file__).parent / "usages.yaml").read_text())
OVERRIDE = {"input": 0.5, "output": 1.5, "cached_input": 0.05}


def targets(folder: Path) -> dict[str, Target]:
    """The models of the table, as a configuration names them."""
    named = sorted({row["check"] for row in ROWS})
    models: list[dict[str, Any]] = [
        {"model": name.partition("/")[2], "provider": name.partition("/")[0], "probes": ["chat"]} for name in named
    ]
    for model in models:
        if model["model"] == "deepseek-v3":
            model["price"] = OVERRIDE
        if model["model"] == "prod-eu-1":
            model["alias"] = "gpt-4o-mini"
    providers: dict[str, Any] = {name.partition("/")[0]: {} for name in named}
    providers["azure-like"] = {"preset": "openai"}
    made = plan(folder, {"providers": providers, "models": models})
    return {f"{target.provider.name}/{target.model}": target for target in made.targets}


@pytest.mark.parametrize("row", [pytest.param(row, id=row["name"]) for row in ROWS])
def test_costs_are_those_worked_out_by_hand(tmp_path: Path, row: dict[str, Any]) -> None:
    target = targets(tmp_path)[row["check"]]
    at = row["at"].replace(tzinfo=UTC).timestamp() if "at" in row else AT
    run = outcome(target, row["usage"], at)
    assert Pricing().cost_of_outcome(target, run) == to_nano(Decimal(row["usd"]))


def test_the_table_spans_vendors() -> None:
    assert len(ROWS) >= 12
    assert len({row["check"].partition("/")[0] for row in ROWS}) >= 6
    assert datetime(2026, 11, 23, 14, tzinfo=UTC).timestamp() == AT


def test_what_nobody_knows_is_not_guessed(tmp_path: Path) -> None:
    (made,) = plan(tmp_path, {"providers": {"openai": {}}, "models": [{"model": "mine", "provider": "openai"}]}).targets
    pricing = Pricing()
    run = outcome(made, {"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10})
    assert pricing.cost_of_outcome(made, run) is None
    assert pricing.find_price(made, AT) is None
    assert pricing.add_cost(made, run).cost_nano_usd is None


def test_without_a_count_there_is_no_cost(tmp_path: Path) -> None:
    (made,) = plan(
        tmp_path, {"providers": {"openai": {}}, "models": [{"model": "gpt-5", "provider": "openai"}]}
    ).targets
    run = outcome(made, {"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10})
    assert Pricing().cost_of_outcome(made, replace(run, tokens=None)) is None


def test_impossible_counts_are_bounded(tmp_path: Path) -> None:
    """More cached tokens than tokens cost no less than nothing."""
    (made,) = plan(
        tmp_path, {"providers": {"openai": {}}, "models": [{"model": "gpt-5", "provider": "openai"}]}
    ).targets
    wrong = Tokens(input=10, output=1, cached_input=50, cache_write=50, reasoning=9)
    assert Pricing().compute_cost(made, wrong, AT) == Pricing().compute_cost(
        made, replace(wrong, cached_input=10, cache_write=0), AT
    )


def test_prices_before_any_tier(tmp_path: Path) -> None:
    known = targets(tmp_path)
    found = Pricing().find_price(known["openai/gpt-6-sol"], AT)
    assert found is not None
    assert (found.input, found.output, found.cached_input) == (Decimal(2), Decimal(10), Decimal("0.2"))
    own = Pricing().find_price(known["holysheep/deepseek-v3"], AT)
    assert own is not None
    assert (own.input, own.cached_input, own.cache_write) == (Decimal("0.5"), Decimal("0.05"), None)


class TestFile:
    def test_is_over_the_list_and_under_what_the_vendor_told(self, tmp_path: Path) -> None:
        path = tmp_path / "prices.yml"
        path.write_text("prices: {gpt-4o-mini: {input: 1, output: 2}}")
        target = targets(tmp_path)["holysheep/gpt-4o-mini"]
        run = outcome(target, {"prompt_tokens": 10, "completion_tokens": 1, "total_tokens": 11})
        assert Pricing(path).cost_of_outcome(target, run) == 12_000
        assert Pricing(path).cost_of_outcome(target, replace(run, cost_usd=0.25)) == 250_000_000

    def test_is_read_again_when_it_changes(self, tmp_path: Path) -> None:
        path = tmp_path / "prices.yml"
        path.write_text("prices: {gpt-4o-mini: {input: 1, output: 2}}")
        target = targets(tmp_path)["openai/gpt-4o-mini"]
        pricing = Pricing(path)
        assert not pricing.refresh()
        path.write_text("prices: {gpt-4o-mini: {input: 10, output: 20}}")
        assert pricing.refresh()
        assert pricing.compute_cost(target, Tokens(input=1), AT) == 10_000

    def test_a_bad_one_leaves_the_prices_as_they_are(self, tmp_path: Path) -> None:
        path = tmp_path / "prices.yml"
        path.write_text("prices: {gpt-4o-mini: {input: 1, output: 2}}")
        target = targets(tmp_path)["openai/gpt-4o-mini"]
        pricing = Pricing(path)
        path.write_text("prices: {gpt-4o-mini: {input: dear}}")
        with pytest.raises(PriceFileError, match=r"gpt-4o-mini\.input"):
            pricing.refresh()
        assert not pricing.refresh(), "said once"
        assert pricing.compute_cost(target, Tokens(input=1), AT) == 1_000


def relay(folder: Path, base_url: str, model: str, **settings: Any) -> Target:
    """A model behind a server of OpenAI's protocol at this address."""
    provider = {"preset": "openai-compatible", "base_url": base_url, **settings}
    return plan(folder, {"providers": {"relay": provider}, "models": [{"model": model, "provider": "relay"}]}).targets[
        -1
    ]


TOKENS = Tokens(input=1000, output=1000)


def test_a_server_of_the_users_own_costs_nothing_whatever_it_serves(tmp_path: Path) -> None:
    own = relay(tmp_path, "http://localhost:8000/v1", "deepseek-v3")
    assert Pricing().compute_cost(own, TOKENS, AT) == 0
    assert Pricing().find_price(own, AT) == FREE
    assert (
        Pricing().compute_cost(replace(own, price=Price(input=Decimal(1), output=Decimal(1))), TOKENS, AT) == 2_000_000
    )


def test_a_gateway_nearby_is_charged_once_its_answers_show_it(tmp_path: Path) -> None:
    own = relay(tmp_path, "http://localhost:4000/v1", "gpt-4o-mini")
    pricing = Pricing()
    answer = Outcome(reason=Reason.OK, started_at=AT, timing=Timing(duration=1.0), tokens=TOKENS)
    assert not pricing.record_gateway(own, answer)
    assert pricing.record_gateway(own, replace(answer, gateway=True))
    assert not pricing.record_gateway(own, replace(answer, gateway=True)), "that is known already"
    assert pricing.compute_cost(own, TOKENS, AT) == 1000 * 150 + 1000 * 600


def test_a_server_that_the_user_calls_self_hosted_stays_free(tmp_path: Path) -> None:
    own = relay(tmp_path, "http://localhost:4000/v1", "gpt-4o-mini", kind="self_hosted")
    answer = Outcome(reason=Reason.OK, started_at=AT, timing=Timing(duration=1.0), gateway=True)
    assert not Pricing().record_gateway(own, answer)


@pytest.mark.parametrize(
    ("model", "maker", "name"),
    [
        ("deepseek-chat", "deepseek", "deepseek-chat"),
        ("deepseek-v3", "deepseek", "deepseek-chat"),
        ("DeepSeek-V3", "deepseek", "deepseek-chat"),
        ("deepseek-v3-0324", "deepseek", "deepseek-chat"),
        ("deepseek-ai/DeepSeek-V3", "deepseek", "deepseek-chat"),
        ("deepseek/deepseek-r1", "deepseek", "deepseek-reasoner"),
        ("claude-3-5-sonnet", "anthropic", "claude-3-5-sonnet"),
        ("claude-3.5-sonnet", "anthropic", "claude-3-5-sonnet"),
        ("anthropic/claude-3.5-sonnet", "anthropic", "claude-3-5-sonnet"),
        ("claude-3-5-sonnet-20241022", "anthropic", "claude-3-5-sonnet"),
        ("openai/gpt-4o", "openai", "gpt-4o"),
        ("GPT-4o", "openai", "gpt-4o"),
        ("gemini-2.5-flash", "gemini", "gemini-2.5-flash"),
        ("google/gemini-2.5-flash", "gemini", "gemini-2.5-flash"),
        ("x-ai/grok-3", "xai", "grok-3"),
        ("mistral-small", "mistral", "mistral-small-latest"),
    ],
)
def test_a_gateways_model_has_its_makers_price(tmp_path: Path, model: str, maker: str, name: str) -> None:
    document = {
        "providers": {"holysheep": {}, maker: {}},
        "models": [{"model": model, "provider": "holysheep"}, {"model": name, "provider": maker}],
    }
    relayed, direct = (each for each in plan(tmp_path, document).targets if each.model)
    price = Pricing().find_price(relayed, AT)
    assert price is not None
    assert price.input > 0
    assert price == Pricing().find_price(direct, AT)
