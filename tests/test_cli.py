"""Words in, exit code out; what the commands do is tested end to end."""

import subprocess
import sys
from pathlib import Path

import pytest

from exporter import __version__
from exporter.cli import main


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])

    assert ended.value.code == 0
    assert capsys.readouterr().out == f"ai-api-exporter {__version__}\n"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])

    said = capsys.readouterr().out
    assert [name for name in ("run", "demo", "check-config", "probe") if name not in said] == []


@pytest.mark.parametrize("words", [["check-config"], ["run"], []], ids=["named", "run", "run unsaid"])
def test_a_configuration_that_is_not_there(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([*words, "--config", str(tmp_path / "none.yaml")])

    said = capsys.readouterr().err
    assert code == 2
    assert "none.yaml" in said
    assert said.count("\n") == 1


def test_a_file_may_be_called_like_a_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["--config", "report"]) == 2
    assert capsys.readouterr().err == "report: there is no such file; check the path\n"


def test_an_unknown_word_is_a_usage_error() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["probe", "--output", "carrier-pigeon", "x"])

    assert ended.value.code == 2


def test_the_module_is_the_same_command() -> None:
    ran = subprocess.run([sys.executable, "-m", "exporter", "--version"], capture_output=True, text=True, check=True)

    assert ran.stdout == f"ai-api-exporter {__version__}\n"
