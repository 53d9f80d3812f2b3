"""Reads an exposition back with the parsers of prometheus-client, as a scraper would."""

from collections.abc import Mapping

from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from exporter.metrics.metrics import Metrics
from exporter.metrics.own import EOF, ExporterMetrics

Series = Mapping[tuple[str, frozenset[tuple[str, str]]], float]
"""Value by sample name and labels."""


def body(told: Metrics | ExporterMetrics, *, openmetrics: bool = False) -> str:
    """The exposition as it stands."""
    joined = b"".join(piece() for piece in told.render(openmetrics=openmetrics))
    return (joined + EOF if openmetrics else joined).decode()


def families(text: str, *, openmetrics: bool = False) -> list[Metric]:
    """What a strict parser makes of it; ValueError if it is not well-formed."""
    if openmetrics:
        return list(parse_openmetrics(text))  # type: ignore[no-untyped-call]  # has no annotations
    return list(parse_text(text))


def series(text: str, *, openmetrics: bool = False) -> Series:
    """All samples; AssertionError where a series stands twice."""
    found: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
    for family in families(text, openmetrics=openmetrics):
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in found
            found[key] = sample.value
    return found


def told(metrics: Metrics | ExporterMetrics, name: str, **labels: str) -> float | None:
    """The value of the one series that has this name and (among others) these labels; None where there is none."""
    wanted = set(labels.items())
    values = [value for (known, has), value in series(body(metrics)).items() if known == name and wanted <= has]
    assert len(values) <= 1
    return values[0] if values else None


def names(metrics: Metrics | ExporterMetrics) -> set[str]:
    """The families that say something, by the names of the table; what the parser cut off a counter is put back."""
    return {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in families(body(metrics))
        if family.samples
    }
