"""docs/providers.md: every preset is there, and each configuration is accepted as it stands."""

import re
from pathlib import Path

import pytest

from exporter.config.load import load_plan
from exporter.config.presets import PRESETS
from exporter.dialects import DIALECTS
from exporter.probes import PROBES
from tests.repo.source import ROOT
from tools.provider_examples import MODELS, NEEDS

TEXT = (ROOT / "docs/providers.md").read_text()
SECTIONS = dict(re.findall(r"^## (\S+)\n.*?^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))


def test_every_preset_has_its_section() -> None:
    assert list(SECTIONS) == list(PRESETS)


@pytest.mark.parametrize("name", SECTIONS)
def test_each_configuration_is_accepted(name: str, tmp_path: Path) -> None:
    path = tmp_path / "exporter.yml"
    path.write_text(SECTIONS[name])
    environ = dict.fromkeys(PRESETS[name].keys[:1], "key-0123456789")
    plan = load_plan(path, environ, PROBES, DIALECTS)
    assert [provider.preset for provider in plan.providers] == [name]
    (asked,) = [check for check in plan.checks if check.target.model]
    assert asked.required
    assert asked.target.dialect in PRESETS[name].dialects
    for key in environ:
        assert f"`{key}`" in TEXT


def test_examples_are_of_presets_that_need_them() -> None:
    assert NEEDS.keys() <= PRESETS.keys()
    assert MODELS.keys() == {name for name, preset in PRESETS.items() if not preset.starters}
