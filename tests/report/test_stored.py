"""Figures from what the store keeps, and what is said of a window that is not what was asked for."""

from dataclasses import replace

import pytest

from exporter.report.stored import from_window, notes
from exporter.store import ModelSums, Window

HOUR = 3600.0
WHOLE = Window(asked=HOUR, since=HOUR, known=0, exact=0, until=3 * HOUR)


def test_figures_of_a_model() -> None:
    sums = ModelSums(
        provider="openai",
        model="gpt-4o",
        alias="best",
        requests=5,
        errors={"auth": 2, "dns": 1},
        latency_sum=4.0,
        latency_count=2,
        p95=3.0,
        first_token_sum=1.0,
        first_token_count=2,
        input=20,
        output=10,
        cost=2_000_000,
    )
    (found,) = from_window(replace(WHOLE, models=(sums,)))
    assert (found.provider, found.model, found.alias) == ("openai", "gpt-4o", "best")
    assert (found.requests, found.errors, found.mean, found.p95) == (5, {"auth": 2, "dns": 1}, 2.0, 3.0)
    assert (found.first_token, found.input, found.output, found.cost) == (0.5, 20, 10, 0.002)
    (unknown,) = from_window(replace(WHOLE, models=(replace(sums, cost=None),)))
    assert unknown.cost is None


@pytest.mark.parametrize(
    ("window", "said"),
    [
        pytest.param(WHOLE, "", id="as it was asked for"),
        pytest.param(
            replace(WHOLE, since=2 * HOUR, known=2 * HOUR),
            "the window was to begin at 1970-01-01T01:00:00Z and begins at 1970-01-01T02:00:00Z: "
            "no runs are kept from before",
            id="cut short",
        ),
        pytest.param(
            replace(WHOLE, exact=2 * HOUR),
            "runs before 1970-01-01T02:00:00Z are kept as sums by the hour: a window begins with a full hour, "
            "and p95 may be off by 3.1%",
            id="from sums",
        ),
    ],
)
def test_what_is_said_of_a_window(window: Window, said: str) -> None:
    assert "; ".join(notes(window)) == said
