"""What surrounds the panels of every dashboard: variables, links, what an import asks for."""

from collections.abc import Mapping, Sequence

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    DataSourceRef,
    VariableModel,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from ai_api_dashboards.style import SOURCE, AnyPanel

TAG = "ai-api-exporter"

INPUTS = [
    {
        "name": "DS_PROMETHEUS",
        "label": "Prometheus",
        "description": "The Prometheus that scrapes the AI API exporter",
        "type": "datasource",
        "pluginId": "prometheus",
        "pluginName": "Prometheus",
    }
]
"""What Grafana asks for at import; the answer becomes the value of the variable `datasource`."""

UIDS = {
    "overview": "holysheep-monitor",
    "model": "ai-api-model",
    "routes": "ai-api-routes",
    "exporter": "ai-api-exporter",
}


def model_link(provider: str = "${__data.fields.provider}", model: str = "${__data.fields.model}") -> dict[str, object]:
    """Make a link from a row of a table to the dashboard of that row."""
    address = f"/d/{UIDS['model']}?var-provider={provider}&var-model={model}&${{__url_time_range}}"
    return {"title": "Model detail", "url": f"{address}&${{datasource:queryparam}}", "targetBlank": False}


def source() -> builders.DatasourceVariable:
    """Which Prometheus."""
    chosen = VariableOption(text="Prometheus", value="${DS_PROMETHEUS}", selected=True)
    return (
        builders.DatasourceVariable("datasource")
        .label("Data source")
        .type("prometheus")
        .current(chosen)
        .multi(multi=False)
        .include_all(include_all=False)
    )


def labels_of(
    name: str, label: str, selector: str, *, many: bool = True, of: str = "", text: str = ""
) -> builders.QueryVariable:
    """Make the variable with the values of a label (`of`, by default its own name) on the series of a selector."""
    query: dict[str, object] = {
        "qryType": 1,
        "query": f"label_values({selector}, {of or name})",
        "refId": f"Variable-{name}",
    }
    variable = (
        builders.QueryVariable(name)
        .label(label)
        .description(text)
        .datasource(DataSourceRef(type_val=SOURCE.type_val, uid=SOURCE.uid))
        .query(query)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_CASE_INSENSITIVE_ASC)
        .multi(many)
        .include_all(many)
    )
    if not many:
        return variable
    # One matcher for everything, not a list of 200 names in each query.
    return variable.all_value(".*").current(VariableOption(text=["All"], value=["$__all"], selected=True))


def window(name: str, label: str, shortest: str, choices: str, text: str) -> builders.IntervalVariable:
    """Make a window that grows with the time range: a thirtieth of it, never under `shortest`."""
    auto = VariableOption(text="auto", value=f"$__auto_interval_{name}", selected=True)
    others = [VariableOption(text=each, value=each, selected=False) for each in choices.split(",")]
    return (
        builders.IntervalVariable(name)
        .label(label)
        .description(text)
        .values(choices)
        .auto(auto=True)
        .step_count(30)
        .min_interval(shortest)
        .current(auto)
        .options([auto, *others])
    )


def rate_window() -> builders.IntervalVariable:
    """Make the window of rates and means."""
    return window("window", "Window", "5m", "5m,15m,30m,1h,6h,1d", "Over how long runs, errors and tokens are counted.")


def quantile_window() -> builders.IntervalVariable:
    """Make the window of quantiles: half an hour holds 30 runs at the default interval."""
    text = "Over how long quantiles look. A quantile of few runs says little: see the runs beside it."
    return window("quantile_window", "Quantile window", "30m", "30m,1h,3h,6h,1d", text)


def most() -> builders.CustomVariable:
    """How many series a busy panel shows."""
    choices = [VariableOption(text=each, value=each, selected=each == "20") for each in ("5", "10", "20", "50", "200")]
    return (
        builders.CustomVariable("top")
        .label("Models shown")
        .description("Panels with a line per model show those that stand out most, up to this many.")
        .values("5,10,20,50,200")
        .options(choices)
        .current(VariableOption(text="20", value="20", selected=True))
        .multi(multi=False)
        .include_all(include_all=False)
    )


def page(
    key: str,
    title: str,
    text: str,
    variables: Sequence[Builder[VariableModel]],
    *,
    refresh: str = "1m",
    since: str = "now-6h",
) -> builders.Dashboard:
    """Make an empty dashboard with its variables."""
    others = (
        builders.DashboardLink("AI API dashboards")
        .type(DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .as_dropdown(as_dropdown=True)
        .include_vars(include_vars=True)
        .keep_time(keep_time=True)
        .icon("external link")
    )
    made = (
        builders.Dashboard(title)
        .uid(UIDS[key])
        .description(text)
        .tags([TAG])
        .editable()
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .refresh(refresh)
        .time(since, "now")
        .timezone("browser")
        .link(others)
    )
    for variable in variables:
        made.with_variable(variable)
    return made


def filled(page: builders.Dashboard, rows: Mapping[str, Sequence[AnyPanel]]) -> builders.Dashboard:
    """Put the panels under the titles of their rows, from left to right."""
    for title, panels in rows.items():
        page.with_row(builders.Row(title))
        for panel in panels:
            page.with_panel(panel)
    return page
