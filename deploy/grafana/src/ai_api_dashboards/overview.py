"""The overview: what is up, what is slow, what fails and whose fault it is, what it costs, what is left."""

from grafana_foundation_sdk.builders import dashboard as builders

from ai_api_dashboards import frame, source_panels, states
from ai_api_dashboards.queries import (
    CHECK,
    DURATION,
    FIRST_TOKEN,
    ROUTE,
    availability,
    error_rate,
    quantile,
    selected,
    state,
    total,
)
from ai_api_dashboards.states import AVAILABILITY, ERRORS, HEADROOM, SPENT, STATE_NAMES
from ai_api_dashboards.style import (
    COUNT,
    GREEN,
    NONE_IS_GOOD,
    PERCENT,
    RED,
    SECONDS,
    USD,
    YELLOW,
    AnyPanel,
    Column,
    Query,
    bars,
    graph,
    listing,
    number,
    runs_beside,
    timeline,
)

HEALTH = f'min by ({ROUTE}) (ai_api_model_health{{provider=~"$provider", model=~"$model", model!=""}})'


def overview() -> builders.Dashboard:
    """Make the dashboard under the uid of its first version, with the same refresh."""
    variables = [
        frame.source(),
        frame.labels_of("provider", "Provider", "ai_api_check_info"),
        frame.labels_of("model", "Model", 'ai_api_check_info{provider=~"$provider"}'),
        frame.labels_of("probe", "Probe", 'ai_api_check_info{provider=~"$provider", model=~"$model"}'),
        frame.most(),
        frame.rate_window(),
        frame.quantile_window(),
    ]
    text = "Every model at every provider: health, latency, errors and whose fault they are, tokens, cost, limits."
    page = frame.page("overview", "AI API / Overview", text, variables, refresh="10s")
    rows = {
        "Now": now(),
        "Models": models(),
        "Latency": latency(),
        "Errors": errors(),
        "Limits and money": limits(),
    }
    return frame.filled(page, rows)


def now() -> list[AnyPanel]:
    """Make the figures of the first line."""

    def figure(title: str, text: str, unit: str, expr: str, *steps: tuple[float | None, str]) -> AnyPanel:
        return number(title, text, unit, Query(expr, instant=True), steps)

    failed = total("ai_api_requests_total", 'status="error"', by="", window="$__range", matchers=CHECK)
    ran = total("ai_api_requests_total", by="", window="$__range", matchers=CHECK)
    cost = total("ai_api_cost_usd_total", by="", window="$__range", matchers=CHECK)
    network = "Whether the exporter reaches anybody at all. Absent where it cannot tell."
    return [
        figure("Up", "Models whose required checks are not down.", COUNT, f"sum({HEALTH})", (None, GREEN)),
        figure("Down", "Models with a required check that is down.", COUNT, f"sum({HEALTH} == bool 0)", *NONE_IS_GOOD),
        figure(
            "Degraded",
            "Models with a check that is degraded: rate-limited, slow, or with wrong answers.",
            COUNT,
            f"sum({state()} == bool 2)",
            (None, GREEN),
            (1, YELLOW),
        ),
        figure(
            "Available",
            "Mean over the models of the share of the time shown in which they were available; our own doing left out.",
            PERCENT,
            f"100 * avg({availability()})",
            *AVAILABILITY,
        ),
        figure("Runs that failed", "Of all runs in the time shown.", PERCENT, f"100 * {failed} / ({ran} > 0)", *ERRORS),
        figure("Runs", "Runs in the time shown.", COUNT, ran, (None, GREEN)),
        figure("Cost", "What the checks cost in the time shown, as far as prices are known.", USD, cost, (None, GREEN)),
        figure("Network", network, COUNT, "min(ai_api_exporter_network_up)", (None, RED), (1, GREEN)),
    ]


def models() -> list[AnyPanel]:
    """State over time, and the six panels of the first dashboard."""
    text = (
        "Worst state among the checks of each model, over time. Twenty models a page. Nothing is drawn before the "
        "first run, and unknown when a check has not run for three of its intervals."
    )
    return [
        timeline("State of every model", text, Query(state(), "{{provider}} / {{model}}"), STATE_NAMES),
        source_panels.request_rate(),
        source_panels.average_latency(),
        source_panels.token_usage(),
        source_panels.error_share(),
        source_panels.cost(),
        source_panels.health(),
    ]


def latency() -> list[AnyPanel]:
    """Quantiles of all that is selected, the same per model, and availability."""
    return [
        _quantiles("Duration of successful runs", "From the call to the protocol's own end of the answer.", DURATION),
        _quantiles(
            "Time to first token",
            "From the request fully written to the first output; reasoning counts. Without starved and cached runs.",
            FIRST_TOKEN,
        ),
        _by_model(),
    ]


