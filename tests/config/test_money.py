"""What is written about money, replicas and memory, as it is used."""

from decimal import Decimal
from pathlib import Path

import pytest

from exporter.config.load import load_plan
from exporter.config.presets import PRICED_MAKERS
from exporter.core.errors import ConfigError
from exporter.core.plan import Budget, Plan, Shard
from exporter.core.target import Price
from exporter.dialects import DIALECTS
from exporter.probes import PROBES

BASE = """
providers: {{shop: {{preset: openai-compatible, base_url: 'http://127.0.0.1:9/v1'{shop}}}}}
models: [{{model: m, provider: shop{model}}}]
{top}
"""


def load(folder: Path, *, shop: str = "", model: str = "", top: str = "", host: str = "exporter-2") -> Plan:
    path = folder / "exporter.yml"
    path.write_text(BASE.format(shop=shop, model=model, top=top))
    return load_plan(path, {"HOSTNAME": host}, PROBES, DIALECTS)


@pytest.mark.parametrize(
    ("shop", "model", "price"),
    [
        pytest.param("", "", None, id="not written"),
        pytest.param(
            "", ", price: {input: 0.15}", Price(input=Decimal("0.15"), output=Decimal("0.0")), id="at the model"
        ),
        pytest.param(
            ", price: {input: 1, output: 2.5}",
            "",
            Price(input=Decimal("1.0"), output=Decimal("2.5")),
            id="at the provider",
        ),
        pytest.param(
            ", price: {input: 1}",
            ", price: {input: 3, output: 4, cached_input: 0.1, cache_write: 5}",
            Price(input=Decimal(3), output=Decimal(4), cached_input=Decimal("0.1"), cache_write=Decimal(5)),
            id="the nearer one",
        ),
    ],
)
def test_prices(tmp_path: Path, shop: str, model: str, price: Price | None) -> None:
    plan = load(tmp_path, shop=shop, model=model)
    assert [check.target.price for check in plan.checks if check.paid] == [price]


def test_price_lists_are_those_of_the_preset(tmp_path: Path) -> None:
    (provider,) = load(tmp_path).providers
    assert provider.price_lists == PRICED_MAKERS


def test_a_file_of_prices_lies_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "prices.yml").write_text("prices: {m: {input: 1}}")
    assert load(tmp_path, top="prices_file: prices.yml").prices_file == tmp_path / "prices.yml"


def test_how_budgets_are_counted(tmp_path: Path) -> None:
    top = "budget: {daily_usd: 1, timezone: Europe/Berlin, assumed_usd_per_million_tokens: 3}\nretention: 1d"
    plan = load(tmp_path, shop=", budget: {monthly_usd: 5}", top=top)
    assert (plan.budget, plan.timezone, plan.assumed_price) == (Budget(daily_usd=1), "Europe/Berlin", 3)
    assert plan.provider_budgets == {"shop": Budget(monthly_usd=5)}
    assert plan.retention == 86_400


@pytest.mark.parametrize(
    ("top", "shard"),
    [
        pytest.param("", None, id="alone"),
        pytest.param("shard: {index: 0, count: 2}", Shard(0, 2), id="as written"),
        pytest.param("shard: {count: 3}", Shard(2, 3), id="by the name of the host"),
    ],
)
def test_shards(tmp_path: Path, top: str, shard: Shard | None) -> None:
    assert load(tmp_path, top=top).shard == shard


@pytest.mark.parametrize(
    ("top", "host", "said"),
    [
        pytest.param("shard: {count: 3}", "exporter", "add `index: N`", id="a host without a number"),
        pytest.param("shard: {count: 2}", "exporter-2", "shard 2 is not one of 2", id="more replicas than shards"),
        pytest.param("budget: {timezone: Mars/North}", "", "knows no time zone", id="no such zone"),
        pytest.param("prices_file: none.yml", "", "cannot be read", id="no such file"),
        pytest.param("retention: 5s", "", "at least 1h", id="a short memory"),
    ],
)
def test_what_cannot_be(tmp_path: Path, top: str, host: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load(tmp_path, top=top, host=host)
