"""The table itself: names as the field writes them, texts that fit where they are shown."""

import re

import pytest

from exporter.metrics.families import FAMILIES, Family, Kind, Scope, of

ENDINGS = {Kind.COUNTER: "_total", Kind.INFO: "_info"}


def test_no_name_stands_twice() -> None:
    names = [family.bare_name for family in FAMILIES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_row_is_well_formed(family: Family) -> None:
    assert re.fullmatch(r"ai_api(_[a-z]+)+", family.name)
    assert family.name.startswith("ai_api_exporter_") <= (family.scope is Scope.EXPORTER)
    assert all(re.fullmatch(r"[a-z_]+", label) for label in family.all_labels)
    assert len(set(family.all_labels)) == len(family.all_labels)
    assert family.text.endswith(".")
    assert not set(family.text) & set('\\\n"|')


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_the_name_tells_the_kind(family: Family) -> None:
    for kind, ending in ENDINGS.items():
        assert family.name.endswith(ending) == (family.kind is kind)
    if family.kind is Kind.HISTOGRAM:
        assert family.name.endswith("_seconds")
    assert not family.exemplars or family.kind is Kind.HISTOGRAM


def test_openmetrics_announces_counters_and_infos_without_their_ending() -> None:
    bare = {family.name: family.bare_name for family in FAMILIES}
    assert bare["ai_api_requests_total"] == "ai_api_requests"
    assert bare["ai_api_check_info"] == "ai_api_check"
    assert bare["ai_api_model_health"] == "ai_api_model_health"


def test_families_are_chosen_by_what_they_speak_of() -> None:
    assert [family for scope in Scope for family in FAMILIES if family in of(scope)] != []
    assert sum(len(of(scope)) for scope in Scope) == len(FAMILIES)
    assert {family.scope.labels for family in of(Scope.MODEL)} == {("provider", "model")}
    assert of(Scope.PROVIDER, Scope.MODEL)[0].name == "ai_api_model_health"
