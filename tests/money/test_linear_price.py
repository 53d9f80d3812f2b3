"""The few factors behind a price: whatever the list of the library holds, both come to the same amount."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from genai_prices import Usage
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelInfo

from exporter.core.outcome import Tokens
from exporter.money.linear_price import bound_tokens, fit_linear_price
from exporter.money.price_list import PriceList
from tests.money.priced import AT
from tests.money.test_price_list import target

TIERED_FROM = 200_000
"""Tokens from which on Gemini 2.5 Pro costs more."""


def models() -> Iterator[tuple[str, ModelInfo]]:
    for provider in get_snapshot().providers:
        for model in provider.models:
            yield provider.id, model


def test_every_price_of_the_list_comes_to_the_same() -> None:
    tokens = Tokens(input=1009, output=613, cached_input=307, cache_write=211, reasoning=101)
    usage = Usage(
        input_tokens=1009, output_tokens=613, cache_read_tokens=307, cache_write_tokens=211, output_reasoning_tokens=101
    )
    prices, seen = PriceList(), 0
    for provider, model in models():
        asked = target(model.id, provider)
        found = prices._find(asked)
        if found is None:
            continue
        seen += 1
        told = found.model.get_prices(datetime.fromtimestamp(AT, UTC)).calc_price(usage)["total_price"]
        assert prices.compute_cost(asked, tokens, AT) == told, f"{provider}/{model.id}"
    assert seen > 1000


def test_where_there_are_tiers_the_number_of_tokens_counts() -> None:
    prices, asked = PriceList(), target("gemini-2.5-pro", "google")
    below = prices.compute_cost(asked, Tokens(input=TIERED_FROM), AT)
    above = prices.compute_cost(asked, Tokens(input=2 * TIERED_FROM), AT)
    assert below is not None
    assert above is not None
    assert above > 2 * below


def test_a_request_may_cost_something_by_itself() -> None:
    tariff = fit_linear_price(lambda tokens: Decimal("0.005") + Decimal(tokens.input) / 1_000_000)
    assert tariff.compute_cost(Tokens(input=3)) == Decimal("0.005003")


@pytest.mark.parametrize(
    ("told", "taken"),
    [
        pytest.param(Tokens(input=5, cached_input=9), Tokens(input=5, cached_input=5), id="cached"),
        pytest.param(
            Tokens(input=5, cached_input=3, cache_write=4), Tokens(input=5, cached_input=3, cache_write=2), id="written"
        ),
        pytest.param(Tokens(output=5, reasoning=6), Tokens(output=5, reasoning=5), id="reasoning"),
    ],
)
def test_no_kind_is_more_than_its_whole(told: Tokens, taken: Tokens) -> None:
    assert bound_tokens(told) == taken
