"""What would run, printed for a person and for a machine."""

import json
from pathlib import Path

import pytest

from exporter.commands.check_config import check_config
from exporter.config.settings import Settings
from exporter.core.errors import ConfigError

FILE = "providers: {openai: {}}\nmodels: [{model: gpt-4o-mini, provider: openai}]\n"
KEYS = {"OPENAI_API_KEY": "sk-never-to-be-shown"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    path = tmp_path / "exporter.yaml"
    path.write_text(FILE)
    return Settings(config=path)


def test_for_a_machine(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert check_config(settings, KEYS, "json") == 0

    told = json.loads(capsys.readouterr().out)
    assert [each["id"] for each in told["checks"]] == ["openai//models", "openai/gpt-4o-mini/chat"]


def test_for_a_person(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert check_config(settings, KEYS, "table") == 0

    said = capsys.readouterr().out
    assert "openai//models" in said
    assert KEYS["OPENAI_API_KEY"] not in said


def test_problems_are_raised(settings: Settings) -> None:
    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        check_config(settings, {}, "table")
