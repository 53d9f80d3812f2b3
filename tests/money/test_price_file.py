"""Files of prices: what fits which model, and what is said of a bad one."""

from decimal import Decimal
from pathlib import Path

import pytest

from exporter.core.target import Price, Target
from exporter.money.price_file import PriceFileError, read_price_file
from tests.metrics.make import provider


def target(model: str, alias: str = "") -> Target:
    return Target(provider=provider("shop"), model=model, dialect="openai-chat", alias=alias or model)


@pytest.mark.parametrize(
    ("key", "model", "alias", "fits"),
    [
        pytest.param("gpt-4o", "gpt-4o", "", True, id="by name"),
        pytest.param("shop/gpt-4o", "gpt-4o", "", True, id="at the provider"),
        pytest.param("other/gpt-4o", "gpt-4o", "", False, id="at another"),
        pytest.param("gpt-4*", "gpt-4o", "", True, id="by glob"),
        pytest.param("gpt-4o", "prod-1", "gpt-4o", True, id="by alias"),
        pytest.param("gpt-4", "gpt-4o", "", False, id="not by its beginning"),
    ],
)
def test_which_model_a_row_fits(tmp_path: Path, key: str, model: str, alias: str, fits: bool) -> None:
    path = tmp_path / "prices.yml"
    path.write_text(f"prices: {{'{key}': {{input: 0.1, output: 0.2}}}}")
    found = read_price_file(path).find_price(target(model, alias))
    assert found == (Price(input=Decimal("0.1"), output=Decimal("0.2")) if fits else None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("prices: [", "is not YAML", id="not YAML"),
        pytest.param("prices: {m: {input: -1}}", "prices.m.input", id="negative"),
        pytest.param("prices: {m: {output: 1}}", "prices.m.input", id="no input"),
        pytest.param("cost: {}", "write `prices:", id="another key"),
        pytest.param("prices: {m: {input: 2026-02-30}}", "is not YAML", id="a date that there is not"),
        pytest.param("[1", "is not JSON", id="not JSON"),
        pytest.param('[{"id": "x"}]', "not a snapshot", id="another list"),
        pytest.param('[{"id": "x", "models": [1]}]', "genai-prices cannot read", id="a snapshot of something else"),
    ],
)
def test_a_bad_file_is_told_in_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "prices.yml"
    path.write_text(text)
    with pytest.raises(PriceFileError) as told:
        read_price_file(path)
    assert said in str(told.value)
    assert "\n" not in str(told.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(PriceFileError, match="cannot be read"):
        read_price_file(tmp_path / "none.yml")
