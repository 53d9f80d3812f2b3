"""docs/probes.md tells of every probe there is, in their order, with every setting."""

import re
from pathlib import Path

from exporter.config.load import load_plan
from exporter.core.target import Assertions
from exporter.dialects import DIALECTS
from exporter.probes import PROBES
from tests.repo.source import ROOT

PAGE = (ROOT / "docs" / "probes.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, flags=re.MULTILINE | re.DOTALL))
OTHERS = ["Assertions", "Discovery", "What else tells of a provider"]


def test_every_probe_has_its_section() -> None:
    assert list(SECTIONS) == [*PROBES, *OTHERS]


def test_every_setting_is_told_and_no_other() -> None:
    for name, probe in PROBES.items():
        told = re.search(r"\*\*Settings:\*\* (.*?)(?=\n\* \*\*|\Z)", SECTIONS[name], flags=re.DOTALL)
        assert told is not None, name
        assert re.findall(r"`(\w+)`", told[1]) == list(probe.settings.model_fields), name


def test_the_example_is_one_that_works(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    path = tmp_path / "exporter.yaml"
    path.write_text(example, encoding="utf-8")
    plan = load_plan(path, {"OPENAI_API_KEY": "sk-of-an-example"}, PROBES, DIALECTS)

    asserted = {check.kind: check.assertions for check in plan.checks if check.assertions is not None}
    assert asserted["throughput"] == Assertions(min_tokens_per_second=20.0, max_first_token=2.0)
    assert set(asserted) == {"throughput", "json"}
