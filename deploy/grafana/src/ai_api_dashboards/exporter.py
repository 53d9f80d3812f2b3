"""The exporter itself: whether the instrument is well, and whether it disturbs what it measures."""

from collections.abc import Mapping

from grafana_foundation_sdk.builders import dashboard as builders

from ai_api_dashboards import frame
from ai_api_dashboards.states import NETWORK_NAMES, RELOAD_NAMES, STAMP_NAMES
from ai_api_dashboards.style import (
    COUNT,
    GREEN,
    NONE_IS_GOOD,
    SECONDS,
    AnyPanel,
    Column,
    Query,
    Steps,
    graph,
    listing,
    named,
    number,
    runs_in_legend,
)

US = 'job=~"$job", instance=~"$instance"'
_NAME = "{{instance}}"
_GOOD: Steps = ((None, GREEN),)


def exporter() -> builders.Dashboard:
    """Make the dashboard."""
    variables = [
        frame.source(),
        frame.labels_of("job", "Job", "ai_api_exporter_build_info"),
        frame.labels_of("instance", "Instance", 'ai_api_exporter_build_info{job=~"$job"}'),
        frame.rate_window(),
    ]
    text = "The exporter itself: schedule, event loop, scrapes, configuration, process."
    page = frame.page("exporter", "AI API / Exporter", text, variables)
    rows = {"Now": now(), "Schedule": schedule(), "Event loop and scrapes": loop(), "Process": process()}
    return frame.filled(page, rows)


def now() -> list[AnyPanel]:
    """Make the figures of the first line."""

    def figure(
        title: str, text: str, expr: str, steps: Steps = _GOOD, names: Mapping[int, tuple[str, str]] | None = None
    ) -> AnyPanel:
        panel = number(title, text, COUNT, Query(expr, instant=True), steps)
        return panel.mappings([named(names)]) if names else panel

    failed = f"sum(increase(ai_api_exporter_internal_errors_total{{{US}}}[$__range]))"
    return [
        figure("Exporters", "Exporters that are scraped.", f"count(ai_api_exporter_build_info{{{US}}})"),
        figure("Checks", "Checks that are scheduled.", f"sum(ai_api_exporter_checks{{{US}}})"),
        figure("Under way", "Runs under way.", f"sum(ai_api_exporter_probes_in_flight{{{US}}})"),
        figure(
            "Network",
            "Down when the last run of every provider failed by a network reason. Absent where that cannot be told.",
            f"min(ai_api_exporter_network_up{{{US}}})",
            names=NETWORK_NAMES,
        ),
        figure(
            "Configuration",
            "Whether the last attempt to load it succeeded; if not, the one before is in use and the log says why.",
            f"min(ai_api_exporter_config_last_reload_successful{{{US}}})",
            names=RELOAD_NAMES,
        ),
        figure(
            "Stamps",
            "Where arrival times come from: the kernel, or the process, which adds its own delays.",
            f'min(ai_api_exporter_clock_source{{{US}, source="kernel"}})',
            names=STAMP_NAMES,
        ),
        figure(
            "Own errors",
            "Errors of the exporter itself in the time shown. Must be 0.",
            f"round({failed})",
            NONE_IS_GOOD,
        ),
        figure("Checks that are late", "Checks that have not run for three intervals.", _late(), NONE_IS_GOOD),
    ]


def schedule() -> list[AnyPanel]:
    """Lateness and skipped runs."""
    skipped = f"sum by (reason) (increase(ai_api_probes_skipped_total{{{US}}}[$window]))"
    reloaded = f"time() - ai_api_exporter_config_last_reload_success_timestamp_seconds{{{US}}}"
    return [
        _quantiles(
            "Schedule lag",
            "How late runs start. It is never part of a measured time. A rise means more checks than the process or "
            "its limits on runs under way can carry.",
            "ai_api_exporter_schedule_lag_seconds",
        ),
        graph(
            "Skipped runs",
            "Due runs left out in the window: budget (no money), traffic (real calls stand in), overlap (the run "
            "before was still going on), maintenance.",
            COUNT,
            Query(skipped, "{{reason}}"),
            stacked=True,
        ),
        listing(
            "Versions and reloads",
            "What runs where, and how long ago its configuration was last loaded.",
            (
                Column("Loaded ago", f"max by (instance) ({reloaded})", SECONDS, 0),
                Column("Runs", f"max by (instance, version, python) (ai_api_exporter_build_info{{{US}}})"),
            ),
            ("instance", False),
            size=(8, 8),
        ),
    ]


