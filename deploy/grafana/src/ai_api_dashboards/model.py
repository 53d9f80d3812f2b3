"""Model detail: one model at one provider, everything that is known of it."""

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from ai_api_dashboards import frame, states
from ai_api_dashboards.queries import (
    CHECK,
    DURATION,
    FIRST_TOKEN,
    availability,
    error_rate,
    mean,
    quantile,
    selected,
    state,
    total,
)
from ai_api_dashboards.states import AVAILABILITY, ERRORS, STATE_NAMES
from ai_api_dashboards.style import (
    BLUE,
    COUNT,
    GREEN,
    PERCENT,
    RED,
    SECONDS,
    USD,
    AnyPanel,
    Column,
    Query,
    graph,
    heat,
    listing,
    number,
    runs_beside,
    timeline,
)


def model() -> builders.Dashboard:
    """Make the dashboard."""
    variables = [
        frame.source(),
        frame.labels_of("provider", "Provider", "ai_api_check_info", many=False),
        frame.labels_of("model", "Model", 'ai_api_check_info{provider=~"$provider"}', many=False),
        frame.labels_of("probe", "Probe", 'ai_api_check_info{provider=~"$provider", model=~"$model"}'),
        frame.rate_window(),
        frame.quantile_window(),
    ]
    page = frame.page(
        "model", "AI API / Model detail", "One model at one provider, and why it is how it is.", variables
    )
    rows = {
        "Now": now(),
        "Where the time goes": time(),
        "First token": first_token(),
        "What failed": failures(),
        "Who answered, and what is left": answers(),
    }
    return frame.filled(page, rows)


def now() -> list[AnyPanel]:
    """Make the figures of the first line and the states of the checks."""

    def figure(title: str, text: str, unit: str, expr: str, *steps: tuple[float | None, str]) -> AnyPanel:
        return number(title, text, unit, Query(expr, instant=True), steps or ((None, BLUE),))

    last = _checks("ai_api_probe_last_run_timestamp_seconds")
    good = _checks("ai_api_probe_last_success_timestamp_seconds")
    price = 'ai_api_price_usd_per_million_tokens{provider=~"$provider", model=~"$model"}'
    return [
        figure(
            "Available", "Of the time shown; our own doing left out.", PERCENT, f"100 * {availability()}", *AVAILABILITY
        ),
        figure("Runs that failed", "Of all runs in the time shown.", PERCENT, _failed(), *ERRORS),
        figure("Last run", "How long ago a check last ran.", SECONDS, f"time() - max({last})"),
        figure("Last success", "How long ago a check last succeeded.", SECONDS, f"time() - (max({good}) > 0)"),
        figure("First token", "Mean of the window.", SECONDS, mean(FIRST_TOKEN, by=""), *states.FIRST_TOKEN),
        figure("Duration", "Mean of the window, successful runs.", SECONDS, mean(DURATION, by="")),
        figure("Cost", "Of its checks, in the time shown.", USD, _range("ai_api_cost_usd_total")),
        figure("Dearest price", "US dollars per million tokens, input or output.", USD, f"max({price})"),
        timeline(
            "State of its checks",
            "Debounced state of each check over time.",
            Query(state(by="probe"), "{{probe}}"),
            STATE_NAMES,
            size=(24, 5),
        ),
    ]


def time() -> list[AnyPanel]:
    """Phases and durations."""
    phases = f"avg by (phase) ({_checks('ai_api_probe_phase_seconds')})"
    lines = [Query(quantile(share, DURATION), name) for share, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))]
    runs = Query(total(f"{DURATION}_count", by="", window="$quantile_window"), "runs")
    return [
        graph(
            "Phases of the last run",
            "Where the last run spent its time; the phases add up to its duration. resolve to send are ours and the "
            "network's, wait is the vendor's, first_token and generate are the model's. A reused connection has the "
            "first three at zero.",
            SECONDS,
            Query(phases, "{{phase}}"),
            size=(12, 8),
            stacked=True,
        ),
        runs_beside(
            graph(
                "Duration of successful runs",
                "Quantiles over the quantile window; the pale bars are the runs they stand on.",
                SECONDS,
                *lines,
                runs,
                size=(12, 8),
            )
        ),
    ]


