"""What exists at zero before anything happened: what the check can yield, and no more."""

import pytest

from exporter.core.outcome import Reason
from exporter.core.sink import Skip
from exporter.core.target import Check
from exporter.metrics.expected import list_counters, list_error_types, list_histograms, list_skips
from tests.metrics.make import check, listing, provider

PLAIN = provider("local", "http://127.0.0.1:8000/v1")


@pytest.mark.parametrize(
    ("of", "never"),
    [
        pytest.param(check(), set(), id="a model over https"),
        pytest.param(check(at=PLAIN), {Reason.TLS}, id="a model over http"),
        pytest.param(
            listing(),
            {
                Reason.TIMEOUT_FIRST_TOKEN,
                Reason.CONTENT_FILTERED,
                Reason.REFUSED,
                Reason.STREAM_INTERRUPTED,
                Reason.EMPTY_RESPONSE,
                Reason.ASSERTION_FAILED,
            },
            id="a provider",
        ),
    ],
)
def test_error_types(of: Check, never: set[Reason]) -> None:
    assert set(list_error_types(of)) == set(Reason) - {Reason.OK} - never


def test_only_what_costs_money_is_spared() -> None:
    assert set(list_skips(check(paid=True))) == set(Skip)
    assert set(list_skips(check(paid=False))) == {Skip.OVERLAP}


def test_a_provider_has_no_tokens_and_no_first_token() -> None:
    assert set(list_counters(check())) - set(list_counters(listing())) == {
        "ai_api_tokens_total",
        "ai_api_cached_input_tokens_total",
        "ai_api_reasoning_tokens_total",
        "ai_api_served_model_changes_total",
    }
    assert len(list_histograms(check())) == 4
    assert list_histograms(listing()) == ("ai_api_request_duration_seconds",)
