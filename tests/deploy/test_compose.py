"""The stack of deploy/compose: valid, and true to the files it is made of."""

import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from tests.deploy.installed import installed
from tests.deploy.shipped import ROOT
from tests.parts.programs import program

FOLDER = ROOT / "deploy/compose"
STACK = yaml.safe_load((FOLDER / "compose.yaml").read_text())
SERVICES: dict[str, Any] = STACK["services"]
NAMES = {"localhost:10115": "exporter:10115", "localhost:9093": "alertmanager:9093"}
"""Addresses of the shipped scrape configuration, and who has them in the stack."""


def mounts(service: str) -> dict[str, str]:
    """What a service mounts, by where."""
    parts = [each.split(":") for each in SERVICES[service].get("volumes", [])]
    return {target: source for source, target, *_ in parts}


def refused(path: Path) -> str:
    """What the schema of compose files, as its authors publish it, has against a file."""
    words = [str(installed("check-jsonschema")), "--builtin-schema", "vendor.compose-spec", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_it_is_valid() -> None:
    assert refused(FOLDER / "compose.yaml") == ""


def test_a_misspelt_key_would_be_seen(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text((FOLDER / "compose.yaml").read_text().replace("read_only:", "readonly:"))
    assert "readonly" in refused(tmp_path / "compose.yaml")


def test_everything_it_mounts_exists() -> None:
    sources = {source for service in SERVICES for source in mounts(service).values()}
    assert {source for source in sources if not source.startswith(".")} <= set(STACK["volumes"])
    assert [source for source in sources if source.startswith(".") and not (FOLDER / source).exists()] == []


def test_prometheus_is_configured_as_shipped_but_for_names() -> None:
    text = (ROOT / "deploy/prometheus/prometheus.yml").read_text()
    for shipped, ours in NAMES.items():
        text = text.replace(shipped, ours)
    assert yaml.safe_load((FOLDER / "prometheus.yml").read_text()) == yaml.safe_load(text)


def test_prometheus_takes_its_files_where_they_are_mounted(tmp_path: Path) -> None:
    for target, source in mounts("prometheus").items():
        if source.startswith("."):
            place = tmp_path / Path(target).name
            place.symlink_to((FOLDER / source).resolve())
    done = subprocess.run(
        [program("promtool"), "check", "config", tmp_path / "prometheus.yml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "alerts.yml" in done.stdout


def test_dashboards_lie_where_the_provisioning_looks_for_them() -> None:
    path = ROOT / "deploy/grafana/provisioning/dashboards/ai-api-exporter.yml"
    (provider,) = yaml.safe_load(path.read_text())["providers"]
    assert mounts("grafana")[provider["options"]["path"]] == "../grafana/dashboards"
    home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (ROOT / "deploy/grafana/dashboards" / Path(home).name).is_file()
    assert str(Path(home).parent) == provider["options"]["path"]


def test_grafana_asks_the_prometheus_of_the_stack() -> None:
    path = ROOT / "deploy/grafana/provisioning/datasources/prometheus.yml"
    (source,) = yaml.safe_load(path.read_text())["datasources"]
    assert urlsplit(source["url"]).hostname in SERVICES


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_open_to_this_machine_only_and_of_one_version(name: str) -> None:
    service = SERVICES[name]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert "build" in service or service["image"].partition(":")[2].count(".") == 2


def test_the_exporter_has_no_rights_and_nothing_to_write_to() -> None:
    exporter = SERVICES["exporter"]
    assert exporter["command"] == ["demo", "--listen", ":10115"]
    assert (exporter["read_only"], exporter["cap_drop"], exporter["tmpfs"]) == (True, ["ALL"], ["/tmp"])
    assert (FOLDER / exporter["build"]["context"] / "Dockerfile").resolve() == ROOT / "Dockerfile"
