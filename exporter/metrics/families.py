"""Every metric this exporter has, in one table: a new one is one row here and the line of code that fills it.

The table is data. It does not know where the figures come from; the readers do not know how they are described.
"""

from exporter.metrics.family import Family, Kind, Scope, counter, gauge, histogram, info

__all__ = ["FAMILIES", "Family", "Kind", "Scope", "families_of"]

_SOME_RUNS = "so the count is not ai_api_requests_total."

FAMILIES: tuple[Family, ...] = (
    counter("ai_api_requests_total", "Runs of the check, by status: success, error.", "status"),
    histogram(
        "ai_api_request_duration_seconds",
        "Seconds from the call to the protocol's own end of the answer. Successful runs that no response cache "
        f"answered, {_SOME_RUNS}",
        exemplars=True,
    ),
    counter(
        "ai_api_tokens_total",
        "Tokens by the vendor's own count, by token_type: input (cached ones too), output (reasoning too); "
        "the sum of both is the total.",
        "token_type",
    ),
    counter("ai_api_errors_total", "Failed runs, by error type; see docs/metrics.md.", "error_type"),
    gauge("ai_api_active_requests", "Runs under way."),
    gauge(
        "ai_api_model_health",
        "0 if a required check of the model is down, 1 if none is; absent while one is unknown and none is down.",
        scope=Scope.MODEL,
    ),
    gauge("ai_api_probe_success", "1 if the last run succeeded, else 0."),
    info(
        "ai_api_probe_failure_info",
        "1 while the last run failed: why, and whose fault it is (network, us, gateway, provider, exporter).",
        "error_type",
        "fault",
    ),
    gauge(
        "ai_api_probe_duration_seconds",
        "Seconds the last run took: to the protocol's own end of the answer, or to the failure.",
    ),
    gauge(
        "ai_api_probe_time_to_first_token_seconds",
        "Seconds from the request fully written to the first output of the model (text, reasoning or a tool call) in "
        "the last run; absent if none came.",
    ),
    gauge("ai_api_probe_http_status_code", "HTTP status of the last answer; absent if the last run got none."),
    gauge("ai_api_probe_interval_seconds", "Seconds between the starts of two runs, as in effect now."),
    gauge(
        "ai_api_probe_state",
        "Debounced health: 1 for the state the check is in (unknown, up, degraded, down), 0 for the others.",
        "state",
    ),
    gauge(
        "ai_api_probe_phase_seconds",
        "Seconds the phases of the last run took (resolve, connect, tls, send, wait, first_token, generate, finish); "
        "they sum to its duration, and a phase that was not reached is absent.",
        "phase",
    ),
    histogram(
        "ai_api_time_to_first_token_seconds",
        "Seconds from the request fully written to the first output of the model (text, reasoning or a tool call). "
        f"Successful runs that were neither cached nor starved, {_SOME_RUNS}",
        exemplars=True,
    ),
    histogram(
        "ai_api_time_to_first_answer_token_seconds",
        "Seconds from the request fully written to the first output that is not reasoning. Successful runs that were "
        f"neither cached nor starved, {_SOME_RUNS}",
    ),
    histogram(
        "ai_api_time_per_output_token_seconds",
        "(last output - first output) / (output tokens - 1) in seconds, with at least 2 output tokens by the vendor's "
        f"count. Successful runs that were not cached, starved or buffered, {_SOME_RUNS}",
    ),
    gauge(
        "ai_api_stream_longest_gap_seconds",
        "Seconds of the longest pause between two outputs of the last run; absent if there were not two.",
    ),
    gauge(
        "ai_api_probe_flag",
        "1 for what else was seen in the last run, else 0: starved (reasoning used up the cap), buffered (a stream "
        "that came all at once), cached (from a response cache), mismatched (another model answered), slow.",
        "flag",
    ),
    gauge(
        "ai_api_output_tokens_per_second",
        "(output tokens - 1) / (last output - first output) of the last run, with at least 2 output tokens by the "
        "vendor's count; absent if starved, buffered or not told.",
    ),
    gauge(
        "ai_api_model_load_seconds",
        "Seconds in which a self-hosted server loaded the model before the last answer (next to 0: it was in memory); "
        "absent if not told.",
    ),
    counter(
        "ai_api_cached_input_tokens_total",
        "Input tokens that the vendor read from its prompt cache; part of token_type input.",
    ),
    counter(
        "ai_api_reasoning_tokens_total", "Output tokens that the model spent on reasoning; part of token_type output."
    ),
    counter(
        "ai_api_cost_usd_total",
        "US dollars that the answers cost, by the price at that time or as reported by the vendor; absent if unknown.",
    ),
    gauge(
        "ai_api_price_usd_per_million_tokens",
        "US dollars per million tokens now, before any tier, by token_type: input, output, cached_input, cache_write; "
        "absent where it is not known.",
        "token_type",
        scope=Scope.MODEL,
    ),
    gauge("ai_api_price_known", "1 if the price of the model is known, else 0.", scope=Scope.MODEL),
    gauge("ai_api_maintenance", "1 while a maintenance window matches the check, else 0."),
    counter(
        "ai_api_probes_skipped_total",
        "Due runs that were left out, by reason: budget, traffic, overlap, maintenance.",
        "reason",
    ),
    gauge(
        "ai_api_ratelimit_limit",
        "Rate limit as the last answer told it, in units of the resource per window; absent if not told.",
        "resource",
        "window",
    ),
    gauge(
        "ai_api_ratelimit_remaining",
        "What is left of the rate limit as the last answer told it; absent if not told.",
        "resource",
        "window",
    ),
    gauge(
        "ai_api_ratelimit_remaining_ratio",
        "ai_api_ratelimit_remaining / ai_api_ratelimit_limit; absent if either was not told.",
        "resource",
        "window",
    ),
    gauge(
        "ai_api_ratelimit_reset_timestamp_seconds",
        "Unix time at which the rate limit is whole again as the last answer told it; absent if not told.",
        "resource",
        "window",
    ),
    info(
        "ai_api_served_model_info",
        "1 for the model that the last answer to name one said it came from, and where a gateway says whom it asked, "
        "for that upstream; `other` after 8 names in an hour.",
        "served_model",
        "upstream",
    ),
    gauge(
        "ai_api_served_model_match",
        "1 if the last answer came from the model asked for (a dated snapshot of it counts), 0 if from another; "
        "absent if it did not say.",
    ),
    counter(
        "ai_api_served_model_changes_total",
        "Answers from a model that was not among the last 8 seen; the first one seen is none.",
    ),
    gauge(
        "ai_api_canary_correct",
        "1 if the last run answered a question of known answer rightly, 0 if wrongly; absent if it gave no verdict.",
    ),
    gauge("ai_api_probe_last_run_timestamp_seconds", "Unix time at which the last run ended."),
    gauge(
        "ai_api_probe_last_success_timestamp_seconds",
        "Unix time at which the last successful run ended; 0 if there was none.",
    ),
    info(
        "ai_api_check_info",
        "1 for each configured check; user labels stand here.",
        "alias",
        "dialect",
        "kind",
        "required",
    ),
    gauge(
        "ai_api_model_listed",
        "1 if the provider's last list of models names this configured model, 0 if not; absent without a list.",
        scope=Scope.MODEL,
    ),
    gauge(
        "ai_api_model_retirement_timestamp_seconds",
        "Unix time at which the model retires, by the provider's last list of models or the model's last answer; "
        "absent if neither says.",
        scope=Scope.MODEL,
    ),
    gauge(
        "ai_api_provider_status",
        "What the vendor's public status page says: 1 for its indicator (none, maintenance, minor, major, critical), 0 "
        "for the others; absent where no page is read or the last reading failed. Never part of health.",
        "indicator",
        scope=Scope.PROVIDER,
    ),
    gauge("ai_api_provider_models", "Models in the provider's last list of models.", scope=Scope.PROVIDER),
    gauge(
        "ai_api_tls_certificate_expiry_timestamp_seconds",
        "Unix time at which the first to expire of the certificates seen last by the provider's checks expires.",
        scope=Scope.PROVIDER,
    ),
    info(
        "ai_api_error_fault_info",
        "1 for each error type and the fault it has unless the answer itself shows another.",
        "error_type",
        "fault",
        scope=Scope.EXPORTER,
    ),
    gauge(
        "ai_api_budget_usd",
        "US dollars that probing may cost in the period that runs now, by scope (all, or a provider).",
        "scope",
        "period",
        scope=Scope.EXPORTER,
    ),
    gauge(
        "ai_api_budget_spent_usd",
        "US dollars charged to the budget in the period that runs now, what is reserved for runs under way included.",
        "scope",
        "period",
        scope=Scope.EXPORTER,
    ),
    counter(
        "ai_api_exporter_store_errors_total",
        "Times the store could not be used: a damaged file is set aside and a new one begun; where the disk is full or "
        "read-only, memory keeps the state until the file can be written again.",
        scope=Scope.EXPORTER,
    ),
    counter(
        "ai_api_exporter_store_lost_outcomes_total",
        "Outcomes that the report will never know of: memory had no room for them while the store could not be used.",
        scope=Scope.EXPORTER,
    ),
    info("ai_api_exporter_build_info", "1; what is running.", "version", "python", scope=Scope.EXPORTER),
    gauge(
        "ai_api_exporter_config_last_reload_successful",
        "1 if the last attempt to load the configuration succeeded, 0 if the one before is still in use.",
        scope=Scope.EXPORTER,
    ),
    gauge(
        "ai_api_exporter_config_last_reload_success_timestamp_seconds",
        "Unix time at which the configuration was last loaded successfully.",
        scope=Scope.EXPORTER,
    ),
    gauge(
        "ai_api_exporter_network_up",
        "Is it us: 0 if the latest runs of all providers failed by the network at the same time, or no address of "
        "network_check takes a connection, else 1; absent with fewer than 3 hosts and no network_check.",
        scope=Scope.EXPORTER,
    ),
    gauge("ai_api_exporter_checks", "Checks that are scheduled.", scope=Scope.EXPORTER),
    gauge("ai_api_exporter_probes_in_flight", "Runs under way, of all checks.", scope=Scope.EXPORTER),
    histogram(
        "ai_api_exporter_schedule_lag_seconds",
        "Seconds from when a run was due to when it started; never part of a probe's own times.",
        scope=Scope.EXPORTER,
    ),
    histogram(
        "ai_api_exporter_connect_wait_seconds",
        "Seconds a request waited for its turn to connect (48 at once); never part of a probe's own times.",
        scope=Scope.EXPORTER,
    ),
    histogram(
        "ai_api_exporter_read_delay_seconds",
        "Longest that data of an answer lay in the kernel before it was read: the error of stamps made by reading.",
        scope=Scope.EXPORTER,
    ),
    histogram(
        "ai_api_exporter_event_loop_lag_seconds",
        "Seconds by which the event loop woke late, sampled: what our own work may add to user-space stamps.",
        scope=Scope.EXPORTER,
    ),
    histogram(
        "ai_api_exporter_scrape_duration_seconds",
        "Seconds it took to answer a scrape, sending included; the scrape in progress is not in it.",
        scope=Scope.EXPORTER,
    ),
    gauge("ai_api_exporter_scrape_bytes", "Bytes of the last scrape, as sent.", scope=Scope.EXPORTER),
    gauge(
        "ai_api_exporter_clock_source",
        "1 for where the arrival stamps come from: kernel (receive stamps) or user (when the process read the bytes).",
        "source",
        scope=Scope.EXPORTER,
    ),
    counter(
        "ai_api_exporter_internal_errors_total",
        "Errors of the exporter itself; the log says where. Must stay 0.",
        scope=Scope.EXPORTER,
    ),
    counter(
        "ai_api_exporter_log_messages_total", "Log messages by level: warning, error.", "level", scope=Scope.EXPORTER
    ),
)


def families_of(*scopes: Scope) -> tuple[Family, ...]:
    """Return the families of these scopes, in the order of the table."""
    return tuple(family for family in FAMILIES if family.scope in scopes)
