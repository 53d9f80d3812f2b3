"""Every metric a rule or a dashboard may ask for, with its labels: the exporter's own table, what Prometheus adds."""

from collections.abc import Iterator

from exporter.metrics.families import FAMILIES, Family, Kind
from tests.deploy import promql
from tests.deploy.shipped import of_rules

TARGET = frozenset({"job", "instance"})

NOT_YET_EXPORTED = frozenset(
    {
        "ai_api_budget_usd",
        "ai_api_budget_spent_usd",
    }
)
"""Metrics that the table has and the daemon does not fill yet. A row goes when the demo shows it; a test says so."""

OF_PROMETHEUS: dict[str, frozenset[str]] = {
    "up": TARGET,
    "ALERTS": TARGET | {"alertname", "alertstate", "severity", "fault", "provider", "model"},
}
"""What Prometheus itself makes; the labels of ALERTS are those of the alerts about models."""

OF_THE_PROCESS = ("process_cpu_seconds_total", "process_resident_memory_bytes")
"""What prometheus-client's collector says of the process, on Linux."""


def samples(family: Family) -> Iterator[tuple[str, frozenset[str]]]:
    """The names of a family's samples, and their labels."""
    labels = TARGET | frozenset(family.all_labels)
    if family.kind is not Kind.HISTOGRAM:
        yield family.name, labels
        return
    yield f"{family.name}_bucket", labels | {"le"}
    yield f"{family.name}_sum", labels
    yield f"{family.name}_count", labels


def exported() -> dict[str, frozenset[str]]:
    """What can be scraped."""
    found = dict(OF_PROMETHEUS)
    found |= dict.fromkeys(OF_THE_PROCESS, TARGET)
    for family in FAMILIES:
        found |= dict(samples(family))
    return found


def recorded() -> dict[str, frozenset[str]]:
    """The same and what the recording rules make of it, in their order. NotThereError if one asks in vain."""
    found = exported()
    for rule in of_rules():
        if rule.record is not None:
            found[rule.record] = promql.labels(promql.parse(rule.text), found) or frozenset()
    return found
