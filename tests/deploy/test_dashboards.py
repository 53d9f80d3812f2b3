"""Dashboards as Grafana would take them at import, and what their readers were promised."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.models import units

from tests.deploy.shipped import DASHBOARDS, ROOT, dashboards, panels

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
ALL = [pytest.param(found, id=name) for name, found in dashboards().items()]
PANELS = [
    pytest.param(panel, id=f"{name}: {panel['title']}")
    for name, found in dashboards().items()
    for panel in panels(found)
]
KNOWN_UNITS = {value for name, value in vars(units).items() if isinstance(value, str) and not name.startswith("_")}
CURRENT_KINDS = {"row", "timeseries", "stat", "table", "state-timeline", "bargauge", "heatmap"}
OF_GRAFANA = {"__range", "__auto_interval_window", "__auto_interval_quantile_window", "__all"}

Json = Mapping[str, Any]


def test_they_are_what_the_program_writes(tmp_path: Path) -> None:
    """After a change: PYTHONPATH=deploy/grafana/src python -m ai_api_dashboards deploy/grafana/dashboards."""
    subprocess.run(
        [sys.executable, "-m", "ai_api_dashboards", tmp_path],
        env={"PYTHONPATH": str(ROOT / "deploy/grafana/src")},
        check=True,
    )
    written = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_text(encoding="utf-8") for path in DASHBOARDS.iterdir()}


def strings(node: Any) -> Iterator[str]:
    """Every string of a document."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        yield from (each for value in node.values() for each in strings(value))
    elif isinstance(node, list):
        yield from (each for value in node for each in strings(value))


@pytest.mark.parametrize("dashboard", ALL)
def test_the_frame(dashboard: Json) -> None:
    assert dashboard["schemaVersion"] == 41
    assert dashboard["id"] is None
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,40}", dashboard["uid"])
    assert dashboard["title"].startswith("AI API / ")
    assert dashboard["description"]
    assert dashboard["tags"] == ["ai-api-exporter"]


def test_uids_are_unique() -> None:
    uids = [found["uid"] for found in dashboards().values()]
    assert len(set(uids)) == len(uids) == 4


@pytest.mark.parametrize("dashboard", ALL)
def test_ids_are_unique(dashboard: Json) -> None:
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert sorted(set(ids)) == sorted(ids)
    assert min(ids) > 0


@pytest.mark.parametrize("dashboard", ALL)
def test_panels_lie_on_the_grid_and_not_on_each_other(dashboard: Json) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        assert place["x"] >= 0
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert cells, panel["title"]
        assert not cells & taken, panel["title"]
        taken |= cells


@pytest.mark.parametrize("dashboard", ALL)
def test_kinds_are_current_and_required(dashboard: Json) -> None:
    kinds = {panel["type"] for panel in dashboard["panels"]}
    assert kinds <= CURRENT_KINDS
    required = {(each["type"], each["id"]) for each in dashboard["__requires"]}
    assert required == {("grafana", "grafana"), ("datasource", "prometheus")} | {
        ("panel", kind) for kind in kinds - {"row"}
    }


@pytest.mark.parametrize("dashboard", ALL)
def test_the_import_asks_for_a_data_source_and_puts_it_into_the_variable(dashboard: Json) -> None:
    names = {each["name"] for each in dashboard["__inputs"]}
    assert names == {"DS_PROMETHEUS"}
    assert {each["pluginId"] for each in dashboard["__inputs"]} == {"prometheus"}
    asked = {name for text in strings(dashboard) for name in re.findall(r"\$\{(DS_\w+)\}", text)}
    assert asked == names
    variable = next(each for each in dashboard["templating"]["list"] if each["name"] == "datasource")
    assert variable["type"] == "datasource"
    assert variable["query"] == "prometheus"
    assert variable["current"]["value"] == "${DS_PROMETHEUS}"


@pytest.mark.parametrize("dashboard", ALL)
def test_every_data_source_is_the_variable(dashboard: Json) -> None:
    asking = [*panels(dashboard), *(target for panel in panels(dashboard) for target in panel["targets"])]
    asking += [each for each in dashboard["templating"]["list"] if each["type"] == "query"]
    assert [each for each in asking if each["datasource"] != SOURCE] == []


@pytest.mark.parametrize("dashboard", ALL)
def test_every_variable_that_is_used_exists(dashboard: Json) -> None:
    there = {each["name"] for each in dashboard["templating"]["list"]} | OF_GRAFANA
    asked = [target["expr"] for panel in panels(dashboard) for target in panel["targets"]]
    asked += [each["query"]["query"] for each in dashboard["templating"]["list"] if each["type"] == "query"]
    used = {name for text in asked for name in re.findall(r"\$\{?(\w+)", text)}
    assert used <= there
    idle = there - used - OF_GRAFANA - {"datasource"}
    assert idle == set()


@pytest.mark.parametrize("dashboard", ALL)
def test_dashboards_are_linked(dashboard: Json) -> None:
    [link] = dashboard["links"]
    assert link["type"] == "dashboards"
    assert link["tags"] == dashboard["tags"]
    assert link["keepTime"]
    assert link["includeVars"]
    uids = {found["uid"] for found in dashboards().values()}
    targets = {uid for text in strings(dashboard["panels"]) for uid in re.findall(r"^/d/([\w-]+)\?", text)}
    assert targets <= uids


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_says_what_it_shows(panel: Json) -> None:
    assert len(panel["description"]) > 10
    assert panel["description"].endswith(".")
    assert panel["title"]
    assert "repeat" not in panel


