"""Route comparison: one model through several providers, side by side."""

from grafana_foundation_sdk.builders import dashboard as builders

from ai_api_dashboards import frame, states
from ai_api_dashboards.queries import (
    DURATION,
    FIRST_TOKEN,
    ROUTE,
    availability,
    error_rate,
    mean,
    quantile,
    ratio,
    total,
)
from ai_api_dashboards.states import AVAILABILITY, ERRORS
from ai_api_dashboards.style import (
    COUNT,
    PERCENT,
    SECONDS,
    USD,
    AnyPanel,
    Column,
    Query,
    graph,
    listing,
    runs_in_legend,
)

ALL = 'model!="", probe=~"$probe"'
_NAME = "{{provider}} / {{model}}"


def routes() -> builders.Dashboard:
    """Make the dashboard."""
    variables = [
        frame.source(),
        frame.labels_of(
            "alias",
            "Model",
            'ai_api_check_info{alias!=""}',
            many=False,
            text="Routes to the same model share an alias; without one it is the model's own name.",
        ),
        frame.labels_of("probe", "Probe", 'ai_api_check_info{alias=~"$alias"}'),
        frame.rate_window(),
        frame.quantile_window(),
    ]
    page = frame.page(
        "routes",
        "AI API / Route comparison",
        "One model through several providers: the vendor, gateways, clouds. All figures are of the same question.",
        variables,
        since="now-24h",
    )
    return frame.filled(page, {"Side by side": side_by_side(), "Over time": over_time()})


def of_alias(expression: str) -> str:
    """Only the routes that lead to the chosen model."""
    return f'({expression}) and on ({ROUTE}) ai_api_check_info{{alias=~"$alias"}}'


def side_by_side() -> list[AnyPanel]:
    """One row per route."""

    def column(share: float, histogram: str) -> str:
        return of_alias(quantile(share, histogram, by=ROUTE, window="$__range", matchers=ALL))

    columns = (
        Column("Available", of_alias(f"100 * {availability(ALL)}"), PERCENT, 2, AVAILABILITY),
        Column("Runs", of_alias(total(f"{DURATION}_count", window="$__range", matchers=ALL)), COUNT, 0),
        Column("Failed", of_alias(f"100 * {error_rate(window='$__range', matchers=ALL)}"), PERCENT, 2, ERRORS),
        Column("Duration p50", column(0.5, DURATION), SECONDS, 2),
        Column("Duration p95", column(0.95, DURATION), SECONDS, 2),
        Column("First token p50", column(0.5, FIRST_TOKEN), SECONDS, 2, states.FIRST_TOKEN),
        Column("First token p95", column(0.95, FIRST_TOKEN), SECONDS, 2, states.FIRST_TOKEN),
        Column("Cost per 1,000 requests", of_alias(_cost_per_thousand("$__range")), USD, 4),
    )
    text = (
        "Every route to the chosen model over the time shown. Look at Runs (successful ones) first: with fewer than a "
        "hundred on a side, a difference of a tenth is noise. Cost is that of our own short question, so compare it "
        "between routes only."
    )
    links = {"model": [frame.model_link()]}
    return [listing("Routes", text, columns, ("Duration p50", False), size=(24, 8), links=links)]


def over_time() -> list[AnyPanel]:
    """Make the panels of the same figures over time."""

    def line(title: str, text: str, unit: str, expr: str) -> AnyPanel:
        return graph(title, text, unit, Query(of_alias(expr), _NAME))

    return [
        _quantile("Duration p50", 0.5, DURATION),
        _quantile("Duration p95", 0.95, DURATION),
        _quantile("First token p95", 0.95, FIRST_TOKEN),
        line("First token, mean", "Over the window.", SECONDS, mean(FIRST_TOKEN, matchers=ALL)),
        line("Failed runs (%)", "Of all runs in the window.", PERCENT, f"100 * {error_rate(matchers=ALL)}"),
        line(
            "Cost per 1,000 requests", "Of our own short question, in the window.", USD, _cost_per_thousand("$window")
        ),
    ]


def _quantile(title: str, share: float, histogram: str) -> AnyPanel:
    runs = total(f"{histogram}_count", window="$quantile_window", matchers=ALL)
    panel = graph(
        title,
        "Over the quantile window, successful runs; the legend tells how many.",
        SECONDS,
        Query(of_alias(quantile(share, histogram, by=ROUTE, matchers=ALL)), _NAME),
        Query(of_alias(runs), f"{_NAME} runs"),
    )
    return runs_in_legend(panel)


def _cost_per_thousand(window: str) -> str:
    spent = total("ai_api_cost_usd_total", window=window, matchers=ALL)
    return f"1000 * {ratio(spent, total('ai_api_requests_total', window=window, matchers=ALL))}"
