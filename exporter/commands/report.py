"""`ai-api-exporter report`: how the models did, from the state directory or from a Prometheus. Asks no vendor."""

import sys
from pathlib import Path

import orjson

from exporter.commands.console import make_console
from exporter.commands.http_client import HttpClient
from exporter.config.schema import duration as span
from exporter.core.clock import Clock, SystemClock
from exporter.core.errors import UsageError
from exporter.report.prometheus import connect_prometheus, read_figures
from exporter.report.render import Report, make_report, render_csv, render_markdown, render_table, report_window
from exporter.store import StoreUnreadableError, read_window


def show_report(
    folder: Path | None, window: str, output: str, from_url: str | None = None, clock: Clock | None = None
) -> int:
    """Print the report of a window that ends now. Raises UsageError where there is nothing to read."""
    seconds = span.parse_duration(window)
    if not seconds:
        raise UsageError(f"--window {window} is not a time span; {span.suggest_duration(window)}")
    until = (clock or SystemClock()).wall()
    told = _make_report(folder, until - seconds, until, from_url)
    if output == "json":
        sys.stdout.write(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode() + "\n")
    elif output == "table":
        make_console().print(render_table(told))
    else:
        sys.stdout.write(render_csv(told) if output == "csv" else render_markdown(told))
    if output == "csv":
        sys.stderr.writelines(f"note: {each}\n" for each in told["notes"])
    return 0


def _make_report(folder: Path | None, since: float, until: float, from_url: str | None) -> Report:
    if from_url is not None:
        return make_report(read_figures(connect_prometheus(from_url, HttpClient().get), until - since), since, until)
    if folder is None:
        raise UsageError("name the exporter's state directory with --state-dir, or a Prometheus with --from-prometheus")
    try:
        return report_window(read_window(folder, since, until))
    except FileNotFoundError:
        raise UsageError(f"{folder} holds no state of an exporter; run one with --state-dir {folder}") from None
    except StoreUnreadableError as error:
        raise UsageError(f"the state in {folder} cannot be read: {error}") from None
