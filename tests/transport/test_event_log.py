"""Over its bounds the log merges events, and what judgement needs stays as it was."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.core.exchange import (
    OUTPUT,
    Delta,
    Event,
    Finish,
    Finished,
    Headroom,
    Loaded,
    RemoteError,
    ServedBy,
    Thinking,
    ToolCall,
    Usage,
)
from exporter.core.outcome import Failure, Limit, Reason, Tokens
from exporter.probes.evaluation.answer import fold_events
from exporter.transport.event_log import MOST_MERGED, EventLog

EVENTS = st.one_of(
    st.text(min_size=1, max_size=3).map(Delta),
    st.text(min_size=1, max_size=3).map(Thinking),
    st.builds(ToolCall, st.integers(0, 3), st.sampled_from(["", "f"]), st.text(max_size=3)),
    st.builds(Usage, st.builds(Tokens, input=st.integers(0, 9), output=st.integers(0, 9)) | st.none(), st.floats(0, 1)),
    st.builds(Finished, st.sampled_from(Finish), st.text(max_size=3)),
    st.builds(ServedBy, model=st.text(max_size=3), request_id=st.text(max_size=3), cached=st.booleans()),
    st.builds(Loaded, st.floats(0, 9)),
    st.just(RemoteError(Failure(reason=Reason.OVERLOADED, detail="busy"))),
)


def fill(log: EventLog, events: list[Event]) -> EventLog:
    for at, event in enumerate(events):
        log.add(event, at * at * 10**9)
    return log


@given(st.lists(EVENTS, max_size=40), st.integers(1, 12))
def test_what_judgement_needs_is_the_same(events: list[Event], most: int) -> None:
    whole, bounded = fill(EventLog(), events), fill(EventLog(most), events)
    all_of_it = fold_events(whole.list_events(0, 10**18))
    merged = fold_events(bounded.list_events(0, 10**18))
    for field in ("text", "thinking", "tokens", "cost_usd", "error", "served", "model_load"):
        assert getattr(merged, field) == getattr(all_of_it, field), field
    assert {call.index: call.arguments for call in merged.calls} == {
        call.index: call.arguments for call in all_of_it.calls
    }
    assert merged.outputs[:1] == all_of_it.outputs[:1]
    assert merged.outputs[-1:] == all_of_it.outputs[-1:]
    if "</think>" not in all_of_it.text and all_of_it.visible_text:
        assert merged.first_answer == all_of_it.first_answer


@given(st.lists(EVENTS, max_size=40), st.integers(1, 12))
def test_the_longest_gap_is_that_of_all_outputs(events: list[Event], most: int) -> None:
    log = fill(EventLog(most), events)
    arrivals = [at * at * 10**9 for at, event in enumerate(events) if isinstance(event, OUTPUT)]
    expected = max((late - early for early, late in pairwise(arrivals)), default=0)

    assert log.longest_gap in (None, expected)
    assert log.longest_gap is not None or len(log.list_events(0, 10**18)) == len(events)


def test_texts_over_the_bound_are_cut_and_that_is_told() -> None:
    log = EventLog(most_characters=10)
    for at in range(100):
        log.add(Delta(f"{at:02}"), at)
        log.add(ToolCall(at, "f", "{}"), at)

    listed = log.list_events(0, 10**9)
    assert fold_events(listed).text == "0001"
    assert len(listed) <= 10 + 2 * MOST_MERGED
    assert not log.is_complete


def test_text_and_the_last_arrival_survive_any_number_of_tool_calls() -> None:
    log = EventLog(most_events=1)
    for at in range(1000):
        log.add(ToolCall(at, "f", "{}"), at * 10**9)
    log.add(Delta("one"), 1000 * 10**9)
    log.add(Delta(" two"), 1001 * 10**9)
    log.add(ToolCall(5000, "f", "{}"), 1002 * 10**9)

    answer = fold_events(log.list_events(0, 10**18))
    assert answer.text == "one two"
    assert (answer.outputs[0], answer.outputs[-1]) == (0.0, 1002.0)
    assert len(answer.outputs) <= MOST_MERGED + 4


def test_many_different_limits_are_bounded() -> None:
    log = EventLog(most_events=1)
    for at in range(1000):
        log.add(Headroom((Limit(resource=f"r{at}", window="minute", limit=1, remaining=1, reset_at=1.0),)), at)

    limits = fold_events(log.list_events(0, 10**9)).limits
    assert len(limits) <= MOST_MERGED + 1
    assert limits[-1].resource == "r999"


def test_stamps_never_go_back_and_never_pass_the_end() -> None:
    log = EventLog()
    for at in (90, 1_000_000_100, 50, 9_000_000_100):
        log.add(Finished(Finish.STOP), at)
    assert [each.at for each in log.list_events(100, 2_000_000_100)] == [0.0, 1.0, 1.0, 2.0]


@pytest.mark.parametrize("count", [10, 1000])
def test_a_small_log_holds_every_event(count: int) -> None:
    log = fill(EventLog(), [Delta("x") for _ in range(count)])

    assert len(log.list_events(0, 10**18)) == count
    assert log.longest_gap is None
    assert log.is_complete
