"""PromQL that several panels share. Only metrics of the exporter are asked, so that no rule file is needed.

`$window` and `$quantile_window` grow with the time range shown (see frame.py): runs are few, and a window with three
runs in it says little. Counts are of runs, one a minute by default.
"""

CHECK = 'provider=~"$provider", model=~"$model", probe=~"$probe"'
"""What the variables select, the lists of models (model "") included."""

MODEL = f'{CHECK}, model!=""'
"""The same without the lists of models."""

ROUTE = "provider, model"

DURATION = "ai_api_request_duration_seconds"
FIRST_TOKEN = "ai_api_time_to_first_token_seconds"


def selected(metric: str, *more: str, matchers: str = MODEL) -> str:
    """Select a metric with the variables of the dashboard."""
    return f"{metric}{{{', '.join((matchers, *more))}}}"


def increase(metric: str, *more: str, window: str = "$window", matchers: str = MODEL) -> str:
    """How much a counter grew in the window."""
    return f"increase({selected(metric, *more, matchers=matchers)}[{window}])"


def total(metric: str, *more: str, by: str = ROUTE, window: str = "$window", matchers: str = MODEL) -> str:
    """Sum the selected metric."""
    return f"sum by ({by}) ({increase(metric, *more, window=window, matchers=matchers)})"


def mean(histogram: str, by: str = ROUTE, window: str = "$window", matchers: str = MODEL) -> str:
    """Mean of a histogram's samples: a sum over a sum, never a mean of means."""
    part = {end: total(f"{histogram}_{end}", by=by, window=window, matchers=matchers) for end in ("sum", "count")}
    return f"{part['sum']} / ({part['count']} > 0)"


def quantile(
    share: float, histogram: str, by: str = "", window: str = "$quantile_window", matchers: str = MODEL
) -> str:
    """Estimate a quantile from the buckets, over a window wide enough to hold some runs."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, {total(f'{histogram}_bucket', by=labels, window=window, matchers=matchers)})"


def ratio(part: str, whole: str) -> str:
    """Divide one sum by another; absent if nothing was counted."""
    return f"{part} / ({whole} > 0)"


def error_rate(by: str = ROUTE, window: str = "$window", matchers: str = MODEL) -> str:
    """Failed runs over all runs."""
    failed = total("ai_api_requests_total", 'status="error"', by=by, window=window, matchers=matchers)
    return ratio(failed, total("ai_api_requests_total", by=by, window=window, matchers=matchers))


def at_most(expression: str, rank: str) -> str:
    """Select the `$top` routes over the whole time range, the same ones at every point of it."""
    return f"({expression}) and on ({ROUTE}) topk($top, {rank})"


def over_range(expression: str) -> str:
    """Evaluate an expression over `[$__range]` at the end of the time range, to rank by it."""
    return expression.replace("[$__range]", "[$__range] @ end()")


def available(matchers: str = MODEL) -> str:
    """1 or 0 per route, averaged over exporters: the formula of the recording rules (docs/alerts.md)."""
    return (
        f"avg by ({ROUTE}) (min without (probe) ("
        f"ai_api_probe_success{{{matchers}}}"
        ' and on (provider, model, probe) ai_api_check_info{required="true"}'
        ' unless on (job, instance, provider, model, probe) ai_api_probe_failure_info{fault=~"us|exporter"} == 1'
        " unless on (job, instance) ai_api_exporter_network_up == 0"
        " unless on (provider, model) ai_api_maintenance == 1))"
    )


def availability(matchers: str = MODEL) -> str:
    """Return the share of the time range in which it was available; one sample a minute."""
    return f"avg_over_time(({available(matchers)})[$__range:1m])"


def state(by: str = ROUTE, matchers: str = MODEL) -> str:
    """Health as a number: 0 unknown, 1 up, 2 degraded, 3 down; the worst where several checks meet."""
    one = {name: selected("ai_api_probe_state", f'state="{name}"', matchers=matchers) for name in STATES[1:]}
    terms = " + ignoring (state) ".join(f"{number} * {one[name]}" for number, name in enumerate(STATES) if number)
    return f"max by ({by}) ({terms})"


STATES = ("unknown", "up", "degraded", "down")
"""The states in the order of the numbers that `state` gives them."""
