"""Vendors as data: complete, consistent, and taken as they are."""

from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from exporter.config.presets import PRESETS, RELAYED, Preset
from exporter.config.schema.fields import BaseUrl, Name
from exporter.core.target import Kind
from exporter.dialects import DIALECTS

ROWS = [pytest.param(row, id=name) for name, row in PRESETS.items()]

EXPECTED = {
    *("openai", "anthropic", "gemini", "deepseek", "holysheep", "holysheep-anthropic", "openrouter", "groq"),
    *("mistral", "together", "fireworks", "xai", "litellm", "vllm", "ollama", "openai-compatible"),
    *("azure-openai", "azure-openai-v1", "bedrock", "vertex", "cohere", "jina", "ollama-native"),
}


def test_the_vendors_there_are() -> None:
    assert set(PRESETS) >= EXPECTED


@pytest.mark.parametrize("row", ROWS)
def test_a_name_and_an_address_that_a_user_could_have_written(row: Preset) -> None:
    assert TypeAdapter(Name).validate_python(row.name) == row.name
    if row.address:
        row = replace(row, base_url=row.address.format(region="eu-west-1", project="p-1", google="host.example"))
    if row.base_url:
        assert TypeAdapter(BaseUrl).validate_python(row.base_url) == row.base_url
    if row.status_page:
        assert row.status_page.startswith("https://")


@pytest.mark.parametrize("row", ROWS)
def test_the_main_dialect_is_built(row: Preset) -> None:
    assert row.dialects[0] in DIALECTS


@pytest.mark.parametrize("row", ROWS)
def test_a_key_that_is_required_has_a_variable(row: Preset) -> None:
    assert row.keys or not row.key_required


@pytest.mark.parametrize("row", ROWS)
def test_public_addresses_are_encrypted(row: Preset) -> None:
    given = not row.base_url and not row.address
    assert (row.base_url or row.address).startswith("https://") or given or not row.key_required


@pytest.mark.parametrize("row", ROWS)
def test_what_anyone_can_start_with_a_key_has_something_cheap_to_ask(row: Preset) -> None:
    """Together's prices are not known here, a key of HolySheep starts its other dialect, Jina has no chat, and a trial
    key of Cohere has so few calls that none is spent unasked.
    """
    ready = row.base_url and row.key_required
    assert bool(ready) == bool(row.starters) or row.name in {"together", "holysheep-anthropic", "jina", "cohere"}


def test_relays_serve_every_maker() -> None:
    assert all(row.makers == RELAYED for row in PRESETS.values() if row.kind is Kind.GATEWAY)
