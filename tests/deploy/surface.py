"""Every metric a rule or a dashboard may ask for, with its labels: the exporter's own table, what Prometheus adds."""

from collections.abc import Iterator

from exporter.metrics.families import FAMILIES, Family, Kind
from tests.deploy import promql
from tests.deploy.shipped import of_rules

TARGET = frozenset({"job", "instance"})

NOT_YET_EXPORTED = {
    "ai_api_cost_usd_total": ("provider", "model", "probe"),
    "ai_api_price_usd_per_million_tokens": ("provider", "model", "probe", "token_type"),
    "ai_api_budget_usd": ("scope", "period"),
    "ai_api_budget_spent_usd": ("scope", "period"),
    "ai_api_provider_status": ("provider", "indicator"),
    "ai_api_maintenance": ("provider", "model", "probe"),
    "ai_api_exporter_network_up": (),
}
"""Metrics of the contract still to be built, with the labels they will have. A row goes when it is exported."""

OF_PROMETHEUS: dict[str, frozenset[str]] = {"up": TARGET}

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
    """What can be scraped, and what will be."""
    found = dict(OF_PROMETHEUS)
    found |= dict.fromkeys(OF_THE_PROCESS, TARGET)
    found |= {name: TARGET | frozenset(labels) for name, labels in NOT_YET_EXPORTED.items()}
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
