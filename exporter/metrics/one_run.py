"""The exposition of one run on its own: what the last run shows, and no sum that would be counted twice elsewhere."""

from collections.abc import Iterable, Iterator

from exporter.core.health_state import State
from exporter.core.outcome import Outcome
from exporter.core.target import Check
from exporter.metrics.check_metrics import CheckMetrics
from exporter.metrics.exposition import render_head
from exporter.metrics.families import FAMILIES, Family, Kind, Scope, families_of
from exporter.metrics.gauges import AFTER_A_RUN, Reader, read_info
from exporter.metrics.histogram import BucketLayout
from exporter.metrics.own import EOF
from exporter.metrics.text import render_labels, render_samples

_NOT_OF_ONE_RUN = frozenset(
    {"ai_api_active_requests", "ai_api_probe_state", "ai_api_probe_last_success_timestamp_seconds"}
)
"""What the check as a whole has, over all its runs."""

_NO_BUCKETS = {family.name: BucketLayout(()) for family in FAMILIES if family.kind is Kind.HISTOGRAM}


def render_one_run(check: Check, outcome: Outcome, keys: Iterable[str], *, openmetrics: bool) -> bytes:
    """Gauges and info of this run and of its check, whole; `keys` are the user labels that every check carries."""
    record = CheckMetrics(check, _NO_BUCKETS)
    record.record_run(outcome, State.UNKNOWN, 0)
    readers: dict[str, Reader] = {name: read for name, read in AFTER_A_RUN.items() if name not in _NOT_OF_ONE_RUN}
    readers["ai_api_check_info"] = lambda of_check: read_info(of_check, keys)
    readers["ai_api_probe_interval_seconds"] = lambda of_check: (("", of_check.check.interval),)
    told = [
        _render_family(family, readers[family.name], record)
        for family in families_of(Scope.CHECK)
        if family.name in readers
    ]
    pages = [(family, text) for family, text in (*told, *_render_provider(check, outcome)) if text]
    body = b"".join(render_head(family, openmetrics=openmetrics) + text for family, text in pages)
    return body + EOF if openmetrics else body


def _render_family(family: Family, read: Reader, record: CheckMetrics) -> tuple[Family, bytes]:
    return family, render_samples(family.name, record.labels, read(record))


def _render_provider(check: Check, outcome: Outcome) -> Iterator[tuple[Family, bytes]]:
    figures = {
        "ai_api_provider_models": None if outcome.models is None else len(outcome.models),
        "ai_api_tls_certificate_expiry_timestamp_seconds": outcome.certificate_expires_at,
    }
    labels = render_labels([("provider", check.target.provider.name)])
    for family in families_of(Scope.PROVIDER):
        if (value := figures.get(family.name)) is not None:
            yield family, render_samples(family.name, labels, (("", value),))
