"""Every reason, fault and skip has its words; lengths of time are written as people read them."""

import pytest

from exporter.core.outcome import Fault, Reason
from exporter.core.sink import Skip
from exporter.results.text import (
    FAULT_NAMES,
    FAULTS,
    REASONS,
    SKIPS,
    format_age,
    format_duration,
    format_money,
    format_percent,
)


def test_everything_has_its_words() -> None:
    assert set(REASONS) == set(Reason)
    assert set(FAULTS) == set(Fault)
    assert set(FAULT_NAMES) == set(Fault)
    assert set(SKIPS) == set(Skip)
    words = [*REASONS.values(), *FAULTS.values(), *SKIPS.values()]
    assert len(set(words)) == len(words)


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0.0, "0.0 ms"),
        (0.0084, "8.4 ms"),
        (0.34, "340 ms"),
        (0.999, "999 ms"),
        (3.417, "3.42 s"),
        (12.34, "12.3 s"),
        (1234.5, "1234.5 s"),
    ],
)
def test_a_length_of_time(seconds: float, written: str) -> None:
    assert format_duration(seconds) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (-5.0, "0 s"),
        (0.9, "0 s"),
        (59.9, "59 s"),
        (60.0, "1 min"),
        (3599.0, "59 min"),
        (7200.0, "2 h"),
        (200_000.0, "2 d"),
    ],
)
def test_how_long_ago(seconds: float, written: str) -> None:
    assert format_age(seconds) == written


@pytest.mark.parametrize(
    ("ratio", "written"),
    [(0.0, "0 %"), (0.034, "3 %"), (0.5, "50 %"), (0.9, "90.0 %"), (0.9999, "99.9 %"), (1.0, "100 %")],
)
def test_a_share(ratio: float, written: str) -> None:
    assert format_percent(ratio) == written


@pytest.mark.parametrize(
    ("usd", "written"),
    [(0.0, "$0.00"), (0.00004, "<$0.0001"), (0.00042, "$0.0004"), (0.12, "$0.12"), (3.4, "$3.40")],
)
def test_an_amount(usd: float, written: str) -> None:
    assert format_money(usd) == written
