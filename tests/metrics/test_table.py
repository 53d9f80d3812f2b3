"""The documentation shows the table that the code has."""

import re
from pathlib import Path

import pytest

from exporter.core.outcome import FAULTS
from exporter.metrics.families import FAMILIES
from exporter.metrics.table import BEGIN, END, main, render_table

ROOT = Path(__file__).resolve().parents[2]
PAGES = [path for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))) if BEGIN in path.read_text()]


def test_every_metric_has_its_row() -> None:
    rows = [line for line in render_table().splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == [family.name for family in FAMILIES]
    assert {row.count("|") for row in rows} == {5}


@pytest.mark.parametrize(
    "row",
    [
        "| `ai_api_requests_total` | counter | `status` |",
        "| `ai_api_model_health` | gauge | *model* |",
        "| `ai_api_exporter_clock_source` | gauge | *exporter*, `source` |",
    ],
)
def test_a_row_tells_type_and_labels(row: str) -> None:
    assert row in render_table()


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    main()
    assert capsys.readouterr().out == render_table()


def test_the_definitions_hold_the_table() -> None:
    assert ROOT / "docs" / "metrics.md" in PAGES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_that_holds_the_table_holds_this_one(page: Path) -> None:
    """Out of date? `python -m exporter.metrics.table` prints what belongs between the markers."""
    text = page.read_text()
    assert text[text.index(BEGIN) : text.index(END) + len(END) + 1] == render_table()


def test_the_definitions_name_each_error_type_and_its_fault() -> None:
    text = (ROOT / "docs" / "metrics.md").read_text().partition(BEGIN)[0]
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| .+ \|$", text, flags=re.MULTILINE)
    assert rows == [(reason.value, fault.value) for reason, fault in FAULTS.items()]
