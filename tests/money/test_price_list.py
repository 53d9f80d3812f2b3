"""The library's list: imported late, found by the ids of the preset, replaced by a mounted snapshot."""

import json
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from exporter.core.outcome import Tokens
from exporter.core.target import Target
from exporter.money.price_list import PriceList
from exporter.money.pricing import Pricing
from tests.metrics.make import provider
from tests.money.priced import AT


def target(model: str, *lists: str, alias: str = "") -> Target:
    at = replace(provider(), price_lists=lists)
    return Target(provider=at, model=model, dialect="openai-chat", alias=alias or model)


def test_it_is_not_imported_before_it_is_asked() -> None:
    code = "import sys, exporter.app.daemon; print('genai_prices' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "False\n"


def test_names_that_are_no_longer_asked_for_are_forgotten() -> None:
    prices = PriceList()
    prices.find_price(target("gpt-4o", "openai"), AT)
    caches = [value for value in vars(prices._snapshot).values() if isinstance(value, (dict, set))]
    before = sum(map(len, caches))
    kept = target("gpt-4o-mini", "openai")
    for number in range(50):
        prices.find_price(target(f"gpt-4o-{number}", "openai", "azure"), AT)
    prices.find_price(kept, AT)
    prices.retain([kept])

    assert sum(map(len, caches)) == before
    assert len(prices._found) == 1


@pytest.mark.parametrize(
    ("model", "lists", "price"),
    [
        pytest.param("models/gemini-2.5-flash", ("google",), "0.3", id="Gemini's prefix"),
        pytest.param("openai/gpt-4o-mini", ("litellm", "openai"), "0.15", id="a gateway's prefix"),
        pytest.param("relay/gpt-4o-mini", ("anthropic", "openai"), "0.15", id="a relay's prefix, the second maker"),
        pytest.param("gpt-4o-mini-2024-07-18", ("openai",), "0.15", id="a dated snapshot"),
        pytest.param("openai/gpt-4o-mini", ("litellm",), "0.15", id="LiteLLM's name of the provider"),
        pytest.param("gpt-4o-mini", ("litellm",), "0.15", id="LiteLLM without the provider"),
        pytest.param("someone/gpt-4o-mini", ("litellm",), "0.15", id="LiteLLM with a provider that is not listed"),
        pytest.param("text-embedding-3-small", ("openai",), "0.02", id="embeddings"),
        pytest.param("llama3.2", (), None, id="no list"),
        pytest.param("llama3.2", ("no-such-list",), None, id="a list that is none"),
    ],
)
def test_which_model_is_found(model: str, lists: tuple[str, ...], price: str | None) -> None:
    found = PriceList().find_price(target(model, *lists), AT)
    assert (found and found.input) == (price and Decimal(price))


def snapshot(price: float) -> str:
    model = {"id": "m-1", "match": {"equals": "m-1"}, "prices": {"input_mtok": price, "output_mtok": 2}}
    shop = {"id": "shop", "name": "Shop", "api_pattern": "shop", "models": [model]}
    return json.dumps([shop])


def test_a_mounted_snapshot_takes_its_place(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_text(snapshot(1.5))
    pricing = Pricing(path)
    assert pricing.compute_cost(target("m-1", "shop"), Tokens(input=1000, output=1000), AT) == 3_500_000
    assert pricing.compute_cost(target("gpt-4o-mini", "openai"), Tokens(input=1), AT) is None
