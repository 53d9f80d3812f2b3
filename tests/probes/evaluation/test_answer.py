"""An answer put together again from its events."""

import pytest
from hypothesis import given

from exporter.core.exchange import (
    Delta,
    Embedded,
    Finish,
    Finished,
    Headroom,
    Listed,
    Ranked,
    RemoteError,
    ServedBy,
    Stamped,
    Thinking,
    ToolCall,
    Usage,
)
from exporter.core.outcome import Failure, Limit, ListedModel, Reason, Tokens
from exporter.probes.evaluation.answer import Answer, fold_events
from tests.probes.samples import at
from tests.probes.strategies import event_lists


def test_no_event_is_an_empty_answer() -> None:
    assert fold_events([]) == Answer()


def test_text_and_thinking_are_kept_apart() -> None:
    answer = fold_events(
        [*at(0.2, Thinking("let me ")), *at(0.3, Thinking("see")), *at(0.4, Delta("4")), *at(0.5, Delta("2"))]
    )

    assert (answer.thinking, answer.text) == ("let me see", "42")
    assert answer.outputs == (0.2, 0.3, 0.4, 0.5)
    assert answer.first_answer == 0.4


def test_only_what_the_model_produced_is_output() -> None:
    answer = fold_events(
        [
            *at(0.1, ServedBy(model="m"), Headroom(())),
            *at(0.2, Delta("a")),
            *at(0.3, Usage(Tokens(output=1)), Finished(Finish.STOP)),
        ]
    )

    assert answer.outputs == (0.2,)


def test_fragments_of_tool_calls_become_whole_calls() -> None:
    answer = fold_events(
        [
            *at(0.2, ToolCall(0, "add", ""), ToolCall(0, "", '{"a"'), ToolCall(1, "mul", "{}")),
            *at(0.3, ToolCall(0, "", ": 1}")),
        ]
    )

    assert answer.calls == (ToolCall(0, "add", '{"a": 1}'), ToolCall(1, "mul", "{}"))
    assert answer.first_answer == 0.2


def test_the_last_usage_wins_and_a_cost_told_once_is_kept() -> None:
    first, last = Tokens(input=9, output=1), Tokens(input=9, output=4)
    answer = fold_events([*at(0.1, Usage(first, cost_usd=0.25)), *at(0.2, Usage(last))])

    assert answer.tokens == last
    assert answer.cost_usd == 0.25


def test_a_cost_told_alone_does_not_hide_the_tokens() -> None:
    counted = Tokens(input=9, output=4)
    answer = fold_events([*at(0.1, Usage(counted)), *at(0.2, Usage(None, cost_usd=0.5))])

    assert (answer.tokens, answer.cost_usd) == (counted, 0.5)


def test_what_headers_told_of_the_server_is_not_overwritten_by_the_body() -> None:
    answer = fold_events(
        [
            *at(0.1, ServedBy(request_id="header", cached=True)),
            *at(0.2, ServedBy(request_id="body", model="m-1", fingerprint="fp", upstream="azure")),
            *at(0.3, ServedBy(model="m-2")),
        ]
    )

    assert answer.served == ServedBy(model="m-1", fingerprint="fp", upstream="azure", request_id="header", cached=True)


def test_a_limit_told_twice_holds_as_told_last() -> None:
    early = Limit(resource="requests", window="minute", remaining=9.0)
    late = Limit(resource="requests", window="minute", remaining=8.0)
    other = Limit(resource="tokens", window="minute", remaining=100.0)

    assert fold_events([*at(0.1, Headroom((early, other))), *at(0.2, Headroom((late,)))]).limits == (late, other)


def test_pages_of_a_list_are_joined() -> None:
    one, two = ListedModel(id="m-1"), ListedModel(id="m-2")

    assert fold_events([*at(0.1, Listed((one,), next_page="/p2")), *at(0.2, Listed((two,)))]).models == (one, two)
    assert fold_events(at(0.1, Listed(()))).models == ()


def test_the_first_error_is_the_one_that_matters() -> None:
    cause, effect = Failure(reason=Reason.OVERLOADED), Failure(reason=Reason.STREAM_INTERRUPTED)

    assert fold_events([*at(0.1, RemoteError(cause)), *at(0.1, RemoteError(effect))]).error == cause


def test_vectors_and_rankings_are_output() -> None:
    assert fold_events(at(0.1, Embedded((0.5, 0.5)))).vector == (0.5, 0.5)
    assert fold_events(at(0.1, Ranked(((1, 0.9), (0, 0.1))))).ranking == ((1, 0.9), (0, 0.1))


@pytest.mark.parametrize(
    ("events", "visible", "thought"),
    [
        pytest.param(at(0.1, Delta("hello")), True, False, id="text"),
        pytest.param(at(0.1, Delta(" \n")), False, False, id="white space"),
        pytest.param(at(0.1, ToolCall(0, "add", "")), True, False, id="a tool call"),
        pytest.param(at(0.1, Embedded((1.0,))), True, False, id="a vector"),
        pytest.param(at(0.1, Ranked(())), True, False, id="a ranking"),
        pytest.param(at(0.1, Thinking("hm")), False, True, id="reasoning shown"),
        pytest.param(at(0.1, Usage(Tokens(output=9, reasoning=9))), False, True, id="reasoning only counted"),
        pytest.param(at(0.1, Delta("<think>hm, ")), False, True, id="reasoning in the text, not ended"),
        pytest.param(
            at(0.1, Delta("<think>hm</think>\n\nyes")), True, False, id="reasoning in the text, then an answer"
        ),
    ],
)
def test_visible_or_only_thought(events: list[Stamped], visible: bool, thought: bool) -> None:
    answer = fold_events(events)

    assert (answer.has_visible_output, answer.has_reasoning) == (visible, thought)


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        pytest.param(" 42 ", "42", id="plain"),
        pytest.param("<think>6 * 7</think> 42", "42", id="reasoning between tags"),
        pytest.param("6 * 7</think>42", "42", id="the opening tag was part of the prompt's template"),
        pytest.param("<think>6 * 7 = 42", "", id="cut while reasoning"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_visible_text(text: str, visible: str) -> None:
    assert Answer(text=text).visible_text == visible


@pytest.mark.parametrize(
    ("events", "first_answer"),
    [
        pytest.param(
            [*at(0.1, Delta("<think>")), *at(0.2, Delta("hm")), *at(0.3, Delta("</think>\n4"))], 0.3, id="tags"
        ),
        pytest.param([*at(0.1, Delta("hm</think>")), *at(0.2, Delta("4")), *at(0.3, Delta("2"))], 0.2, id="one tag"),
        pytest.param([*at(0.1, Delta("<think>")), *at(0.2, Delta("hm"))], None, id="never done thinking"),
        pytest.param(
            [*at(0.1, Thinking("hm")), *at(0.2, ToolCall(0, "f", "")), *at(0.3, Delta("4"))], 0.2, id="a call"
        ),
        pytest.param([*at(0.1, Delta(" ")), *at(0.2, Delta("4"))], 0.1, id="an answer that begins with a space"),
        pytest.param([*at(0.1, Delta("4 ")), *at(0.2, Delta("<think>"))], 0.1, id="an answer, then a thought"),
    ],
)
def test_the_first_answer_comes_after_reasoning(events: list[Stamped], first_answer: float | None) -> None:
    assert fold_events(events).first_answer == first_answer


@given(event_lists())
def test_reads_any_events(events: list[Stamped]) -> None:
    answer = fold_events(events)

    assert list(answer.outputs) == sorted(answer.outputs)
    assert (answer.first_answer is None) or answer.first_answer in answer.outputs
