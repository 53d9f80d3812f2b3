"""What a run adds to the counters of its check, and what is written anew for it."""

import pytest

from exporter.core.health_state import Health, State
from exporter.core.outcome import Reason, Tokens
from exporter.core.sink import RestoredState, Skip
from exporter.metrics.check_metrics import CheckMetrics
from tests.metrics.make import LADDERS, STARTED, answered, check, failed, listing, timing

RUN = {"ai_api_requests_total"}
SPENT = {"ai_api_tokens_total", "ai_api_cached_input_tokens_total", "ai_api_reasoning_tokens_total"}


def record() -> CheckMetrics:
    """One whose zeros are written already."""
    made = CheckMetrics(check(), LADDERS)
    list(made.render_changed())
    return made


def counted(of: CheckMetrics) -> dict[str, str]:
    """What is written anew: value by series, without the labels of the check and empty histograms."""
    text = b"".join(each.plain for each in of.render_changed()).decode().replace(of.labels, "").replace("{,", "{")
    return dict(line.rsplit(" ", 1) for line in text.splitlines())


def test_everything_stands_at_zero_first() -> None:
    made = CheckMetrics(check(), LADDERS)
    figures = counted(made)
    assert set(figures.values()) <= {"0", "0.0"}
    assert {name.partition("{")[0] for name in figures} >= RUN | SPENT
    assert counted(made) == {}


def test_a_good_run_counts_its_tokens() -> None:
    made = record()
    made.record_run(answered(), State.UP, 0)
    figures = counted(made)
    assert figures['ai_api_requests_total{status="success"}'] == "1"
    assert figures['ai_api_tokens_total{token_type="input"}'] == "12"
    assert figures['ai_api_tokens_total{token_type="output"}'] == "17"
    assert figures["ai_api_cached_input_tokens_total{}"] == "4"
    assert figures["ai_api_reasoning_tokens_total{}"] == "3"
    assert figures["ai_api_request_duration_seconds_sum{}"] == "0.75"
    assert not any(name.startswith("ai_api_errors_total") for name in figures)


def test_costs_are_summed_exactly_and_told_in_dollars() -> None:
    made = record()
    made.start_cost()
    assert counted(made) == {"ai_api_cost_usd_total{}": "0.0"}
    for _ in range(10):
        made.record_run(answered(cost_nano_usd=100_000_000), State.UP, 0)
    assert counted(made)["ai_api_cost_usd_total{}"] == "1.0"


def test_an_unknown_cost_is_no_series() -> None:
    made = record()
    made.record_run(answered(), State.UP, 0)
    assert "ai_api_cost_usd_total{}" not in counted(made)


def test_a_failure_counts_its_error_type_and_the_tokens_it_was_billed() -> None:
    made = record()
    made.record_run(failed(Reason.STREAM_INTERRUPTED, tokens=Tokens(input=5)), State.DOWN, 0)
    figures = counted(made)
    assert figures['ai_api_requests_total{status="error"}'] == "1"
    assert figures['ai_api_errors_total{error_type="stream_interrupted"}'] == "1"
    assert figures['ai_api_tokens_total{token_type="input"}'] == "5"
    assert not any("_seconds" in name for name in figures)


def test_only_what_changed_is_written() -> None:
    made = record()
    made.record_skip(Skip.OVERLAP)
    assert {each.family for each in made.render_changed()} == {"ai_api_probes_skipped_total"}
    made.record_run(failed(), State.DOWN, 0)
    assert {each.family for each in made.render_changed()} == {"ai_api_requests_total", "ai_api_errors_total"}


def test_exemplars_go_to_two_histograms_only() -> None:
    made = record()
    made.record_run(answered(request_id="req_1"), State.UP, 0)
    assert {each.family for each in made.render_changed() if b"req_1" in each.openmetrics} == {
        "ai_api_request_duration_seconds",
        "ai_api_time_to_first_token_seconds",
    }


@pytest.mark.parametrize(
    ("tokens", "total"),
    [
        pytest.param(Tokens(input=-5, output=1), "0", id="a negative count"),
        pytest.param(Tokens(input=10**400), str(10**12), id="one that cannot be read"),
    ],
)
def test_a_vendor_cannot_spoil_a_counter(tokens: Tokens, total: str) -> None:
    made = record()
    made.record_run(answered(tokens=tokens), State.UP, 0)
    assert counted(made)['ai_api_tokens_total{token_type="input"}'] == total


def test_what_was_not_expected_is_counted_all_the_same() -> None:
    made = CheckMetrics(listing(), LADDERS)
    made.record_run(answered(timing=timing()), State.UP, 0)
    made.record_run(failed(Reason.REFUSED), State.DOWN, 0)
    figures = counted(made)
    assert figures['ai_api_errors_total{error_type="refused"}'] == "1"
    assert figures["ai_api_time_to_first_token_seconds_count{}"] == "1"
    assert figures['ai_api_tokens_total{token_type="output"}'] == "17"


def test_the_end_of_the_last_run_and_success_are_kept() -> None:
    made = record()
    assert (made.last_run, made.last_success) == (None, 0.0)
    made.record_run(answered(), State.UP, 0)
    made.record_run(failed(started_at=STARTED + 60), State.DOWN, 0)
    assert made.last_run == STARTED + 60.25
    assert made.last_success == STARTED + 0.75


def test_an_end_without_a_start_leaves_none_under_way() -> None:
    made = record()
    made.record_start()
    made.record_start()
    made.record_run(answered(), State.UP, 0)
    assert made.active == 1
    for _ in range(3):
        made.record_run(answered(), State.UP, 0)
    assert made.active == 0


def test_an_answer_that_does_not_say_who_it_is_from_changes_nothing() -> None:
    made = record()
    for name in ("a", "b", None, "b", "", "c"):
        made.record_run(answered(served_model=name), State.UP, 0)
    assert made.served_model == "c"
    assert counted(made)["ai_api_served_model_changes_total{}"] == "2"


def test_what_is_too_old_is_forgotten_and_what_was_counted_stands() -> None:
    made = record()
    made.record_run(answered(), State.UP, 0)
    list(made.render_changed())
    made.expire(State.UNKNOWN)
    assert (made.last, made.state, made.served_model) == (None, State.UNKNOWN, None)
    assert (made.last_run, made.last_success) == (STARTED + 0.75, STARTED + 0.75)
    assert counted(made) == {}


def test_a_check_that_is_declared_again_keeps_its_counts() -> None:
    made = record()
    made.record_run(answered(), State.UP, 0)
    made.configure(check(paid=False))
    assert counted(made)['ai_api_requests_total{status="success"}'] == "1"


def test_what_an_earlier_process_knew_is_told_and_not_counted() -> None:
    made, known = record(), Health(state=State.UP, last_run_at=STARTED)
    made.restore(RestoredState(health=known, last=answered(), succeeded=STARTED + 0.75), 0)
    assert counted(made) == {}
    assert (made.state, made.last, made.served_model) == (State.UP, answered(), "gpt-4o-2024-11-20")
    assert made.last_run == made.last_success == STARTED + 0.75
    made.record_run(answered(served_model="gpt-5"), State.UP, 1)
    assert counted(made)["ai_api_served_model_changes_total{}"] == "1"


def test_of_what_is_too_old_only_the_moments_are_told() -> None:
    made = record()
    made.restore(RestoredState(health=Health(), last=failed(), succeeded=5.0), 0)
    assert (made.state, made.last, made.last_run, made.last_success) == (State.UNKNOWN, None, STARTED + 0.25, 5.0)
