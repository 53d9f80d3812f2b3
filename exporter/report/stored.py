"""The report of a window of the store."""

from collections.abc import Iterator

from exporter.report.render import Report, format_time, make_report
from exporter.store import Window
from exporter.store.buckets import WITHIN


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
