"""The models of the file: what each block is by itself when nothing is written."""

from pydantic import BaseModel

from exporter.config.schema.blocks import Tunables
from exporter.config.schema.probe_entry import ProbeEntry
from exporter.config.schema.schema import DiscoverEntry, Document, ModelEntry, ProviderEntry
from tests.config.stand_ins import known

LEVELS: tuple[type[BaseModel], ...] = (Document, ProviderEntry, ModelEntry, DiscoverEntry, ProbeEntry)


def test_nothing_needs_to_be_written() -> None:
    document = Document.model_validate({}, context=known())
    assert document == Document()
    assert document.max_in_flight == 64
    assert document.status_pages


def test_tunables_stand_at_every_level() -> None:
    for level in LEVELS:
        assert set(Tunables.model_fields) <= set(level.model_fields)


def test_every_key_says_what_it_is_for() -> None:
    """docs/configuration.md is made from it."""
    silent = [
        f"{level.__name__}.{name}"
        for level in LEVELS
        for name, field in level.model_fields.items()
        if not field.description and (level, name) != (ProbeEntry, "settings")
    ]
    assert silent == []


def test_no_level_holds_what_it_is_given_by_reference() -> None:
    """Defaults are shared between entries, so they must not be changeable."""
    one, other = (ProviderEntry.model_validate({}, context=known()) for _ in range(2))
    assert one == other
    assert one.labels is not other.labels


def test_a_provider_without_a_value() -> None:
    document = Document.model_validate({"providers": {"openai": None}}, context=known())
    assert document.providers == {"openai": ProviderEntry()}