def first_token() -> list[AnyPanel]:
    """First tokens as a heatmap, and the speed after them."""
    answer = "ai_api_time_to_first_answer_token_seconds"
    pace = "ai_api_time_per_output_token_seconds"
    lines = [
        Query(quantile(0.5, FIRST_TOKEN), "first token p50"),
        Query(quantile(0.95, FIRST_TOKEN), "first token p95"),
        Query(quantile(0.5, answer), "first answer token p50"),
        Query(quantile(0.95, answer), "first answer token p95"),
        Query(total(f"{FIRST_TOKEN}_count", by="", window="$quantile_window"), "runs"),
    ]
    buckets = Query(total(f"{FIRST_TOKEN}_bucket", by="le"), "{{le}}", format=PromQueryFormat.HEATMAP)
    gap = f"max by (probe) ({_checks('ai_api_stream_longest_gap_seconds')})"
    return [
        heat(
            "Time to first token",
            "How many runs had their first token how late, per window. Two bands are two kinds of answer: a fallback, "
            "a cold start, another model.",
            SECONDS,
            buckets,
            size=(8, 8),
        ),
        runs_beside(
            graph(
                "First token and first answer token",
                "Reasoning counts as a first token, and not as an answer: the gap between the two is thinking. "
                "Quantiles over the quantile window; the pale bars are the runs they stand on.",
                SECONDS,
                *lines,
            )
        ),
        graph(
            "Pace of the answer",
            "Mean seconds per output token after the first, and the longest pause of the last run. Not for starved or "
            "buffered runs, and only where the vendor counts at least two tokens.",
            SECONDS,
            Query(mean(pace, by="probe"), "{{probe}} per token"),
            Query(gap, "{{probe}} longest pause"),
        ),
    ]


def failures() -> list[AnyPanel]:
    """Make the panels of the errors in the time range."""
    last = f"timestamp({_checks('ai_api_probe_failure_info')})"
    status = f"max by (probe) ({_checks('ai_api_probe_http_status_code')})"
    seen = f"1000 * max by (probe, error_type, fault) (max_over_time(({last})[$__range:1m]))"
    counted = total("ai_api_errors_total", by="probe, error_type", window="$__range", matchers=CHECK)
    return [
        graph(
            "Errors by type",
            "Failed runs in the window, by error type.",
            COUNT,
            Query(f"{total('ai_api_errors_total', by='error_type', matchers=CHECK)} > 0", "{{error_type}}"),
            stacked=True,
        ),
        listing(
            "Error log",
            "Failed runs in the time shown, by check and type. The text of the last error stands on the exporter's own "
            "page.",
            (Column("Failed runs", f"round({counted}) > 0", COUNT, 0),),
            ("Failed runs", True),
            size=(5, 8),
        ),
        listing(
            "Last failure",
            "When each kind of failure was last the outcome of a check, to the minute, and whose fault it was then.",
            (Column("Last seen", seen, "dateTimeAsIso"),),
            ("Last seen", True),
            size=(6, 8),
        ),
        graph(
            "HTTP status of the last answer",
            "A failed run can have status 200: an error in the stream, or a stream without its end.",
            "none",
            Query(status, "{{probe}}"),
            size=(5, 8),
        ),
    ]


def answers() -> list[AnyPanel]:
    """Which model answered, flags, tokens, rate limits."""
    who = f"max by (served_model) ({_checks('ai_api_served_model_info')})"
    flags = f"max by (flag) ({_checks('ai_api_probe_flag')})"
    left = f"100 * min by (resource, window) ({_checks('ai_api_ratelimit_remaining_ratio')})"
    tokens = total("ai_api_tokens_total", by="token_type", matchers=CHECK)
    return [
        timeline(
            "Model that answered",
            "The name that the answers themselves give. A second row is a change of model or snapshot.",
            Query(who, "{{served_model}}"),
            {1: ("answers", GREEN)},
            size=(12, 6),
        ),
        timeline(
            "Flags of the last run",
            "starved: reasoning used up the cap. buffered: a stream that came all at once. cached: from a response "
            "cache. mismatched: another model answered. slow: over the configured limit.",
            Query(flags, "{{flag}}"),
            {0: ("no", GREEN), 1: ("yes", RED)},
            size=(12, 6),
        ),
        graph(
            "Changes of the model that answers",
            "Answers from a model not among the last eight seen.",
            COUNT,
            Query(total("ai_api_served_model_changes_total", by="probe", matchers=CHECK), "{{probe}}"),
            stacked=True,
        ),
        graph(
            "Tokens by type",
            "Tokens of the checks in the window; cached input and reasoning are parts of input and output.",
            COUNT,
            Query(tokens, "{{token_type}}"),
            Query(total("ai_api_reasoning_tokens_total", by="", matchers=CHECK), "of it reasoning"),
            Query(total("ai_api_cached_input_tokens_total", by="", matchers=CHECK), "of it cached input"),
        ),
        graph(
            "Rate limit left (%)",
            "What is left as the last answers told it; absent where they did not.",
            PERCENT,
            Query(left, "{{resource}} per {{window}}"),
        ).max(100),
    ]


def _checks(metric: str) -> str:
    return selected(metric, matchers=CHECK)


def _failed() -> str:
    return f"100 * {error_rate(by='', window='$__range')}"


def _range(metric: str) -> str:
    return total(metric, by="", window="$__range", matchers=CHECK)
