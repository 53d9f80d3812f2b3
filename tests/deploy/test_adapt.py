"""The rewriter changes times and addresses, and nothing else."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.shipped import ROOT, RULES
from tests.parts.programs import program

ADAPT = ROOT / "deploy/prometheus/adapt.py"
ALERTMANAGER = ROOT / "deploy/alertmanager/alertmanager.yml"
PROMETHEUS = ROOT / "deploy/prometheus/prometheus.yml"


def adapted(folder: Path, *words: str | Path) -> Path:
    """Run the program as a user does; the folder it wrote to."""
    subprocess.run([sys.executable, ADAPT, "--into", folder, *words], check=True)
    return folder


@pytest.mark.parametrize(
    ("written", "faster"),
    [
        pytest.param("rate(a[5m])", "rate(a[25000ms])", id="range"),
        pytest.param(
            "sum_over_time(a[7d:1h] offset 1h)", "sum_over_time(a[50400000ms:300000ms] offset 300000ms)", id="sub"
        ),
        pytest.param("a offset -1h30m", "a offset -450000ms", id="negative offset of two units"),
        pytest.param("time() - a < 30 * 86400", "time() - a < 30 * 86400", id="dates stay"),
        pytest.param("avg1h > 14.4 * 0.005", "avg1h > 14.4 * 0.005", id="names and thresholds stay"),
    ],
)
def test_an_expression(tmp_path: Path, written: str, faster: str) -> None:
    source = tmp_path / "rules.yml"
    source.write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": [{"record": "r", "expr": written}]}]}))
    out = adapted(tmp_path / "out", "--faster", "12", source)
    assert yaml.safe_load((out / "rules.yml").read_text())["groups"][0]["rules"][0]["expr"] == faster


def test_twelve_times_as_fast(tmp_path: Path) -> None:
    out = adapted(tmp_path, "--faster", "12", *RULES, ALERTMANAGER, PROMETHEUS)
    found = subprocess.run(
        [program("promtool"), "check", "rules", *(out / path.name for path in RULES)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    for path in (*RULES, ALERTMANAGER, PROMETHEUS):
        before, after = (yaml.safe_load(each.read_text()) for each in (path, out / path.name))
        assert before != after
        assert without_times(before) == without_times(after)


def without_times(node: Any) -> Any:
    """A document with every time replaced by a word."""
    if isinstance(node, dict):
        return {key: without_times(value) for key, value in node.items()}
    if isinstance(node, list):
        return [without_times(each) for each in node]
    return re.sub(r"\b(?:\d+(?:ms|[smhdw]))+\b", "TIME", node) if isinstance(node, str) else node


def test_runbooks_at_another_place(tmp_path: Path) -> None:
    alerts = RULES[1]
    out = adapted(tmp_path, "--runbooks", "https://wiki.example.org/runbooks/", alerts)
    text = (out / alerts.name).read_text()
    assert "runbook_url: https://wiki.example.org/runbooks/ModelDown.md\n" in text
    assert "https://example.org" not in text
    before, after = (yaml.safe_load(path.read_text()) for path in (alerts, out / alerts.name))
    assert [rule["expr"] for group in after["groups"] for rule in group["rules"]] == [
        rule["expr"] for group in before["groups"] for rule in group["rules"]
    ]
