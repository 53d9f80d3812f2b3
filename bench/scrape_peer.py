"""The ordinary way of prometheus-client with as many series as ours.

`python -m bench.scrape_peer CHECKS FORM... < EXPOSITION` fills a registry as the exposition of one check says, writes
it out in the formats asked for (text, OpenMetrics) and compresses that as the library's own server does. Prints the
processor time of each in milliseconds as JSON. The loop of a server is held for the time that writing takes.
"""

import gzip
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from time import process_time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

from bench.exposition import Family, taken_apart

WRITERS: dict[str, Callable[[CollectorRegistry], bytes]] = {
    "text": generate_latest,
    "OpenMetrics": generate_openmetrics,
}

Put = Callable[[str], None]
"""Says of a check, under its model's name, what its family says."""


def registered(family: Family, registry: CollectorRegistry) -> Put:
    """The family's metric, and how a check is told of in it."""
    at = family.labels.index("model")
    metric: Counter | Gauge | Histogram
    match family.kind:
        case "histogram":
            metric = Histogram(family.name, family.help, family.labels, registry=registry, buckets=family.bounds)
        case "counter":
            metric = Counter(family.name, family.help, family.labels, registry=registry)
        case _:
            metric = Gauge(family.name, family.help, family.labels, registry=registry)

    def put(model: str) -> None:
        for series in family.series:
            _tell(metric.labels(*series.labels[:at], model, *series.labels[at + 1 :]), series.value)

    return put


def _tell(metric: Counter | Gauge | Histogram, value: float) -> None:
    match metric:
        case Histogram():
            metric.observe(value)
        case Counter():
            metric.inc(value)
        case Gauge():
            metric.set(value)


def cpu(work: Callable[[], bytes]) -> tuple[float, bytes]:
    """Processor time of one, in milliseconds, and what it made."""
    began = process_time()
    body = work()
    return (process_time() - began) * 1000, body


def measured(registry: CollectorRegistry, forms: Iterable[str]) -> Iterator[tuple[str, float]]:
    for form in forms:
        plain, body = cpu(partial(WRITERS[form], registry))
        packing, _ = cpu(partial(gzip.compress, body))
        yield form, plain
        yield f"{form}, gzip", plain + packing


def main(checks: int, *forms: str) -> None:
    disable_created_metrics()  # type: ignore[no-untyped-call]  # has no annotations
    registry = CollectorRegistry()
    puts = [registered(family, registry) for family in taken_apart(sys.stdin.read())]
    for number in range(checks):
        for put in puts:
            put(f"gpt-4o-{number:04}")
    print(json.dumps(dict(measured(registry, forms))))


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
