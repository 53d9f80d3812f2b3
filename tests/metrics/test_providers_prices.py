"""Prices as they are told: what is not known has no figure, what is gone has no series."""

from decimal import Decimal

from exporter.core.plan import Buckets
from exporter.core.target import Price
from exporter.metrics.metrics import Metrics
from tests.metrics.make import StoppedClock, check
from tests.metrics.read import told

KNOWN = "ai_api_price_known"
PRICE = "ai_api_price_usd_per_million_tokens"
COST = "ai_api_cost_usd_total"


def made() -> Metrics:
    metrics = Metrics(Buckets(), (), StoppedClock())
    metrics.add_check(check())
    metrics.add_check(check("open-model"))
    prices = {("openai", "gpt-4o"): Price(input=Decimal("0.15"), output=Decimal(1)), ("openai", "open-model"): None}
    list(metrics.set_prices(prices))
    return metrics


def test_what_is_known() -> None:
    metrics = made()
    assert told(metrics, KNOWN, model="gpt-4o") == 1
    assert told(metrics, PRICE, model="gpt-4o", token_type="input") == 0.15
    assert told(metrics, PRICE, model="gpt-4o", token_type="output") == 1
    assert told(metrics, PRICE, model="gpt-4o", token_type="cached_input") is None
    assert told(metrics, COST, model="gpt-4o") == 0


def test_what_is_not_known() -> None:
    metrics = made()
    assert told(metrics, KNOWN, model="open-model") == 0
    assert told(metrics, PRICE, model="open-model") is None
    assert told(metrics, COST, model="open-model") is None


def test_what_is_gone() -> None:
    metrics = made()
    list(metrics.set_prices({("openai", "open-model"): None}))
    assert told(metrics, KNOWN, model="gpt-4o") is None
    assert told(metrics, PRICE, model="gpt-4o") is None
    assert told(metrics, KNOWN, model="open-model") == 0


def test_a_pace_and_a_maintenance_window_are_told() -> None:
    metrics = made()
    assert told(metrics, "ai_api_maintenance", model="gpt-4o") == 0
    metrics.set_maintenance(check(), active=True)
    metrics.set_interval(check(), 300.0)
    assert told(metrics, "ai_api_maintenance", model="gpt-4o") == 1
    assert told(metrics, "ai_api_probe_interval_seconds", model="gpt-4o") == 300
