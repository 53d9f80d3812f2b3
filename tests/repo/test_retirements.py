"""Names that users copy are alive: those of presets, README, documents and deployment files.

Held against the table as it was made, not against today, so that a checkout that was green stays green;
`make test-latest` makes the table anew.
"""

from datetime import timedelta

import pytest

from exporter.config.presets import PRESETS
from tools.retirements import MAKERS, PROVIDERS, TABLE, find_stale_names, list_named_models, read_table

MADE, RETIREMENTS = read_table(TABLE.read_text())


def test_no_name_is_retired_or_will_be_soon() -> None:
    assert find_stale_names(RETIREMENTS, MADE) == []


def test_the_table_knows_of_every_provider_that_starts_without_a_file() -> None:
    known = {provider for provider, _ in RETIREMENTS}
    started = {PROVIDERS.get(name, name) for name, preset in PRESETS.items() if preset.starters}
    assert started - known <= {"deepseek", "holysheep", "openrouter", "groq"}, "these announce nothing there"
    assert MAKERS - known <= {"deepseek", "groq", "cohere"}


@pytest.mark.parametrize("place", ["README.md", "docs/configuration.md", "deploy/examples/team.yaml", "preset openai"])
def test_names_are_found_where_users_copy_them(place: str) -> None:
    assert [name for where, _, name in list_named_models() if where == place] != []


def test_a_stale_name_is_told_with_its_place() -> None:
    name = PRESETS["openai"].starters[0]
    stale = {("openai", name): MADE + timedelta(days=3)}
    assert f"preset openai: {name} retires on {MADE + timedelta(days=3)}" in find_stale_names(stale, MADE)
    assert find_stale_names({("azure", name): MADE}, MADE) == [], "another provider's date"
