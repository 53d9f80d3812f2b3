"""Figures from stored runs."""

import pytest

from exporter.report.stored import from_runs
from tests.report.samples import failed, run


def test_sums_of_one_model() -> None:
    (found,) = from_runs([run(), run(latency=3.0), failed(), failed("auth"), failed("auth")])
    assert (found.requests, found.errors) == (5, {"server_error": 1, "auth": 2})
    assert (found.latency_sum, found.latency_count, found.mean) == (4.0, 2, 2.0)
    assert (found.input, found.output, found.cost) == (20, 10, 0.002)


@pytest.mark.parametrize(("count", "p95"), [(1, 1.0), (19, 19.0), (20, 19.0), (100, 95.0)])
def test_the_95th_percentile_is_a_latency_that_was_seen(count: int, p95: float) -> None:
    (found,) = from_runs(run(latency=float(n + 1)) for n in reversed(range(count)))
    assert found.p95 == p95


def test_models_are_told_apart_and_lists_left_out() -> None:
    runs = [run(), run(provider="holysheep"), run(model="gpt-5"), run(model="", probe="models", cost=None)]
    assert [(each.provider, each.model) for each in from_runs(runs)] == [
        ("holysheep", "gpt-4o"),
        ("openai", "gpt-4o"),
        ("openai", "gpt-5"),
    ]


def test_an_unknown_cost_stays_unknown() -> None:
    (found,) = from_runs([run(cost=None), run(cost=None)])
    assert found.cost is None