def _quantiles(title: str, text: str, histogram: str) -> AnyPanel:
    shares = ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))
    lines = [Query(quantile(share, histogram), name) for share, name in shares]
    runs = Query(total(f"{histogram}_count", by="", window="$quantile_window"), "runs")
    whole = f"{text} All that is selected taken together. The pale bars are the runs that the quantiles stand on."
    return runs_beside(graph(title, whole, SECONDS, *lines, runs, size=(12, 8)))


def _by_model() -> AnyPanel:
    def column(share: float, histogram: str) -> str:
        return quantile(share, histogram, by=ROUTE, window="$__range")

    columns = (
        Column("Available", f"100 * {availability()}", PERCENT, 2, AVAILABILITY),
        Column("Runs", total(f"{DURATION}_count", window="$__range"), COUNT, 0),
        Column("Duration p50", column(0.5, DURATION), SECONDS, 2),
        Column("p95", column(0.95, DURATION), SECONDS, 2),
        Column("p99", column(0.99, DURATION), SECONDS, 2),
        Column("First token p50", column(0.5, FIRST_TOKEN), SECONDS, 2, states.FIRST_TOKEN),
        Column("First token p95", column(0.95, FIRST_TOKEN), SECONDS, 2, states.FIRST_TOKEN),
        Column("First token p99", column(0.99, FIRST_TOKEN), SECONDS, 2, states.FIRST_TOKEN),
        Column("Failed", f"100 * {error_rate(window='$__range')}", PERCENT, 1, ERRORS),
    )
    text = (
        "Availability and latency of each model over the time shown; Runs is the number of successful runs behind the "
        "quantiles: with fewer than a hundred, p99 is little more than the slowest. Click a model."
    )
    return listing(
        "Availability and latency by model",
        text,
        columns,
        ("Available", False),
        size=(24, 9),
        links={"model": [frame.model_link()]},
    )


def errors() -> list[AnyPanel]:
    """Make the panels of what fails, and whose fault it is."""
    by_type = total("ai_api_errors_total", by="error_type", matchers=CHECK)
    faults = "max by (error_type, fault) (ai_api_error_fault_info)"
    by_fault = f"sum by (fault) ({by_type} * on (error_type) group_left (fault) {faults})"
    worst = total("ai_api_errors_total", by=f"{ROUTE}, error_type", window="$__range", matchers=CHECK)
    return [
        graph(
            "Errors by type",
            "Failed runs in the window, by error type. What each means and what to do: the documentation of errors.",
            COUNT,
            Query(f"{by_type} > 0", "{{error_type}}"),
            stacked=True,
        ),
        graph(
            "Errors by fault",
            "The same by whose fault it usually is: provider, gateway, network, us (keys, quota, rate limits, model "
            "names) or the exporter itself.",
            COUNT,
            Query(f"{by_fault} > 0", "{{fault}}"),
            stacked=True,
        ),
        listing(
            "Errors by model and type",
            "Failed runs in the time shown, the most frequent first. An empty model is the provider's list of models.",
            (Column("Failed runs", f"round({worst}) > 0", COUNT, 0),),
            ("Failed runs", True),
            size=(8, 8),
            links={"model": [frame.model_link()]},
        ),
    ]


def limits() -> list[AnyPanel]:
    """Make the panels of what is left of rate limits and budgets."""
    left = f"min by (provider, resource, window) ({selected('ai_api_ratelimit_remaining_ratio', matchers=CHECK)})"
    spent = "max by (scope, period) (ai_api_budget_spent_usd / ai_api_budget_usd)"
    retires = 'min by (provider, model) (ai_api_model_retirement_timestamp_seconds{provider=~"$provider"})'
    return [
        bars(
            "Rate limit left (%)",
            "Least of what the models of a provider have left, as the last answers told it. Providers that do not tell "
            "are not here.",
            PERCENT,
            Query(f"sort(100 * {left})", "{{provider}} {{resource}} per {{window}}", instant=True),
            HEADROOM,
            size=(6, 8),
        ).max(100),
        bars(
            "Budget spent (%)",
            "Of each budget for monitoring. Paid checks are stretched as it runs down and stop when it is gone.",
            PERCENT,
            Query(f"100 * {spent}", "{{scope}} per {{period}}", instant=True),
            SPENT,
            size=(6, 8),
        ).max(100),
        listing(
            "Vendors' status pages",
            "What the vendors say of themselves. It is no part of health: these pages are often late.",
            (
                Column(
                    "Since shown",
                    'max by (provider, indicator) (ai_api_provider_status{provider=~"$provider"} == 1)',
                ),
            ),
            ("provider", False),
            size=(6, 8),
        ),
        listing(
            "Models that retire",
            "Models for which the provider's list of models tells a date, the nearest first.",
            (Column("In", f"{retires} - time()", SECONDS, 0, ((None, RED), (2592000, YELLOW), (7776000, GREEN))),),
            ("In", False),
            size=(6, 8),
        ),
    ]
