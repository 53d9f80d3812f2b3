"""The table itself: names as the field writes them, texts that fit where they are shown."""

import re

import pytest

from exporter.metrics.families import FAMILIES, Family, Kind, Scope, families_of

ENDINGS = {Kind.COUNTER: "_total", Kind.INFO: "_info"}


def test_no_name_stands_twice() -> None:
    names = [family.bare_name for family in FAMILIES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_row_is_well_formed(family: Family) -> None:
    assert re.fullmatch(r"ai_api(_[a-z]+)+", family.name)
    assert family.scope is Scope.EXPORTER or not family.name.startswith("ai_api_exporter_")
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
    assert {family.scope for family in families_of(Scope.MODEL, Scope.PROVIDER)} == {Scope.MODEL, Scope.PROVIDER}
    assert sorted(family.name for scope in Scope for family in families_of(scope)) == sorted(
        family.name for family in FAMILIES
    )


def test_a_series_is_named_by_what_it_speaks_of_and_the_labels_of_its_row() -> None:
    labels = {family.name: family.all_labels for family in FAMILIES}
    assert labels["ai_api_errors_total"] == ("provider", "model", "probe", "error_type")
    assert labels["ai_api_model_health"] == ("provider", "model")
    assert labels["ai_api_provider_models"] == ("provider",)
    assert labels["ai_api_exporter_checks"] == ()
