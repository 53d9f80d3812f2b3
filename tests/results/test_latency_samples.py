"""Which run counts in which histogram."""

import pytest

from exporter.core.outcome import Flag, Outcome, Reason
from exporter.results.latency_samples import taken
from tests.metrics.make import answered, failed, timing

DURATION = "ai_api_request_duration_seconds"
FIRST = "ai_api_time_to_first_token_seconds"
ANSWER = "ai_api_time_to_first_answer_token_seconds"
PACE = "ai_api_time_per_output_token_seconds"
UNTOLD = timing(first_token=None, first_answer=None, per_output_token=None)


def flagged(*flags: Flag) -> Outcome:
    return answered(flags=frozenset(flags))


@pytest.mark.parametrize(
    ("outcome", "counted"),
    [
        pytest.param(answered(), {DURATION, FIRST, ANSWER, PACE}, id="a good run"),
        pytest.param(flagged(Flag.SLOW, Flag.MISMATCHED), {DURATION, FIRST, ANSWER, PACE}, id="slow, another model"),
        pytest.param(flagged(Flag.STARVED), {DURATION}, id="starved"),
        pytest.param(flagged(Flag.BUFFERED), {DURATION, FIRST, ANSWER}, id="buffered"),
        pytest.param(flagged(Flag.CACHED), set(), id="from a response cache"),
        pytest.param(failed(), set(), id="failed"),
        pytest.param(failed(Reason.STREAM_INTERRUPTED, timing=timing()), set(), id="failed with a first token"),
        pytest.param(answered(timing=UNTOLD), {DURATION}, id="nothing told"),
    ],
)
def test_which_run_counts_where(outcome: Outcome, counted: set[str]) -> None:
    assert dict(taken(outcome)).keys() == counted


def test_each_gets_its_own_figure() -> None:
    assert dict(taken(answered())) == {DURATION: 0.75, FIRST: 0.3, ANSWER: 0.35, PACE: 0.025}
