"""Every scrape configuration is valid, loads the rules, and is seen by the alert that watches the exporter."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.shipped import ROOT, alerts
from tests.parts.programs import program

FOLDER = ROOT / "deploy/prometheus"
CONFIGS = [pytest.param(path, id=path.stem) for path in sorted(FOLDER.glob("*.yml"))]


def config(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def test_the_promised_variants_are_there() -> None:
    assert {path.stem for path in FOLDER.glob("*.yml")} == {
        "prometheus",
        "prometheus-file-sd",
        "prometheus-http-sd",
        "prometheus-multi-target",
        "prometheus-sidecar",
    }


@pytest.mark.parametrize("path", CONFIGS)
def test_it_is_valid_and_loads_the_rules(path: Path) -> None:
    found = subprocess.run([program("promtool"), "check", "config", path], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "2 rule files found" in found.stdout
    assert config(path)["alerting"]["alertmanagers"]


@pytest.mark.parametrize("path", CONFIGS)
def test_every_job_is_watched(path: Path) -> None:
    [rule] = [each for each in alerts() if each["alert"] == "ExporterDown"]
    pattern = re.search(r'up\{job=~"([^"]+)"\} == 0', rule["expr"])
    assert pattern
    jobs = [job["job_name"] for job in config(path)["scrape_configs"]]
    assert [job for job in jobs if not re.fullmatch(pattern[1], job)] == []


def test_the_file_of_targets_is_the_one_that_is_read() -> None:
    [job] = config(FOLDER / "prometheus-file-sd.yml")["scrape_configs"]
    [pattern] = job["file_sd_configs"][0]["files"]
    [group] = [group for path in FOLDER.glob(pattern) for group in config(path)]
    assert group["targets"] == ["localhost:10115"]


def test_a_run_fits_into_its_scrape() -> None:
    """A run may take 30 s by default; Prometheus must not give up before. (/sd tells it where discovery is used.)"""
    jobs = {job["job_name"]: job for job in config(FOLDER / "prometheus-multi-target.yml")["scrape_configs"]}
    probing = jobs["ai-api-exporter-probe"]
    assert probing["metrics_path"] == "/probe"
    assert 30 < int(probing["scrape_timeout"].rstrip("s")) < int(probing["scrape_interval"].rstrip("s"))
