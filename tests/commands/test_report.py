"""The command that prints the report."""

import json
from pathlib import Path

import pytest
import structlog

from exporter.commands.report import show_report
from exporter.core.errors import UsageError
from exporter.store import Store
from tests.metrics.make import STARTED, StoppedClock, answered, check, seen

CLOCK = StoppedClock(now=STARTED + 60)


async def state(folder: Path, runs: int = 3) -> Path:
    store = Store(folder, StoppedClock(), structlog.get_logger())
    store.add_check(check())
    for _ in range(runs):
        store.record_run(seen(check(), answered(cost_nano_usd=1000)))
    await store.close()
    return folder


@pytest.mark.parametrize(
    ("output", "said"),
    [
        pytest.param("table", "3 requests, 0.000003 USD", id="table"),
        pytest.param("json", '"requests": 3', id="json"),
        pytest.param("csv", "openai,gpt-4o,gpt-4o,0.75,0.75,0.3,3,", id="csv"),
        pytest.param("markdown", "| openai | gpt-4o | 0.750 s |", id="markdown"),
    ],
)
async def test_the_forms_it_has(tmp_path: Path, capsys: pytest.CaptureFixture[str], output: str, said: str) -> None:
    assert show_report(await state(tmp_path), "1h", output, clock=CLOCK) == 0
    printed = capsys.readouterr().out
    assert said in printed
    assert "…" not in printed, "cut, where no terminal bounds it"


async def test_what_is_older_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show_report(await state(tmp_path), "30s", "json", clock=CLOCK)
    assert json.loads(capsys.readouterr().out)["models"] == []


@pytest.mark.parametrize("output", ["table", "json", "csv", "markdown"])
async def test_a_window_that_is_cut_short_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], output: str
) -> None:
    show_report(await state(tmp_path), "1h", output, clock=CLOCK)
    printed = capsys.readouterr()
    assert "begins at" in (printed.err if output == "csv" else printed.out)
    show_report(tmp_path, "1m", output, clock=CLOCK)
    printed = capsys.readouterr()
    assert "begins at" not in printed.err + printed.out


@pytest.mark.parametrize(
    ("window", "folder", "said"),
    [
        pytest.param("24", "x", "24s", id="no unit"),
        pytest.param("1h", None, "--from-prometheus", id="nothing to read"),
        pytest.param("1h", "none", "holds no state", id="an empty folder"),
    ],
)
def test_what_cannot_be(tmp_path: Path, window: str, folder: str | None, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        show_report(None if folder is None else tmp_path / folder, window, "table")


def test_a_file_that_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_text("hello" * 1000)
    with pytest.raises(UsageError, match="cannot be read"):
        show_report(tmp_path, "1h", "table")
