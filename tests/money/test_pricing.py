"""What answers cost, against a table worked out by hand."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.core.outcome import Tokens
from exporter.core.target import Target
from exporter.money.amount import to_nano
from exporter.money.price_file import PriceFileError
from exporter.money.pricing import Pricing
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
