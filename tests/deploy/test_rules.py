"""Rules are accepted, say whom they are for, and are tried: each alert fires when it should, and only then."""

import re
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from tests.deploy.shipped import ROOT, RULES, alerts, rules
from tests.parts.programs import program

CASES = ROOT / "tests/deploy/alerts"
RUNBOOKS = ROOT / "docs/runbooks"
DOCUMENT = ROOT / "docs/alerts.md"
ADDRESS = "https://example.org/ai-api-exporter/docs/runbooks/"
SEVERITIES = {"critical", "warning", "info"}
FAULTS = {"provider", "gateway", "network", "us", "exporter"}

NAMES = sorted({rule["alert"] for rule in alerts()})
ALERTS = [pytest.param(rule, id=f"{rule['alert']} {rule['labels'].get('window', '')}".strip()) for rule in alerts()]

PROMISED = {
    "AvailabilityBudgetBurn",
    "BudgetNearlySpent",
    "CanaryWrong",
    "CertificateExpiringSoon",
    "ConfigReloadFailed",
    "CredentialsRejected",
    "ErrorRateHigh",
    "ExporterDown",
    "ExporterInternalErrors",
    "ExporterNetworkDown",
    "FirstTokenBudgetBurn",
    "FirstTokenRegression",
    "GatewayDown",
    "LatencyRegression",
    "ModelDown",
    "ModelNotFound",
    "ModelRetirementSoon",
    "ProbeStale",
    "ProviderDown",
    "QuotaExhausted",
    "RateLimitHeadroomLow",
    "RateLimited",
    "ServedModelChanged",
    "ServedModelMismatch",
    "StreamInterruptions",
}


def promtool(*words: str | Path) -> None:
    found = subprocess.run([program("promtool"), *words], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_no_alert_is_lost() -> None:
    assert set(NAMES) == PROMISED


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in RULES])
def test_promtool_accepts_them(path: Path) -> None:
    promtool("check", "rules", path)


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in sorted(CASES.glob("*.yml"))])
def test_cases(path: Path) -> None:
    promtool("test", "rules", path)


@pytest.mark.parametrize("rule", ALERTS)
def test_an_alert_says_whom_it_is_for(rule: dict[str, Any]) -> None:
    told = rule["labels"]
    assert told["severity"] in SEVERITIES
    if "fault" in told:
        assert told["fault"] in FAULTS
    else:
        assert "group_left (fault)" in rule["expr"]
    notes = rule["annotations"]
    assert set(notes) == {"summary", "description", "runbook_url"}
    assert notes["runbook_url"] == f"{ADDRESS}{rule['alert']}.md"


@pytest.mark.parametrize("name", NAMES)
def test_a_runbook_says_what_to_do(name: str) -> None:
    text = (RUNBOOKS / f"{name}.md").read_text()
    assert text.startswith(f"# {name}\n")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["What it means", "Is it us?", "What to do"]
    assert all(len(part.strip()) > 30 for part in re.split(r"^## .*$", text, flags=re.MULTILINE)[1:])


def test_there_is_no_page_without_its_alert() -> None:
    assert sorted(path.stem for path in RUNBOOKS.glob("*.md")) == NAMES


def test_names_of_recorded_series_tell_their_labels() -> None:
    """level:metric:operation, the level being the labels that are left."""
    for rule in rules():
        if "record" in rule and rule["record"] != "holysheep_model_health":
            level, metric, _ = rule["record"].split(":")
            assert set(level.split("_")) <= {"alias", "provider", "model", "probe"}
            assert metric.startswith("ai_api_")


def groups(name: str) -> Iterator[tuple[timedelta, dict[str, Any]]]:
    """The groups of cases of an alert, each with how often it is evaluated."""
    for path in (CASES / f"{name}.yml", *CASES.glob(f"{name}-*.yml")):
        document = yaml.safe_load(path.read_text())
        for group in document["tests"]:
            yield promql_parser.parse_duration(document["evaluation_interval"]), group


def looks(group: dict[str, Any], name: str) -> list[tuple[timedelta, list[Any]]]:
    """When a group looks at an alert, and what it expects to see."""
    return [
        (promql_parser.parse_duration(each["eval_time"]), each.get("exp_alerts") or [])
        for each in group.get("alert_rule_test", [])
        if each["alertname"] == name
    ]


@pytest.mark.parametrize("rule", ALERTS)
def test_an_alert_is_seen_to_fire_at_its_minute(rule: dict[str, Any]) -> None:
    """Silent at one evaluation, firing at the next, for each window that it has."""
    found = []
    for every, group in groups(rule["alert"]):
        seen = looks(group, rule["alert"])
        for (before, nothing), (at, expected) in pairwise(seen):
            meant = [each for each in expected if rule["labels"].items() <= each["exp_labels"].items()]
            if not nothing and meant and at - before <= every:
                found.append(group["name"])
    assert found
    assert all(name.startswith("fires") for name in found)


@pytest.mark.parametrize("name", NAMES)
def test_an_alert_is_seen_not_to_fire(name: str) -> None:
    quiet = [group for _, group in groups(name) if group["name"].startswith("does not fire")]
    assert quiet
    for group in quiet:
        assert len(looks(group, name)) > 1
        assert [expected for _, expected in looks(group, name) if expected] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_trouble_of_one_is_not_anothers(name: str) -> None:
    """Where an alert fires, there is somebody of whom it must not speak."""
    firing = [group for _, group in groups(name) if group["name"].startswith("fires")]
    asked = [each["series"] for group in firing for each in group["input_series"]]
    named = {label for each in asked for label in re.findall(r'(?:provider|model|instance|scope)="([^"]*)"', each)}
    spoken = {
        str(each["exp_labels"].get(label))
        for group in firing
        for _, expected in looks(group, name)
        for each in expected
        for label in ("provider", "model", "instance", "scope")
    }
    assert named - spoken


def test_the_table_of_alerts_is_true() -> None:
    rows = re.findall(r"^\| \[(\w+)\]\(runbooks/\w+\.md\) \| ([^|]+) \| ([^|]+) \|", DOCUMENT.read_text(), re.MULTILINE)
    told = {(name, severity, fault) for name, severity, fault in rows}
    assert told == {
        (
            name,
            ", ".join(sorted({rule["labels"]["severity"] for rule in alerts() if rule["alert"] == name})),
            next(rule["labels"].get("fault", "by its failures") for rule in alerts() if rule["alert"] == name),
        )
        for name in NAMES
    }
