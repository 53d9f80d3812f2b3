"""What is shipped under deploy/, as data: dashboards, rules, and every expression in them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DASHBOARDS = ROOT / "deploy/grafana/dashboards"
RULES = (ROOT / "deploy/prometheus/rules/recording.yml", ROOT / "deploy/prometheus/rules/alerts.yml")

AS_GRAFANA_FILLS_THEM = {
    "$__range": "6h",
    "$window": "12m",
    "$quantile_window": "30m",
    "$top": "20",
    "$provider": ".*",
    "$model": ".*",
    "$probe": ".*",
    "$alias": ".*",
    "$job": ".*",
    "$instance": ".*",
}
"""The variables of the dashboards, for a range of six hours with everything selected."""

_VARIABLE = re.compile(r"\$(?:\w+|\{[^}]*\})")
_LABEL_VALUES = re.compile(r"label_values\((?P<selector>.+), *(?P<label>\w+)\)")


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression by its place. `alert` and `record` are names of rules, None elsewhere."""

    place: str
    text: str
    alert: str | None = None
    record: str | None = None


def filled(text: str, values: Mapping[str, str] = AS_GRAFANA_FILLS_THEM) -> str:
    """An expression of a dashboard with its variables filled in; KeyError for one that is not known."""
    return _VARIABLE.sub(lambda found: values[found[0]], text)


def dashboards() -> dict[str, Any]:
    """Every dashboard by the name of its file."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(DASHBOARDS.glob("*.json"))}


def panels(dashboard: Mapping[str, Any]) -> Iterator[Any]:
    """The panels that show something: no rows."""
    yield from (panel for panel in dashboard["panels"] if panel["type"] != "row")


def of_dashboards(values: Mapping[str, str] = AS_GRAFANA_FILLS_THEM) -> Iterator[Expression]:
    """Every expression of every panel and variable."""
    for name, dashboard in dashboards().items():
        for panel in panels(dashboard):
            for target in panel["targets"]:
                yield Expression(f"{name}: {panel['title']} {target['refId']}", filled(target["expr"], values))
        for variable in dashboard["templating"]["list"]:
            if variable["type"] == "query":
                found = _LABEL_VALUES.fullmatch(variable["query"]["query"])
                assert found, variable["query"]
                text = f"count by ({found['label']}) ({filled(found['selector'], values)})"
                yield Expression(f"{name}: variable {variable['name']}", text)


def rules() -> list[dict[str, Any]]:
    """Every rule, in the order of the files."""
    groups = (group for path in RULES for group in yaml.safe_load(path.read_text())["groups"])
    return [rule for group in groups for rule in group["rules"]]


def alerts() -> list[dict[str, Any]]:
    """The rules that are alerts."""
    return [rule for rule in rules() if "alert" in rule]


def of_rules() -> Iterator[Expression]:
    """Every expression of every rule."""
    for rule in rules():
        name = rule.get("record") or rule["alert"]
        place = f"{name} {rule.get('labels', {}).get('window', '')}".strip()
        yield Expression(place, rule["expr"], rule.get("alert"), rule.get("record"))
