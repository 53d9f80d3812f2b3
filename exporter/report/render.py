"""The report of a window: its data, and its forms as a table for a terminal, as CSV and as Markdown."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from exporter.core.window_figures import Figures, summarize
from exporter.report.routes import compare_routes
from exporter.store import Window
from exporter.store.buckets import WITHIN

HEADINGS = (
    ("Provider", "provider"),
    ("Model", "model"),
    ("Mean", "mean_seconds"),
    ("p95", "p95_seconds"),
    ("First token", "first_token_seconds"),
    ("Requests", "requests"),
    ("Tokens/request", "tokens_per_request"),
    ("Cost USD", "cost_usd"),
    ("USD/M tokens", "usd_per_million_tokens"),
    ("Errors", "error_rate"),
    ("Available", "availability"),
)
"""Columns of a table, and the figure of a row that each shows."""

Report = dict[str, Any]


def make_report(figures: Sequence[Figures], since: float, until: float, notes: Sequence[str] = ()) -> Report:
    """All of it as plain data; times are UTC, lengths seconds, rates shares of one. `notes` limit what it says."""
    return {
        "since": format_time(since),
        "until": format_time(until),
        "notes": list(notes),
        "models": [each.to_row() for each in figures],
        "summary": summarize(figures),
        "routes": [each.to_data() for each in compare_routes(figures)],
    }


def render_table(told: Report) -> RenderableType:
    """Render the report for a person at a terminal."""
    parts: list[RenderableType] = [_make_table(told["models"], Text(f"{told['since']} to {told['until']}"))]
    parts.append(Text(_render_summary(told["summary"])))
    parts += [Text(f"Note: {each}", style="yellow") for each in told["notes"]]
    for each in told["routes"]:
        parts.append(_make_table(each["routes"], Text(f"Routes to {each['alias']}")))
        if each["note"]:
            parts.append(Text(each["note"]))
    return Group(*parts)


def render_markdown(told: Report) -> str:
    """Render the report for a page or a ticket."""
    parts = [
        f"## {told['since']} to {told['until']}",
        _make_markdown_table(told["models"]),
        _render_summary(told["summary"]),
    ]
    parts += [f"Note: {each}" for each in told["notes"]]
    for each in told["routes"]:
        parts += [f"### Routes to {_escape_markdown(each['alias'])}", _make_markdown_table(each["routes"])]
        parts += [each["note"]] if each["note"] else []
    return "\n\n".join(parts) + "\n"


def render_csv(told: Report) -> str:
    """Render one line per model, all figures in full; a spreadsheet has no place for notes."""
    out = io.StringIO()
    names = list(told["models"][0]) if told["models"] else [name for _, name in HEADINGS]
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(told["models"])
    return out.getvalue()


def _make_table(rows: Sequence[dict[str, Any]], title: Text) -> Table:
    table = Table(title=title)
    for heading, name in HEADINGS:
        table.add_column(heading, justify="left" if name in ("provider", "model") else "right")
    for row in rows:
        style = "bold green" if row.get("best") else None
        table.add_row(*(Text(_render_cell(name, row)) for _, name in HEADINGS), style=style)
    return table


def _make_markdown_table(rows: Sequence[dict[str, Any]]) -> str:
    lines = [f"| {' | '.join(heading for heading, _ in HEADINGS)} |", f"|{'---|' * len(HEADINGS)}"]
    lines += [f"| {' | '.join(_escape_markdown(_render_cell(name, row)) for _, name in HEADINGS)} |" for row in rows]
    return "\n".join(lines)


def _render_cell(name: str, row: dict[str, Any]) -> str:
    value = row[name]
    if name == "provider" and row.get("best"):
        return f"{value} (best)"
    if value is None:
        return "-"
    if name.endswith("_seconds"):
        return f"{value:.3f} s"
    if name in ("error_rate", "availability"):
        return f"{value:.2%}"
    if name == "cost_usd":
        return f"{value:.6f}"
    return f"{value:,.2f}" if isinstance(value, float) else f"{value}"


def _render_summary(figures: dict[str, Any]) -> str:
    cost = "unknown cost" if figures["cost_usd"] is None else f"{figures['cost_usd']:.6f} USD"
    errors = "-" if figures["error_rate"] is None else f"{figures['error_rate']:.2%}"
    return f"{figures['requests']} requests, {cost}, {errors} errors, {figures['active_models']} active models"


def _escape_markdown(text: str) -> str:
    return text.replace("|", "\\|")


def format_time(unix: float) -> str:
    """Format a Unix time for a person, to the second."""
    return datetime.fromtimestamp(unix, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def report_window(window: Window) -> Report:
    """Make the report of a window from stored runs."""
    return make_report(window.models, window.since, window.until, tuple(list_notes(window)))


def list_notes(window: Window) -> Iterator[str]:
    """List what to know of a window before you believe its figures, a sentence each."""
    if window.is_cut:
        yield (
            f"the window was to begin at {format_time(window.asked)} and begins at {format_time(window.since)}: "
            "no runs are kept from before"
        )
    if window.is_summed:
        yield (
            f"runs before {format_time(window.exact)} are kept as sums by the hour: a window begins with a full hour, "
            f"and p95 may be off by {WITHIN:.1%}"
        )
