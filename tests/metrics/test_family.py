"""What follows from a row: the name OpenMetrics announces, the labels of its series."""

import pytest

from exporter.metrics.family import Family, Scope, counter, gauge, histogram, info


@pytest.mark.parametrize(
    ("family", "bare"),
    [
        (counter("ai_api_x_total", "Text."), "ai_api_x"),
        (info("ai_api_x_info", "Text."), "ai_api_x"),
        (gauge("ai_api_x_total_tokens", "Text."), "ai_api_x_total_tokens"),
        (histogram("ai_api_x_seconds", "Text."), "ai_api_x_seconds"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value.kind),
)
def test_the_name_without_what_its_samples_add(family: Family, bare: str) -> None:
    assert family.bare_name == bare


def test_labels_of_the_scope_come_first() -> None:
    assert gauge("ai_api_x", "Text.", "reason").all_labels == ("provider", "model", "probe", "reason")
    assert gauge("ai_api_x", "Text.", "reason", scope=Scope.EXPORTER).all_labels == ("reason",)
