"""What one check says, taken apart into families and series, so that other libraries can be made to say as much."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families


@dataclass(frozen=True, slots=True)
class Series:
    """The values of the family's labels and the series' value; of a histogram a value to be observed."""

    labels: tuple[str, ...]
    value: float


@dataclass(frozen=True, slots=True)
class Family:
    """One family. `kind` is counter, gauge or histogram; `bounds` are those of a histogram, without +Inf."""

    name: str
    help: str
    kind: str
    labels: tuple[str, ...]
    bounds: tuple[float, ...]
    series: tuple[Series, ...]


def taken_apart(exposition: str) -> list[Family]:
    """The families of an exposition in the text format."""
    return [_family(metric) for metric in text_string_to_metric_families(exposition) if metric.samples]


def write(families: list[Family], path: Path) -> None:
    """For a peer in another language: a list of objects, keys with capitals."""

    def capitals(pairs: list[tuple[str, object]]) -> dict[str, object]:
        return {name.capitalize(): value for name, value in pairs}

    path.write_text(json.dumps([asdict(each, dict_factory=capitals) for each in families]))


def _family(metric: Metric) -> Family:
    kind = metric.type if metric.type in ("counter", "histogram") else "gauge"
    ours = [sample for sample in metric.samples if sample.name.removesuffix("_sum") == metric.name]
    samples = ours if kind == "histogram" else metric.samples
    labels = tuple(samples[0].labels)
    name = f"{metric.name}_total" if kind == "counter" else metric.name
    bounds = tuple(_bounds(metric)) if kind == "histogram" else ()
    series = tuple(Series(tuple(sample.labels[label] for label in labels), sample.value) for sample in samples)
    return Family(name, metric.documentation, kind, labels, bounds, series)


def _bounds(metric: Metric) -> Iterator[float]:
    for sample in metric.samples:
        if sample.labels.get("le", "+Inf") != "+Inf":
            yield float(sample.labels["le"])
