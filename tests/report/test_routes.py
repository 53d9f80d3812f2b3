"""Which route is best, and when that cannot be said."""

from dataclasses import replace

import pytest

from exporter.core.window_figures import Figures
from exporter.report.routes import FEW, compare_routes
from tests.report.samples import figures


@pytest.mark.parametrize(
    ("routes", "best"),
    [
        pytest.param([figures("a", mean=2.0), figures("b", mean=1.0)], "b", id="the faster"),
        pytest.param([figures("a", mean=2.0), figures("b", mean=1.0, errors=10)], "a", id="the more reliable"),
        pytest.param([figures("a", mean=2.0), figures("b", mean=1.0, errors=1)], "b", id="as good as as reliable"),
    ],
)
def test_the_best_route(routes: list[Figures], best: str) -> None:
    (found,) = compare_routes(routes)
    assert (found.best, found.note) == (best, "")
    assert found.routes[0].provider == best
    assert [row["best"] for row in found.to_data()["routes"]] == [True, False]


def test_of_two_ways_at_one_provider_one_is_best() -> None:
    slow, fast = figures("a", mean=2.0), replace(figures("a", mean=1.0), model="another")
    (found,) = compare_routes([slow, fast])
    assert [(row["model"], row["best"]) for row in found.to_data()["routes"]] == [
        ("another", True),
        ("model-of-a", False),
    ]


def test_a_small_sample_says_nothing() -> None:
    (found,) = compare_routes([figures("a"), figures("b", runs=FEW - 1)])
    assert found.best is None
    assert not any(row["best"] for row in found.to_data()["routes"])
    assert "too few answers" in found.note
    assert "b (29)" in found.note


def test_one_route_is_no_comparison() -> None:
    assert compare_routes([figures("a"), figures("b", alias="another")]) == ()
