"""A tracker with checks, and the sink that it tells."""

from exporter.core.target import Check
from exporter.health.tracker import HealthTracker
from tests.probes.recording import RecordingSink


def a_tracker(*checks: Check) -> tuple[HealthTracker, RecordingSink]:
    """A tracker with these checks; its sink has forgotten that they were added."""
    sink = RecordingSink()
    tracker = HealthTracker([sink])
    for check in checks:
        tracker.add_check(check)
    sink.told.clear()
    return tracker, sink
