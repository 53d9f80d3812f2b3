"""House style: what panels have in common. It knows no metric and no dashboard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import TypeAlias, TypeVar

from grafana_foundation_sdk.builders import bargauge, heatmap, prometheus, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common, dashboard
from grafana_foundation_sdk.models import heatmap as heatmap_models
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    DataTransformerConfig,
    DynamicConfigValue,
    FieldColorModeId,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMappingResult,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")

GREEN, YELLOW, ORANGE, RED, GREY, BLUE = "green", "#EAB839", "orange", "red", "#808080", "blue"
SECONDS, MILLISECONDS, PERCENT, USD, COUNT = "s", "ms", "percent", "currencyUSD", "short"

Steps = Sequence[tuple[float | None, str]]
"""Thresholds: from this value on (None: from the beginning) this colour."""

NEUTRAL: Steps = ((None, BLUE),)
NONE_IS_GOOD: Steps = ((None, GREEN), (1, RED))


@dataclass(frozen=True, slots=True)
class Query:
    """One expression of a panel. `instant`: only its value at the end of the time shown."""

    expr: str
    legend: str = ""
    instant: bool = False
    format: PromQueryFormat = PromQueryFormat.TIME_SERIES

    def target(self, ref: str) -> prometheus.Dataquery:
        """Make the query of a panel; `ref` names it within the panel."""
        target = prometheus.Dataquery().expr(self.expr).ref_id(ref).datasource(SOURCE).format(self.format)
        target = target.legend_format(self.legend or "__auto")
        return target.instant() if self.instant else target.range()


@dataclass(frozen=True, slots=True)
class Column:
    """One column of figures in a table."""

    name: str
    expr: str
    unit: str = COUNT
    decimals: int | None = None
    steps: Steps | None = None
    names: Mapping[int, tuple[str, str]] = field(default_factory=dict)


AnyPanel: TypeAlias = Builder[dashboard.Panel]
"""A panel of any kind, ready to be put on a dashboard."""

Panel = TypeVar("Panel", timeseries.Panel, stat.Panel, table.Panel, statetimeline.Panel, bargauge.Panel, heatmap.Panel)


def _dressed(
    panel: Panel, title: str, text: str, unit: str, queries: Sequence[Query], *, size: tuple[int, int]
) -> Panel:
    width, height = size
    panel.title(title).description(text).datasource(SOURCE).unit(unit).span(width).height(height)
    for ref, query in zip(ascii_uppercase, queries, strict=False):
        panel.with_target(query.target(ref))
    return panel


def thresholds(steps: Steps) -> builders.ThresholdsConfig:
    """Colours by value."""
    found = [Threshold(value=value, color=color) for value, color in steps]
    return builders.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(found)


def named(names: Mapping[int, tuple[str, str]]) -> ValueMap:
    """Words and colours for numbers: `{3: ("down", RED)}`."""
    rows = enumerate(names.items())
    return ValueMap(
        {str(number): ValueMappingResult(text=word, color=color, index=i) for i, (number, (word, color)) in rows}
    )


def _by_thresholds() -> builders.FieldColor:
    return builders.FieldColor().mode(FieldColorModeId.THRESHOLDS)


def _reduced(call: str = "lastNotNull") -> common_builders.ReduceDataOptions:
    return common_builders.ReduceDataOptions().calcs([call]).values(values=False)


def graph(
    title: str, text: str, unit: str, *queries: Query, size: tuple[int, int] = (8, 8), stacked: bool = False
) -> timeseries.Panel:
    """Lines over time, or stacked bars; the legend is a table that can be sorted, so that 200 lines can be read."""
    panel = _dressed(timeseries.Panel(), title, text, unit, queries, size=size)
    legend = common_builders.VizLegendOptions().display_mode(common.LegendDisplayMode.TABLE)
    legend.show_legend(show_legend=True).placement(common.LegendPlacement.BOTTOM)
    legend.calcs(["mean", "max", "lastNotNull"]).sort_by("Mean").sort_desc(sort_desc=True)
    tooltip = common_builders.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI)
    panel.legend(legend).tooltip(tooltip.sort(common.SortOrder.DESCENDING))
    panel.min(0).thresholds(thresholds(NEUTRAL)).span_nulls(span_nulls=False).line_width(1)
    panel.color_scheme(builders.FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC_BY_NAME))
    if stacked:
        mode = common_builders.StackingConfig().mode(common.StackingMode.NORMAL).group("A")
        panel.stacking(mode).fill_opacity(70).draw_style(common.GraphDrawStyle.BARS).line_width(0)
    else:
        panel.fill_opacity(0).draw_style(common.GraphDrawStyle.LINE).show_points(common.VisibilityMode.AUTO)
    return panel


def runs_beside(panel: timeseries.Panel, legend: str = "runs") -> timeseries.Panel:
    """Show the series of that name as pale bars on an axis of their own: how many runs a figure stands on."""
    return panel.override_by_regexp(
        f"/^{legend}/",
        [
            DynamicConfigValue("unit", "short"),
            DynamicConfigValue("custom.axisPlacement", "right"),
            DynamicConfigValue("custom.drawStyle", "bars"),
            DynamicConfigValue("custom.fillOpacity", 15),
            DynamicConfigValue("custom.lineWidth", 0),
            DynamicConfigValue("color", {"mode": "fixed", "fixedColor": GREY}),
        ],
    )


def runs_in_legend(panel: timeseries.Panel, legend: str = "runs") -> timeseries.Panel:
    """Show such series, one per model, in legend and tooltip only."""
    return panel.override_by_regexp(
        f"/{legend}$/",
        [
            DynamicConfigValue("unit", "short"),
            DynamicConfigValue("custom.hideFrom", {"viz": True, "legend": False, "tooltip": False}),
        ],
    )


def dashed(panel: timeseries.Panel, legend: str) -> timeseries.Panel:
    """Draws the series whose name ends so with dashes."""
    style = DynamicConfigValue("custom.lineStyle", {"fill": "dash", "dash": [6, 6]})
    return panel.override_by_regexp(f"/{legend}$/", [style])


def number(
    title: str, text: str, unit: str, query: Query, steps: Steps = NEUTRAL, *, size: tuple[int, int] = (3, 4)
) -> stat.Panel:
    """One figure, coloured by its thresholds."""
    panel = _dressed(stat.Panel(), title, text, unit, [query], size=size)
    panel.reduce_options(_reduced()).color_mode(common.BigValueColorMode.VALUE)
    panel.graph_mode(common.BigValueGraphMode.NONE if query.instant else common.BigValueGraphMode.AREA)
    panel.text_mode(common.BigValueTextMode.VALUE).thresholds(thresholds(steps)).color_scheme(_by_thresholds())
    return panel.no_value("none")


def bars(
    title: str, text: str, unit: str, query: Query, steps: Steps, *, size: tuple[int, int] = (8, 8)
) -> bargauge.Panel:
    """One bar per series, by value; long lists scroll."""
    panel = _dressed(bargauge.Panel(), title, text, unit, [query], size=size)
    panel.reduce_options(_reduced()).orientation(common.VizOrientation.HORIZONTAL).min(0)
    panel.display_mode(common.BarGaugeDisplayMode.BASIC).value_mode(common.BarGaugeValueMode.TEXT)
    return panel.thresholds(thresholds(steps)).color_scheme(_by_thresholds()).no_value("none")


def timeline(
    title: str,
    text: str,
    query: Query,
    names: Mapping[int, tuple[str, str]],
    size: tuple[int, int] = (24, 10),
) -> statetimeline.Panel:
    """One row per series, one colour per state, twenty rows a page."""
    panel = _dressed(statetimeline.Panel(), title, text, COUNT, [query], size=size)
    panel.mappings([named(names)]).thresholds(thresholds(((None, GREY),))).color_scheme(_by_thresholds())
    panel.merge_values(merge_values=True).show_value(common.VisibilityMode.NEVER).row_height(0.9).per_page(20)
    return panel.legend(
        common_builders.VizLegendOptions().show_legend(show_legend=True).placement(common.LegendPlacement.BOTTOM)
    )


def heat(title: str, text: str, unit: str, query: Query, size: tuple[int, int] = (12, 8)) -> heatmap.Panel:
    """Buckets of a histogram over time."""
    panel = _dressed(heatmap.Panel(), title, text, unit, [query], size=size)
    colors = heatmap.HeatmapColorOptions().mode(heatmap_models.HeatmapColorMode.SCHEME).scheme("Oranges").steps(64)
    axis = heatmap.YAxisConfig().unit(unit).axis_placement(common.AxisPlacement.LEFT)
    return panel.calculate(calculate=False).color(colors).y_axis(axis).show_legend()


def listing(
    title: str,
    text: str,
    columns: Sequence[Column],
    sort_by: tuple[str, bool],
    *,
    size: tuple[int, int] = (12, 9),
    links: Mapping[str, Sequence[Mapping[str, object]]] | None = None,
) -> table.Panel:
    """Make a table: one row per set of labels, one column per figure, sorted by (`name`, descending?)."""
    queries = [Query(each.expr, instant=True, format=PromQueryFormat.TABLE) for each in columns]
    panel = _dressed(table.Panel(), title, text, COUNT, queries, size=size)
    names = {f"Value #{ref}": each.name for ref, each in zip(ascii_uppercase, columns, strict=False)}
    if len(columns) == 1:
        names = {"Value": columns[0].name}
    panel.with_transformation(DataTransformerConfig(id_val="merge", options={}))
    tidy = {"excludeByName": {"Time": True}, "renameByName": names, "indexByName": {}}
    panel.with_transformation(DataTransformerConfig(id_val="organize", options=tidy))
    by, descending = sort_by
    panel.sort_by([common_builders.TableSortByFieldState().display_name(by).desc(descending)])
    panel.show_header(show_header=True).thresholds(thresholds(NEUTRAL)).filterable(filterable=True)
    for each in columns:
        panel.override_by_name(each.name, _column(each))
    for name, found in (links or {}).items():
        panel.override_by_name(name, [DynamicConfigValue("links", list(found))])
    return panel


def _column(column: Column) -> list[DynamicConfigValue]:
    found = [DynamicConfigValue("unit", column.unit)]
    if column.decimals is not None:
        found.append(DynamicConfigValue("decimals", column.decimals))
    if column.names:
        found.append(DynamicConfigValue("mappings", [named(column.names)]))
    if column.steps is not None:
        found.append(DynamicConfigValue("thresholds", thresholds(column.steps).build()))
    if column.names or column.steps is not None:
        found.append(DynamicConfigValue("custom.cellOptions", {"type": "color-text"}))
    return found
