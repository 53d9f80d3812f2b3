"""The machine's clocks: one never steps back, the other tells the date."""

import time

from exporter.core.clock import SystemClock


def test_monotonic_time_does_not_go_back() -> None:
    clock = SystemClock()
    moments = [clock.monotonic_ns() for _ in range(100)]

    assert moments == sorted(moments)


def test_wall_time_is_unix_time() -> None:
    before, told, after = time.time(), SystemClock().wall(), time.time()

    assert before <= told <= after
