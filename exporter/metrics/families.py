"""Every metric this exporter has, in one table: a new one is one row here and the line of code that fills it.

The table is data. It does not know where the figures come from; the readers do not know how they are described.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial


class Kind(StrEnum):
    """What sort of metric a family is. `info` is written as a gauge in the text format, which has no such type."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    INFO = "info"


class Scope(StrEnum):
    """What one series of a family speaks of."""

    CHECK = "check"
    MODEL = "model"
    PROVIDER = "provider"
    EXPORTER = "exporter"

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that name it."""
        return _NAMED_BY[self]


_NAMED_BY = {
    Scope.CHECK: ("provider", "model", "probe"),
    Scope.MODEL: ("provider", "model"),
    Scope.PROVIDER: ("provider",),
    Scope.EXPORTER: (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One metric: its full name, what it is, whom it speaks of, its HELP text, labels beyond those of its scope."""

    name: str
    kind: Kind
    scope: Scope
    text: str
    labels: tuple[str, ...] = ()
    exemplars: bool = False

    @property
    def bare_name(self) -> str:
        """The name OpenMetrics announces it by: without the ending that its samples add."""
        ending = {Kind.COUNTER: "_total", Kind.INFO: "_info"}.get(self.kind, "")
        return self.name.removesuffix(ending)

    @property
    def all_labels(self) -> tuple[str, ...]:
        """The labels of each series, those of the scope first (user labels and `le` aside)."""
        return self.scope.labels + self.labels


def _row(kind: Kind, name: str, text: str, *labels: str, scope: Scope = Scope.CHECK, exemplars: bool = False) -> Family:
    return Family(name=name, kind=kind, scope=scope, text=text, labels=labels, exemplars=exemplars)


_counter = partial(_row, Kind.COUNTER)
_gauge = partial(_row, Kind.GAUGE)
_histogram = partial(_row, Kind.HISTOGRAM)
_info = partial(_row, Kind.INFO)
_SOME_RUNS = "so the count is not ai_api_requests_total."