@pytest.mark.parametrize("panel", PANELS)
def test_units_are_known(panel: Json) -> None:
    found = [panel["fieldConfig"]["defaults"]["unit"], *_overridden(panel, "unit")]
    assert [unit for unit in found if unit not in KNOWN_UNITS] == []


def _overridden(panel: Json, what: str) -> list[Any]:
    overrides = panel["fieldConfig"].get("overrides", [])
    return [each["value"] for override in overrides for each in override["properties"] if each["id"] == what]


@pytest.mark.parametrize("panel", PANELS)
def test_thresholds_rise(panel: Json) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    found = [defaults["thresholds"]] if panel["type"] != "heatmap" else []
    for each in (*found, *_overridden(panel, "thresholds")):
        first, *rest = [step["value"] for step in each["steps"]]
        assert first is None
        assert all(low < high for low, high in pairwise(rest))


@pytest.mark.parametrize("panel", PANELS)
def test_queries_have_names_and_overrides_have_something_to_override(panel: Json) -> None:
    refs = [target["refId"] for target in panel["targets"]]
    assert refs
    assert len(set(refs)) == len(refs)
    columns = _columns(panel)
    for override in panel["fieldConfig"].get("overrides", []):
        name, kind = override["matcher"]["options"], override["matcher"]["id"]
        if kind == "byName":
            assert name in columns
        else:
            pattern = re.compile(name.strip("/"))
            assert any(pattern.search(target["legendFormat"]) for target in panel["targets"])


def _columns(panel: Json) -> set[str]:
    renamed = {
        new
        for each in panel.get("transformations", [])
        if each["id"] == "organize"
        for new in each["options"]["renameByName"].values()
    }
    labels = {
        name for target in panel["targets"] for name in re.findall(r"\b(provider|model|instance)\b", target["expr"])
    }
    return renamed | labels


@pytest.mark.parametrize("panel", PANELS)
def test_transformations_are_known(panel: Json) -> None:
    assert {each["id"] for each in panel.get("transformations", [])} <= {"merge", "organize"}


@pytest.mark.parametrize("panel", PANELS)
def test_a_table_renames_each_of_its_queries(panel: Json) -> None:
    """Or a column would be called `Value #C`."""
    if panel["type"] != "table":
        return
    refs = {target["refId"] for target in panel["targets"]}
    names = panel["transformations"][-1]["options"]["renameByName"]
    assert set(names) == ({f"Value #{ref}" for ref in refs} if len(refs) > 1 else {"Value"})
    assert len(set(names.values())) == len(names)
    assert all(target["instant"] and target["format"] == "table" for target in panel["targets"])


@pytest.mark.parametrize("panel", PANELS)
def test_quantiles_look_far_enough_and_tell_how_many_runs_they_stand_on(panel: Json) -> None:
    texts = [target["expr"] for target in panel["targets"]]
    of_runs = [text for text in texts if "histogram_quantile" in text and "ai_api_exporter_" not in text]
    for text in of_runs:
        assert set(re.findall(r"_bucket\{[^}]*\}\[([^]]+)\]", text)) <= {"$quantile_window", "$__range"}
    if any("histogram_quantile" in text for text in texts):
        assert any("_count{" in text and "histogram_quantile" not in text for text in texts)


def test_the_window_of_quantiles_is_half_an_hour_at_least() -> None:
    found = [
        variable
        for dashboard in dashboards().values()
        for variable in dashboard["templating"]["list"]
        if variable["name"] == "quantile_window"
    ]
    assert len(found) == 3
    assert {each["auto_min"] for each in found} == {"30m"}
    assert {each["current"]["value"] for each in found} == {"$__auto_interval_quantile_window"}


def test_the_overview_is_the_one_of_the_source() -> None:
    overview = dashboards()["overview"]
    assert overview["uid"] == "holysheep-monitor"
    assert overview["refresh"] == "10s"
    assert {panel["title"] for panel in panels(overview)} >= {
        "Request Rate by Model",
        "Average Latency (ms)",
        "Token Usage",
        "Error Rate (%)",
        "Cost Estimation ($)",
        "Model Health Status",
    }


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("overview", {"provider", "model", "probe"}),
        ("model", {"provider", "model", "probe"}),
        ("routes", {"alias", "probe"}),
        ("exporter", {"job", "instance"}),
    ],
)
def test_what_can_be_chosen(name: str, variables: set[str]) -> None:
    found = {each["name"] for each in dashboards()[name]["templating"]["list"] if each["type"] == "query"}
    assert found == variables


def test_provisioning_names_what_is_there() -> None:
    folder = ROOT / "deploy/grafana/provisioning"
    [provider] = yaml.safe_load((folder / "dashboards/ai-api-exporter.yml").read_text())["providers"]
    assert provider["type"] == "file"
    assert provider["options"]["path"].startswith("/var/lib/grafana/dashboards/")
    [source] = yaml.safe_load((folder / "datasources/prometheus.yml").read_text())["datasources"]
    assert source["type"] == SOURCE["type"]
    assert source["isDefault"]
