"""One problem does not hide the others: what cannot be understood is left out, and the rest is kept."""

from typing import Any

from exporter.config.schema.document import DocumentReading, read_document
from exporter.config.yaml.problems import Trouble
from exporter.config.yaml.written import WrittenConfig
from tests.config.stand_ins import known


def reading(tree: dict[str, Any], *early: Trouble) -> DocumentReading:
    return read_document(WrittenConfig(source="f.yaml", tree=tree), list(early), known())


def test_what_is_fine_stays_whole() -> None:
    read = reading({"providers": {"openai": {}}, "models": [{"model": "m", "provider": "openai"}]})
    assert read.document is not None
    assert (read.troubles, read.partial) == ((), frozenset())
    assert read.document.models[0].model == "m"


def test_only_the_broken_key_goes() -> None:
    read = reading({"providers": {"openai": {"timeout": "5", "interval": "5s"}}, "interval": 7})
    assert read.document is not None
    assert read.document.interval is None
    assert read.document.providers["openai"].interval == 5
    assert read.is_partial(("providers", "openai", "api_key"))
    assert not read.is_partial(("providers", "anthropic"))
    assert read.is_partial(("interval",))


def test_an_entry_that_cannot_do_without_goes_whole_and_the_others_keep_their_place() -> None:
    read = reading({"models": [{"provider": "a"}, {"model": "m"}, "x", {"model": "n", "probes": ["nope"]}]})
    assert read.document is not None
    assert {place: entry.model for place, entry in read.document.models.items()} == {1: "m", 3: "n"}
    assert read.document.models[3].probes is None
    assert read.partial == {("models", 0), ("models", 2), ("models", 3)}


def test_a_block_of_the_wrong_form_goes_whole() -> None:
    read = reading({"providers": ["openai"], "models": {"m": {}}, "labels": {"le": "x"}, "status_pages": False})
    assert read.document is not None
    assert (read.document.providers, read.document.models, read.document.labels) == ({}, {}, {})
    assert not read.document.status_pages
    assert read.is_touched("providers")
    assert not read.is_touched("discover")


def test_what_was_wrong_in_reading_is_left_out_too() -> None:
    """A variable that is not set must not be told again as a wrong URL."""
    unset = Trouble(("providers", "r", "base_url"), "the environment has no variable R")
    read = reading({"providers": {"r": {"preset": "vllm", "base_url": "${R}"}}}, unset)
    assert read.troubles == (unset,)
    assert read.document is not None
    assert read.document.providers["r"].base_url is None


def test_names_of_broken_providers_stay_known() -> None:
    read = reading({"providers": {"openai": {"preset": "nope"}, "Bad Name": {}, "r": 5}})
    assert read.provider_names() == {"openai", "r"}
    assert reading({"providers": []}).provider_names() == frozenset()


def test_the_tree_it_was_given_stays_as_it_is() -> None:
    tree = {"providers": {"openai": {"timeout": "5"}}, "models": [{"modle": "m"}]}
    reading(tree)
    assert tree == {"providers": {"openai": {"timeout": "5"}}, "models": [{"modle": "m"}]}
