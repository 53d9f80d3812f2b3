"""Metrics about the exporter itself, in an ordinary prometheus-client registry: there are few series.

Beside the families of scope `exporter` the registry holds the library's own `process_*` and `python_info`.
"""

import platform
from collections.abc import Iterator, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    Metric,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.registry import Collector

from exporter import __version__
from exporter.core.outcome import FAULTS
from exporter.metrics.exposition import Chunk
from exporter.metrics.families import FAMILIES

EOF = b"# EOF\n"
"""The end of an OpenMetrics exposition."""

LATENESS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Buckets in seconds for our own delays: the good ones are under a millisecond."""


class WithoutCreated(Collector):
    """A registry without the `_created` samples, which add a series to each counter and histogram for little."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        for metric in self._registry.collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric


class OptionalGauge(Collector):
    """A gauge without labels that is absent while its value is not known; the library's own would say 0."""

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._text = text
        self.value: float | None = None

    def collect(self) -> Iterator[Metric]:
        value = self.value
        if value is not None:
            yield GaugeMetricFamily(self._name, self._text, value=value)


class _Registry:
    """Makes metrics from the rows of the table."""

    def __init__(self) -> None:
        self.collected = CollectorRegistry()
        self._rows = {family.name: family for family in FAMILIES}

    def add_counter(self, name: str) -> Counter:
        row = self._rows[name]
        return Counter(row.bare_name, row.text, row.labels, registry=self.collected)

    def add_gauge(self, name: str) -> Gauge:
        row = self._rows[name]
        return Gauge(row.name, row.text, row.labels, registry=self.collected)

    def add_histogram(self, name: str) -> Histogram:
        row = self._rows[name]
        return Histogram(row.name, row.text, row.labels, registry=self.collected, buckets=LATENESS)

    def add_info(self, name: str) -> Info:
        row = self._rows[name]
        return Info(row.bare_name, row.text, row.labels, registry=self.collected)

    def add_optional_gauge(self, name: str) -> "OptionalGauge":
        row = self._rows[name]
        gauge = OptionalGauge(row.name, row.text)
        self.collected.register(gauge)
        return gauge


class ExporterMetrics:
    """The exporter's own metrics. Every method may be called on any thread; times are seconds."""

    def __init__(self) -> None:
        registry = _Registry()
        self._shown = WithoutCreated(registry.collected)
        self._budget = registry.add_gauge("ai_api_budget_usd")
        self._budget_spent = registry.add_gauge("ai_api_budget_spent_usd")
        self._checks = registry.add_gauge("ai_api_exporter_checks")
        self._clock_source = registry.add_gauge("ai_api_exporter_clock_source")
        self._in_flight = registry.add_gauge("ai_api_exporter_probes_in_flight")
        self._internal_errors = registry.add_counter("ai_api_exporter_internal_errors_total")
        self._log_messages = registry.add_counter("ai_api_exporter_log_messages_total")
        self._loop_lag = registry.add_histogram("ai_api_exporter_event_loop_lag_seconds")
        self._network_up = registry.add_optional_gauge("ai_api_exporter_network_up")
        self._reloaded = registry.add_gauge("ai_api_exporter_config_last_reload_successful")
        self._reloaded_at = registry.add_gauge("ai_api_exporter_config_last_reload_success_timestamp_seconds")
        self._connect_wait = registry.add_histogram("ai_api_exporter_connect_wait_seconds")
        self._read_delay = registry.add_histogram("ai_api_exporter_read_delay_seconds")
        self._schedule_lag = registry.add_histogram("ai_api_exporter_schedule_lag_seconds")
        self._scrape_bytes = registry.add_gauge("ai_api_exporter_scrape_bytes")
        self._scrape_duration = registry.add_histogram("ai_api_exporter_scrape_duration_seconds")
        self._store_errors = registry.add_counter("ai_api_exporter_store_errors_total")
        self._lost_outcomes = registry.add_counter("ai_api_exporter_store_lost_outcomes_total")
        for level in ("warning", "error"):
            self._log_messages.labels(level)
        build, faults = registry.add_info("ai_api_exporter_build_info"), registry.add_info("ai_api_error_fault_info")
        build.labels(__version__, platform.python_version()).info({})
        for reason, fault in FAULTS.items():
            faults.labels(reason, fault).info({})
        ProcessCollector(registry=registry.collected)
        PlatformCollector(registry=registry.collected)

    def record_reload(self, ok: bool, at: float) -> None:
        """Record a reload at this Unix time; if it failed, the previous configuration is still in use."""
        self._reloaded.set(ok)
        if ok:
            self._reloaded_at.set(at)

    def set_check_count(self, count: int) -> None:
        """Set the number of scheduled checks."""
        self._checks.set(count)

    def set_budgets(self, told: Mapping[tuple[str, str], tuple[float, float]]) -> None:
        """Set all budgets: (scope, period) to the limit and the amount spent, in USD."""
        self._budget.clear()
        self._budget_spent.clear()
        for labels, (limit, spent) in told.items():
            self._budget.labels(*labels).set(limit)
            self._budget_spent.labels(*labels).set(spent)

    def count_store_error(self) -> None:
        """Count a store that could not be used and was set aside."""
        self._store_errors.inc()

    def count_lost_outcomes(self, count: int) -> None:
        """Count outcomes that could not be kept for the report."""
        self._lost_outcomes.inc(count)

    def set_in_flight(self, count: int) -> None:
        """Set the number of runs under way."""
        self._in_flight.set(count)

    def set_network_up(self, up: bool | None) -> None:
        """Return whether the network that probes go by is up; None where that cannot be known."""
        self._network_up.value = None if up is None else float(up)

    def observe_schedule_lag(self, seconds: float) -> None:
        """Observe how long after its due time a run started."""
        self._schedule_lag.observe(seconds)

    def observe_connect_wait(self, seconds: float) -> None:
        """Observe how long a request waited for its turn to connect."""
        self._connect_wait.observe(seconds)

    def observe_read_delay(self, seconds: float) -> None:
        """Observe how long data of an answer lay in the kernel before it was read."""
        self._read_delay.observe(seconds)

    def observe_loop_lag(self, seconds: float) -> None:
        """Observe how late the event loop woke."""
        self._loop_lag.observe(seconds)

    def observe_scrape(self, seconds: float, size: int) -> None:
        """Observe the time and size of a scrape."""
        self._scrape_duration.observe(seconds)
        self._scrape_bytes.set(size)

    def set_clock_source(self, source: str) -> None:
        """Set the source of arrival stamps: `kernel` or `user`."""
        for known in ("kernel", "user"):
            self._clock_source.labels(known).set(known == source)

    def count_internal_error(self) -> None:
        """Count an error of the exporter itself; the log has the details."""
        self._internal_errors.inc()

    def count_log_line(self, level: str) -> None:
        """Count a log line of this level (`warning`, `error`)."""
        self._log_messages.labels(level).inc()

    def render(self, *, openmetrics: bool) -> tuple[Chunk, ...]:
        """Return the metrics, which are read when the chunk is called."""
        return (self._render_openmetrics if openmetrics else self._render_text,)

    def _render_text(self) -> bytes:
        return generate_latest(self._shown)

    def _render_openmetrics(self) -> bytes:
        told: bytes = generate_openmetrics(self._shown)  # type: ignore[no-untyped-call]  # has no annotations
        return told.removesuffix(EOF)
