"""The worst of several words."""

import pytest

from exporter.status_pages.formats import Indicator, find_worst


@pytest.mark.parametrize(
    ("several", "expected"),
    [
        pytest.param([], Indicator.NONE, id="nothing is wrong"),
        pytest.param([Indicator.MINOR, Indicator.NONE], Indicator.MINOR, id="one of two"),
        pytest.param([Indicator.MAINTENANCE, Indicator.MINOR], Indicator.MINOR, id="planned is milder"),
        pytest.param(list(Indicator), Indicator.CRITICAL, id="all"),
    ],
)
def test_the_worst(several: list[Indicator], expected: Indicator) -> None:
    assert find_worst(several) is expected
