"""What is shipped under deploy/ is valid for the programs that will read it."""

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.parts.programs import program
from tests.repo.source import ROOT, files

PROMETHEUS = ROOT / "deploy/prometheus/prometheus.yml"
YAML = [pytest.param(path, id=str(path.relative_to(ROOT))) for path in files("*.y*ml", ROOT / "deploy")]


@pytest.mark.parametrize("path", YAML)
def test_yaml_parses(path: Path) -> None:
    assert list(yaml.safe_load_all(path.read_text()))


def test_the_scrape_configuration_is_valid() -> None:
    found = subprocess.run(
        [program("promtool"), "check", "config", PROMETHEUS], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_one_port_everywhere() -> None:
    target = yaml.safe_load(PROMETHEUS.read_text())["scrape_configs"][0]["static_configs"][0]["targets"]
    assert target == ["localhost:10115"]
    assert "\nEXPOSE 10115\n" in (ROOT / "Dockerfile").read_text()
    assert "localhost:10115" in (ROOT / "README.md").read_text()
