"""Which checks rest, and when."""

from datetime import datetime

import pytest

from exporter.core.plan import Maintenance
from exporter.run.maintenance import MaintenanceWindows
from tests.metrics.make import check

SUNDAYS = Maintenance(match="openai/*", schedule="0 3 * * sun", duration=1800.0)


def moment(text: str) -> float:
    return datetime.fromisoformat(f"{text}+00:00").timestamp()


@pytest.mark.parametrize(
    ("at", "rests"),
    [
        pytest.param("2026-11-22T02:59:59", False, id="before"),
        pytest.param("2026-11-22T03:00:00", True, id="as it begins"),
        pytest.param("2026-11-22T03:29:59", True, id="before its end"),
        pytest.param("2026-11-22T03:30:00", False, id="its end"),
        pytest.param("2026-11-23T03:10:00", False, id="another day"),
    ],
)
def test_a_window_is_open_for_its_length(at: str, rests: bool) -> None:
    assert MaintenanceWindows([SUNDAYS]).is_resting(check(), moment(at)) is rests


def test_only_what_it_matches_rests() -> None:
    windows = MaintenanceWindows([Maintenance(match="other/*", schedule="* * * * *", duration=120.0), SUNDAYS])
    assert not windows.is_resting(check(), moment("2026-11-23T03:00:00"))
    assert windows.is_resting(check(), moment("2026-11-22T03:00:00"))
    assert not windows.is_resting(check(), moment("2026-11-22T03:30:00"))


def test_one_window_may_begin_before_another_is_over() -> None:
    windows = MaintenanceWindows([Maintenance(match="*", schedule="0 * * * *", duration=5400.0)])
    assert all(windows.is_resting(check(), moment(f"2026-11-22T{hour:02}:59:00")) for hour in range(24))
