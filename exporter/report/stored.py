"""The report of a window of the store."""

from collections.abc import Iterator

from exporter.report.render import Report, moment, report
from exporter.store import Window
from exporter.store.buckets import WITHIN


def report_of(window: Window) -> Report:
    """The report, from when on the window is known."""
    return report(window.models, window.since, window.until, tuple(notes(window)))


def notes(window: Window) -> Iterator[str]:
    """What to know of a window before its figures are believed, a sentence each."""
    if window.cut:
        yield (
            f"the window was to begin at {moment(window.asked)} and begins at {moment(window.since)}: "
            "no runs are kept from before"
        )
    if window.summed:
        yield (
            f"runs before {moment(window.exact)} are kept as sums by the hour: a window begins with a full hour, and "
            f"p95 may be off by {WITHIN:.1%}"
        )
