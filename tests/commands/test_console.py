"""The width of what commands print."""

import pytest

from exporter.commands.console import WIDE, make_console


def test_what_is_piped_is_wide(capsys: pytest.CaptureFixture[str]) -> None:
    make_console().print("word " * 40)
    assert max(map(len, capsys.readouterr().out.splitlines())) in range(WIDE - 10, WIDE + 1)
