"""What the README promises works as it stands there."""

import json
import re
import subprocess
from pathlib import Path

import yaml

from tests.parts.daemon import command, environment
from tests.repo.source import ROOT

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
KEYS = {"OPENAI_API_KEY": "key-of-openai", "ANTHROPIC_API_KEY": "key-of-anthropic", "MY_VLLM_KEY": "key-of-vllm"}


def test_the_minimal_configuration_is_accepted(tmp_path: Path) -> None:
    (configuration,) = [block for block in BLOCKS if "providers:" in block]
    (tmp_path / "exporter.yml").write_text(configuration)
    words = command("check-config", "--output", "json", "--config", tmp_path / "exporter.yml")
    checked = subprocess.run(words, env=environment(**KEYS), capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    asked = {check["model"] for check in json.loads(checked.stdout)["checks"] if check["probe"] == "chat"}
    assert asked == {entry["model"] for entry in yaml.safe_load(configuration)["models"]}


def test_the_scrape_snippet_is_what_is_shipped() -> None:
    (snippet,) = [yaml.safe_load(block) for block in BLOCKS if "scrape_configs:" in block]
    shipped = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
    assert snippet["scrape_configs"] == shipped["scrape_configs"]
