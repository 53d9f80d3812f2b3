"""The figures that are made of sums."""

import pytest

from exporter.core.window_figures import Figures, summarize
from tests.report.samples import figures

ONE = Figures(
    provider="openai",
    model="gpt-4o",
    alias="gpt-4o",
    requests=10,
    errors={"server_error": 2, "auth": 1, "dns": 1},
    latency_sum=12.0,
    latency_count=6,
    input=600,
    output=400,
    cost=0.005,
)


def test_a_row() -> None:
    told = ONE.to_row()
    assert told["mean_seconds"] == 2.0
    assert told["first_token_seconds"] is None
    assert told["tokens_per_request"] == 100
    assert told["usd_per_million_tokens"] == pytest.approx(5.0)
    assert told["error_rate"] == 0.4


def test_our_own_failures_say_nothing_of_availability() -> None:
    """A key that is not good is ours, a name that is not found is the network's."""
    assert ONE.availability == 6 / 9


def test_an_unknown_error_type_counts_against_the_vendor() -> None:
    later = Figures(provider="p", model="m", alias="m", requests=2, errors={"of a later version": 1})
    assert later.availability == 0.5


def test_of_nothing_nothing_is_said() -> None:
    none = Figures(provider="p", model="m", alias="m", requests=0)
    assert {none.mean, none.error_rate, none.availability, none.price} == {None}


def test_the_summary() -> None:
    dead = figures("dead", runs=0, errors=5)
    assert summarize([ONE, dead]) == {
        "requests": 15,
        "input_tokens": 600,
        "output_tokens": 400,
        "cost_usd": 0.005,
        "error_rate": 9 / 15,
        "active_models": 1,
    }
    assert summarize([])["cost_usd"] is None
