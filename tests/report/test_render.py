"""The report in its four forms."""

import csv
import io
import json

from rich.console import Console

from exporter.report.render import make_report, render_csv, render_markdown, render_table
from tests.report.samples import figures

TOLD = make_report([figures("a", mean=2.0), figures("b|c", errors=100)], 0.0, 3600.0, ["mind the gap"])


def test_as_data() -> None:
    assert json.loads(json.dumps(TOLD)) == TOLD
    assert (TOLD["since"], TOLD["until"]) == ("1970-01-01T00:00:00Z", "1970-01-01T01:00:00Z")
    assert TOLD["notes"] == ["mind the gap"]
    assert TOLD["routes"][0]["best"] == "a"


def test_as_a_table() -> None:
    console = Console(width=200, no_color=True)
    with console.capture() as captured:
        console.print(render_table(TOLD))
    text = captured.get()
    assert "2.000 s" in text
    assert "50.00%" in text
    assert "300 requests, unknown cost, 33.33% errors, 2 active models" in text
    assert "a (best)" in text
    assert "Note: mind the gap" in text


def test_as_markdown() -> None:
    lines = render_markdown(TOLD).splitlines()
    rows = [line for line in lines if line.startswith("| ")]
    assert len({line.replace("\\|", "").count("|") for line in rows}) == 1, "every row has every column"
    assert any("b\\|c" in line for line in rows)
    assert "### Routes to gpt-4o" in lines
    assert "Note: mind the gap" in lines


def test_as_csv() -> None:
    rows = list(csv.DictReader(io.StringIO(render_csv(TOLD))))
    assert [row["provider"] for row in rows] == ["a", "b|c"]
    assert rows[1]["error_rate"] == "0.5"
    assert rows[0]["cost_usd"] == ""


def test_of_an_empty_window() -> None:
    empty = make_report([], 0.0, 60.0)
    assert render_csv(empty).startswith("provider,model")
    assert "0 requests" in render_markdown(empty)
