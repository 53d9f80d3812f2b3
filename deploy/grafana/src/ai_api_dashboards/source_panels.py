"""The six panels that the first dashboard of this kind had, under their titles, with their formulas put right."""

from ai_api_dashboards.frame import model_link
from ai_api_dashboards.queries import (
    DURATION,
    ROUTE,
    at_most,
    availability,
    error_rate,
    mean,
    over_range,
    quantile,
    selected,
    state,
    total,
)
from ai_api_dashboards.states import AVAILABILITY, HEALTH_NAMES, STATE_NAMES
from ai_api_dashboards.style import (
    COUNT,
    MILLISECONDS,
    PERCENT,
    SECONDS,
    USD,
    AnyPanel,
    Column,
    Query,
    dashed,
    graph,
    listing,
    runs_in_legend,
)

_NAME = "{{provider}} / {{model}}"


def request_rate() -> AnyPanel:
    """Count runs, successful or not."""
    rate = f"60 * sum by ({ROUTE}) (rate({selected('ai_api_requests_total')}[$window]))"
    text = (
        "Runs per minute of the checks of each model, whatever came of them. It follows the configured interval: a "
        "drop means a schedule stretched by the budget, skipped runs, or an exporter in trouble."
    )
    rank = over_range(total("ai_api_requests_total", window="$__range"))
    return graph("Request Rate by Model", text, "reqpm", Query(at_most(rate, rank), _NAME))


def average_latency() -> AnyPanel:
    """Make the panel of the mean duration and the slow percentile."""
    text = (
        "Duration of successful runs, from the call to the end of the answer: the mean (solid) and the 95th percentile "
        "(dashed). The percentile looks over the quantile window, because runs are few; the legend tells how many. Of "
        "many models the slowest."
    )
    rank = over_range(mean(DURATION, window="$__range"))
    panel = graph(
        "Average Latency (ms)",
        text,
        MILLISECONDS,
        Query(at_most(f"1000 * {mean(DURATION)}", rank), f"{_NAME} mean"),
        Query(at_most(f"1000 * {quantile(0.95, DURATION, by=ROUTE)}", rank), f"{_NAME} p95"),
        Query(at_most(total(f"{DURATION}_count", window="$quantile_window"), rank), f"{_NAME} runs"),
    )
    return runs_in_legend(dashed(panel, "p95"))


def token_usage() -> AnyPanel:
    """Input and output are disjoint, so the stack is the total."""
    tokens = f"60 * sum by ({ROUTE}, token_type) (rate({selected('ai_api_tokens_total')}[$window]))"
    text = (
        "Tokens per minute that the checks used, by the vendors' own count; input and output add up to the total. A "
        "jump in output usually means that a model began to reason. Of many models those that use most."
    )
    rank = over_range(total("ai_api_tokens_total", window="$__range"))
    return graph("Token Usage", text, COUNT, Query(at_most(tokens, rank), f"{_NAME} {{{{token_type}}}}"), stacked=True)


def error_share() -> AnyPanel:
    """Divide one sum by another, by model."""
    text = (
        "Failed runs of all runs of each model, per cent. Every failure counts here, our own doing (keys, quota, rate "
        "limits) too: see the errors by fault below. Of many models the worst."
    )
    rank = over_range(error_rate(window="$__range"))
    panel = graph("Error Rate (%)", text, PERCENT, Query(at_most(f"100 * {error_rate()}", rank), _NAME))
    return panel.max(100)


def cost() -> AnyPanel:
    """Make the panel of what monitoring itself costs."""
    rate = f"3600 * sum by ({ROUTE}) (rate({selected('ai_api_cost_usd_total')}[$window]))"
    text = (
        "What the checks themselves cost, in US dollars per hour, at the prices known to the exporter; a model whose "
        "price is not known has no line. Of many models the dearest."
    )
    rank = over_range(total("ai_api_cost_usd_total", window="$__range"))
    return graph("Cost Estimation ($)", text, USD, Query(at_most(rate, rank), _NAME), stacked=True)


def health() -> AnyPanel:
    """Make a table, so that 200 models can be read: the worst first."""
    success = selected("ai_api_probe_last_success_timestamp_seconds")
    columns = (
        Column("Health", f"min by ({ROUTE}) ({_of_model('ai_api_model_health')})", names=HEALTH_NAMES),
        Column("Worst check", state(), names=STATE_NAMES),
        Column("Available", f"100 * {availability()}", PERCENT, 2, AVAILABILITY),
        Column("Last success", f"time() - max by ({ROUTE}) ({success} > 0)", SECONDS, 0),
    )
    text = (
        "Health of each model at each provider: down while a required check is down. A check that is not required, "
        "such as a canary, can be worse than that. Available: of the time shown, our own doing left out. Click a model."
    )
    return listing("Model Health Status", text, columns, ("Worst check", True), size=(8, 8), links=_to_model())


def _of_model(metric: str) -> str:
    return f'{metric}{{provider=~"$provider", model=~"$model", model!=""}}'


def _to_model() -> dict[str, list[dict[str, object]]]:
    return {"model": [model_link()]}