def loop() -> list[AnyPanel]:
    """Whether the instrument is quick enough not to be seen in its own figures."""
    size = f"max by (instance) (ai_api_exporter_scrape_bytes{{{US}}})"
    lost = f"sum by (instance) (increase(ai_api_exporter_store_lost_outcomes_total{{{US}}}[$window]))"
    failed = f"sum by (instance) (increase(ai_api_exporter_store_errors_total{{{US}}}[$window]))"
    return [
        _quantiles(
            "Event-loop lag",
            "How late the event loop wakes. Without kernel stamps it is added to what is measured.",
            "ai_api_exporter_event_loop_lag_seconds",
        ),
        _quantiles(
            "Time to answer a scrape",
            "From the request to the last byte sent, as the exporter sees it.",
            "ai_api_exporter_scrape_duration_seconds",
        ),
        graph("Size of a scrape", "Bytes of the last scrape, as sent.", "decbytes", Query(size, _NAME)),
        _quantiles(
            "Data read late",
            "How long data of an answer lay in the kernel before it was read. Stamps of the kernel do not feel it; "
            "stamps of the process would be wrong by it.",
            "ai_api_exporter_read_delay_seconds",
        ),
        _quantiles(
            "Waiting to connect",
            "How long requests wait for their turn to connect. It is never part of a measured time. A rise means that "
            "the process has more to do than its core can.",
            "ai_api_exporter_connect_wait_seconds",
        ),
        graph(
            "Trouble of the store",
            "Times the state directory could not be used, and outcomes that reports will never know of.",
            COUNT,
            Query(failed, f"{_NAME} errors"),
            Query(lost, f"{_NAME} lost"),
        ),
    ]


def process() -> list[AnyPanel]:
    """Make the panels of the machine's resources."""
    cpu = f"sum by (instance) (rate(process_cpu_seconds_total{{{US}}}[$window]) * on (job, instance) {_ours()})"
    memory = f"sum by (instance) (process_resident_memory_bytes{{{US}}} * on (job, instance) {_ours()})"
    logged = f"sum by (level) (increase(ai_api_exporter_log_messages_total{{{US}}}[$window]))"
    return [
        graph("CPU", "Cores in use.", COUNT, Query(cpu, _NAME)),
        graph("Memory", "Resident memory.", "bytes", Query(memory, _NAME)),
        graph(
            "Complaints in the log",
            "Log messages in the window, by level.",
            COUNT,
            Query(logged, "{{level}}"),
            stacked=True,
        ),
    ]


def _quantiles(title: str, text: str, histogram: str) -> AnyPanel:
    buckets = f"sum by (le, instance) (rate({histogram}_bucket{{{US}}}[$window]))"
    samples = f"sum by (instance) (increase({histogram}_count{{{US}}}[$window]))"
    panel = graph(
        title,
        text,
        SECONDS,
        Query(f"histogram_quantile(0.5, {buckets})", f"{_NAME} p50"),
        Query(f"histogram_quantile(0.99, {buckets})", f"{_NAME} p99"),
        Query(samples, f"{_NAME} samples"),
    )
    return runs_in_legend(panel, "samples")


def _late() -> str:
    last, interval = (f"ai_api_probe_{name}{{{US}}}" for name in ("last_run_timestamp_seconds", "interval_seconds"))
    return f"sum((time() - {last}) > bool (3 * {interval}))"


def _ours() -> str:
    return f"max by (job, instance) (ai_api_exporter_build_info{{{US}}})"
