"""The Alertmanager example is valid, and sends each kind of alert to those who can act."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.shipped import ROOT, alerts
from tests.parts.programs import program

CONFIG = ROOT / "deploy/alertmanager/alertmanager.yml"


def amtool(*words: str | Path) -> str:
    found = subprocess.run([program("amtool"), *words], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


def config() -> Any:
    return yaml.safe_load(CONFIG.read_text())


def test_it_is_valid() -> None:
    assert "SUCCESS" in amtool("check-config", CONFIG)


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        pytest.param("alertname=ModelDown severity=critical fault=provider", "on-call", id="a vendor is down"),
        pytest.param("alertname=ModelDown severity=critical fault=unknown", "on-call", id="nobody knows why"),
        pytest.param("alertname=GatewayDown severity=critical fault=gateway", "on-call", id="a gateway is down"),
        pytest.param("alertname=ModelDown severity=critical fault=us", "owners", id="down by our own doing"),
        pytest.param("alertname=QuotaExhausted severity=critical fault=us", "owners", id="no money"),
        pytest.param("alertname=RateLimited severity=warning fault=us", "owners", id="too many requests"),
        pytest.param("alertname=ErrorRateHigh severity=warning fault=provider", "team", id="a vendor is shaky"),
        pytest.param("alertname=ServedModelChanged severity=info fault=provider", "record", id="for the record"),
        pytest.param("alertname=ExporterDown severity=critical fault=exporter", "monitoring", id="nothing is measured"),
        pytest.param("alertname=ExporterNetworkDown severity=critical fault=network", "monitoring", id="our network"),
        pytest.param("alertname=ProbeStale severity=warning fault=exporter", "monitoring", id="a check stands still"),
        pytest.param("alertname=ConfigReloadFailed severity=warning fault=us", "monitoring", id="a bad configuration"),
    ],
)
def test_routes(labels: str, receiver: str) -> None:
    told = amtool("config", "routes", "test", "--config.file", CONFIG, "provider=acme", *labels.split())
    assert told.strip() == receiver


def test_every_receiver_is_used() -> None:
    """And every alert has one: the routes end in a receiver for what no other wants."""
    route = config()["route"]
    used = {route["receiver"], *(each["receiver"] for each in route["routes"])}
    assert used == {each["name"] for each in config()["receivers"]}


def test_a_provider_is_one_message() -> None:
    assert config()["route"]["group_by"] == ["provider"]


def matched(matchers: list[str]) -> set[str]:
    """The alerts that the first matcher of a rule names."""
    names = {rule["alert"] for rule in alerts()}
    [text] = [each for each in matchers if each.startswith("alertname")] or [""]
    words = text.partition("=")[2].strip("~ ").strip('"').split("|") if text else []
    return {name for name in names for word in words if word == name or (".*" in word and name.endswith(word[2:]))}


def test_inhibition_names_alerts_that_there_are() -> None:
    for rule in config()["inhibit_rules"]:
        assert matched(rule["source_matchers"]), rule
        assert matched(rule["target_matchers"]) or "fault" in rule["target_matchers"][0], rule


def test_nothing_is_inhibited_by_somebody_elses_trouble() -> None:
    """Every rule ties its two sides together: to an exporter, a provider or a model."""
    for rule in config()["inhibit_rules"]:
        assert {"provider"} <= set(rule["equal"]) or set(rule["equal"]) == {"job", "instance"}