FAMILIES: tuple[Family, ...] = (
    _counter("ai_api_requests_total", "Runs of the check, by status: success, error.", "status"),
    _histogram(
        "ai_api_request_duration_seconds",
        "Seconds from the call to the protocol's own end of the answer. Successful runs that no response cache "
        f"answered, {_SOME_RUNS}",
        exemplars=True,
    ),
    _counter(
        "ai_api_tokens_total",
        "Tokens by the vendor's own count, by token_type: input (cached ones too), output (reasoning too); "
        "the sum of both is the total.",
        "token_type",
    ),
    _counter("ai_api_errors_total", "Failed runs, by error type; see docs/metrics.md.", "error_type"),
    _gauge("ai_api_active_requests", "Runs under way."),
    _gauge(
        "ai_api_model_health",
        "0 if a required check of the model is down, 1 if none is; absent while one is unknown and none is down.",
        scope=Scope.MODEL,
    ),
    _gauge("ai_api_probe_success", "1 if the last run succeeded, else 0."),
    _info(
        "ai_api_probe_failure_info",
        "1 while the last run failed: why, and whose fault it is (network, us, gateway, provider, exporter).",
        "error_type",
        "fault",
    ),
    _gauge(
        "ai_api_probe_duration_seconds",
        "Seconds the last run took: to the protocol's own end of the answer, or to the failure.",
    ),
    _gauge(
        "ai_api_probe_time_to_first_token_seconds",
        "Seconds from the request fully written to the first output of the model (text, reasoning or a tool call) in "
        "the last run; absent if none came.",
    ),
    _gauge("ai_api_probe_http_status_code", "HTTP status of the last answer; absent if the last run got none."),
    _gauge("ai_api_probe_interval_seconds", "Seconds between the starts of two runs, as in effect now."),
    _gauge(
        "ai_api_probe_state",
        "Debounced health: 1 for the state the check is in (unknown, up, degraded, down), 0 for the others.",
        "state",
    ),
    _gauge(
        "ai_api_probe_phase_seconds",
        "Seconds the phases of the last run took (resolve, connect, tls, send, wait, first_token, generate, finish); "
        "they sum to its duration, and a phase that was not reached is absent.",
        "phase",
    ),
    _histogram(
        "ai_api_time_to_first_token_seconds",
        "Seconds from the request fully written to the first output of the model (text, reasoning or a tool call). "
        f"Successful runs that were neither cached nor starved, {_SOME_RUNS}",
        exemplars=True,
    ),
    _histogram(
        "ai_api_time_to_first_answer_token_seconds",
        "Seconds from the request fully written to the first output that is not reasoning. Successful runs that were "
        f"neither cached nor starved, {_SOME_RUNS}",
    ),
    _histogram(
        "ai_api_time_per_output_token_seconds",
        "(last output - first output) / (output tokens - 1) in seconds, with at least 2 output tokens by the vendor's "
        f"count. Successful runs that were not cached, starved or buffered, {_SOME_RUNS}",
    ),
    _gauge(
        "ai_api_stream_longest_gap_seconds",
        "Seconds of the longest pause between two outputs of the last run; absent if there were not two.",
    ),
    _gauge(
        "ai_api_probe_flag",
        "1 for what else was seen in the last run, else 0: starved (reasoning used up the cap), buffered (a stream "
        "that came all at once), cached (from a response cache), mismatched (another model answered), slow.",
        "flag",
    ),
    _gauge(
        "ai_api_output_tokens_per_second",
        "(output tokens - 1) / (last output - first output) of the last run, with at least 2 output tokens by the "
        "vendor's count; absent if starved, buffered or not told.",
    ),
    _gauge(
        "ai_api_model_load_seconds",
        "Seconds in which a self-hosted server loaded the model before the last answer (next to 0: it was in memory); "
        "absent if not told.",
    ),
    _counter(
        "ai_api_cached_input_tokens_total",
        "Input tokens that the vendor read from its prompt cache; part of token_type input.",
    ),
    _counter(
        "ai_api_reasoning_tokens_total", "Output tokens that the model spent on reasoning; part of token_type output."
    ),
    _counter(
        "ai_api_cost_usd_total",
        "US dollars that the answers cost, by the price of the time or as the vendor told; absent where nobody knows.",
    ),
    _gauge(
        "ai_api_price_usd_per_million_tokens",
        "US dollars per million tokens now, before any tier, by token_type: input, output, cached_input, cache_write; "
        "absent where it is not known.",
        "token_type",
        scope=Scope.MODEL,
    ),
    _gauge("ai_api_price_known", "1 if the price of the model is known, else 0.", scope=Scope.MODEL),
    _gauge("ai_api_maintenance", "1 while a maintenance window matches the check, else 0."),
    _counter(
        "ai_api_probes_skipped_total",
        "Due runs that were left out, by reason: budget, traffic, overlap, maintenance.",
        "reason",
    ),
    _gauge(
        "ai_api_ratelimit_limit",
        "Rate limit as the last answer told it, in units of the resource per window; absent if not told.",
        "resource",
        "window",
    ),
    _gauge(
        "ai_api_ratelimit_remaining",
        "What is left of the rate limit as the last answer told it; absent if not told.",
        "resource",
        "window",
    ),
    _gauge(
        "ai_api_ratelimit_remaining_ratio",
        "ai_api_ratelimit_remaining / ai_api_ratelimit_limit; absent if either was not told.",
        "resource",
        "window",
    ),
    _gauge(
        "ai_api_ratelimit_reset_timestamp_seconds",
        "Unix time at which the rate limit is whole again as the last answer told it; absent if not told.",
        "resource",
        "window",
    ),
    _info(
        "ai_api_served_model_info",
        "1 for the model that the last answer to name one said it came from, and where a gateway says whom it asked, "
        "for that upstream; `other` after 8 names in an hour.",
        "served_model",
        "upstream",
    ),
    _gauge(
        "ai_api_served_model_match",
        "1 if the last answer came from the model asked for (a dated snapshot of it counts), 0 if from another; "
        "absent if it did not say.",
    ),
    _counter(
        "ai_api_served_model_changes_total",
        "Answers from a model that was not among the last 8 seen; the first one seen is none.",
    ),
    _gauge(
        "ai_api_canary_correct",
        "1 if the last run answered a question of known answer rightly, 0 if wrongly; absent if it gave no verdict.",
    ),
    _gauge("ai_api_probe_last_run_timestamp_seconds", "Unix time at which the last run ended."),
    _gauge(
        "ai_api_probe_last_success_timestamp_seconds",
        "Unix time at which the last successful run ended; 0 if there was none.",
    ),
    _info(
        "ai_api_check_info",
        "1 for each configured check; user labels stand here.",
        "alias",
        "dialect",
        "kind",
        "required",
    ),
    _gauge(
        "ai_api_model_listed",
        "1 if the provider's last list of models names this configured model, 0 if not; absent before the first list.",
        scope=Scope.MODEL,
    ),
    _gauge(
        "ai_api_model_retirement_timestamp_seconds",
        "Unix time at which the model retires, by the provider's last list of models or the model's last answer; "
        "absent if neither says.",
        scope=Scope.MODEL,
    ),
    _gauge(
        "ai_api_provider_status",
        "What the vendor's public status page says: 1 for its indicator (none, maintenance, minor, major, critical), 0 "
        "for the others; absent where no page is read or the last reading failed. Never part of health.",
        "indicator",
        scope=Scope.PROVIDER,
    ),
    _gauge("ai_api_provider_models", "Models in the provider's last list of models.", scope=Scope.PROVIDER),
    _gauge(
        "ai_api_tls_certificate_expiry_timestamp_seconds",
        "Unix time at which the first to expire of the certificates seen last by the provider's checks expires.",
        scope=Scope.PROVIDER,
    ),
    _info(
        "ai_api_error_fault_info",
        "1 for each error type and the fault it has unless the answer itself shows another.",
        "error_type",
        "fault",
        scope=Scope.EXPORTER,
    ),
    _gauge(
        "ai_api_budget_usd",
        "US dollars that probing may cost in the period that runs now, by scope (all, or a provider).",
        "scope",
        "period",
        scope=Scope.EXPORTER,
    ),
    _gauge(
        "ai_api_budget_spent_usd",
        "US dollars charged to the budget in the period that runs now, what is reserved for runs under way included.",
        "scope",
        "period",
        scope=Scope.EXPORTER,
    ),
    _counter(
        "ai_api_exporter_store_errors_total",
        "Times the store could not be used and was set aside; memory keeps the state until the next start.",
        scope=Scope.EXPORTER,
    ),
    _info("ai_api_exporter_build_info", "1; what is running.", "version", "python", scope=Scope.EXPORTER),
    _gauge(
        "ai_api_exporter_config_last_reload_successful",
        "1 if the last attempt to load the configuration succeeded, 0 if the one before is still in use.",
        scope=Scope.EXPORTER,
    ),
    _gauge(
        "ai_api_exporter_config_last_reload_success_timestamp_seconds",
        "Unix time at which the configuration was last loaded successfully.",
        scope=Scope.EXPORTER,
    ),
    _gauge(
        "ai_api_exporter_network_up",
        "Is it us: 0 if the latest runs of all providers failed by the network at the same time, or no address of "
        "network_check takes a connection, else 1; absent with fewer than 3 hosts and no network_check.",
        scope=Scope.EXPORTER,
    ),
    _gauge("ai_api_exporter_checks", "Checks that are scheduled.", scope=Scope.EXPORTER),
    _gauge("ai_api_exporter_probes_in_flight", "Runs under way, of all checks.", scope=Scope.EXPORTER),
    _histogram(
        "ai_api_exporter_schedule_lag_seconds",
        "Seconds from when a run was due to when it started; never part of a probe's own times.",
        scope=Scope.EXPORTER,
    ),
    _histogram(
        "ai_api_exporter_event_loop_lag_seconds",
        "Seconds by which the event loop woke late, sampled: what our own work may add to user-space stamps.",
        scope=Scope.EXPORTER,
    ),
    _histogram(
        "ai_api_exporter_scrape_duration_seconds",
        "Seconds it took to answer a scrape, sending included; the scrape in progress is not in it.",
        scope=Scope.EXPORTER,
    ),
    _gauge("ai_api_exporter_scrape_bytes", "Bytes of the last scrape, as sent.", scope=Scope.EXPORTER),
    _gauge(
        "ai_api_exporter_clock_source",
        "1 for where the arrival stamps come from: kernel (receive stamps) or user (when the process read the bytes).",
        "source",
        scope=Scope.EXPORTER,
    ),
    _counter(
        "ai_api_exporter_internal_errors_total",
        "Errors of the exporter itself; the log says where. Must stay 0.",
        scope=Scope.EXPORTER,
    ),
    _counter(
        "ai_api_exporter_log_messages_total", "Log messages by level: warning, error.", "level", scope=Scope.EXPORTER
    ),
)


def of(*scopes: Scope) -> tuple[Family, ...]:
    """The families that speak of these, in the order of the table."""
    return tuple(family for family in FAMILIES if family.scope in scopes)
