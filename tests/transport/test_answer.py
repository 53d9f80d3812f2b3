"""How an answer grows and ends, without a network: limits, errors, what comes after."""

import pytest

from exporter.core.ask import Complete, ListModels
from exporter.core.exchange import Delta, Finish, Finished, RemoteError
from exporter.core.outcome import Failure, Reason
from exporter.core.target import Target
from exporter.dialects import DIALECTS
from exporter.transport.answer import AnswerBuilder
from tests.transport.asking import DIALECT, DONE, GOOD, ROLE, delta, provider

TARGET = Target(provider=provider("https://vendor.example"), model="gpt-4o-mini", dialect=DIALECT.name)
LOST = Failure(reason=Reason.STREAM_INTERRUPTED, detail="cut")


def answer(*, streamed: bool = True, most_bytes: int = 10_000) -> AnswerBuilder:
    return AnswerBuilder(DIALECT, Complete("Say one word.") if streamed else ListModels(), TARGET, most_bytes)


def begun(status: int = 200, content_type: str = "text/event-stream") -> AnswerBuilder:
    made = answer()
    made.begin(status, {"content-type": content_type}, 10, 1.7e9)
    return made


def test_events_carry_the_arrival_of_what_completed_them() -> None:
    made = begun()
    for at, event in enumerate(GOOD, start=11):
        half = len(event) // 2
        made.feed(event[:half], at * 10)
        made.feed(event[half:], at * 10 + 5)
    assert [round(at * 1e9) for at, event in made.log.list_events(0, 999) if isinstance(event, Delta)] == [125, 135]
    assert (made.done, made.ended_ns, made.failure) == (True, 145, None)


def test_the_first_output_is_told_once() -> None:
    told: list[int] = []
    made = begun()
    made.on_output = lambda: told.append(1)
    made.feed(ROLE, 11)
    assert told == []
    made.feed(delta("one") + delta("two"), 12)
    made.feed(delta("three"), 13)
    assert told == [1]


def test_a_body_that_ends_without_the_end_is_an_error() -> None:
    made = begun()
    made.feed(ROLE, 11)
    made.close(12)
    assert made.failure is not None
    assert (made.failure.reason, made.failure.http_status, made.ended_ns) == (Reason.STREAM_INTERRUPTED, 200, 12)


WHOLE = b'data: {"candidates": [{"content": {"parts": [{"text": "one"}]}, "finishReason": "STOP"}]}\n\n'


def test_of_an_answer_that_was_whole_nothing_is_lost() -> None:
    """Gemini's answer ends with its body: a connection that breaks, or hangs, after the finish reason cuts nothing."""
    made = AnswerBuilder(DIALECTS["gemini-generate"], Complete("Say one word."), TARGET, 10_000)
    made.begin(200, {"content-type": "text/event-stream"}, 10, 1.7e9)
    made.feed(WHOLE, 20)
    assert not made.done
    made.interrupt(LOST, 90)
    assert (made.done, made.ended_ns, made.failure) == (True, 20, None)


def test_what_is_over_the_limit_is_an_error_unless_it_was_the_end() -> None:
    over, ending = begun(), begun()
    over.feed(b": " + b"x" * 10_000 + b"\n", 11)
    ending.feed(b": " + b"x" * 10_000 + b"\n" + delta("one", "stop") + DONE, 11)
    assert over.failure is not None
    assert over.failure.reason is Reason.TOO_LARGE
    assert (ending.failure, ending.done) == (None, True)


@pytest.mark.parametrize("content_type", ["text/html", "Text/HTML; charset=utf-8"])
def test_a_page_is_no_answer(content_type: str) -> None:
    made = begun(content_type=content_type)
    made.feed(b"<html>", 11)
    assert made.failure is not None
    assert made.failure.reason is Reason.INVALID_RESPONSE
    assert bytes(made.received) == b"<html>"


def test_a_status_says_more_than_how_its_body_ended() -> None:
    refused, answered, silent = begun(429), begun(200), answer()
    for each in (refused, answered, silent):
        each.interrupt(LOST, 12)
    assert refused.failure is not None
    assert refused.failure.reason is Reason.RATE_LIMITED
    assert answered.failure is not None
    assert (answered.failure.reason, answered.failure.http_status) == (Reason.STREAM_INTERRUPTED, 200)
    assert silent.failure == LOST


def test_a_refusal_because_thinking_ate_the_cap_is_no_failure() -> None:
    made = begun(400)
    said = b'{"error":{"message":"Could not finish the message because max_tokens or model output limit was reached.'
    made.feed(said + b' Please try again with higher max_tokens.","type":"invalid_request_error"}}', 11)
    made.close(12)
    assert made.failure is None
    assert [event.why for _, event in made.log.list_events(0, 999) if isinstance(event, Finished)] == [Finish.LENGTH]


def test_the_body_of_a_refusal_is_read_to_a_limit() -> None:
    made = begun(500)
    for at in range(11, 20):
        if not made.done:
            made.feed(b"x" * 16 * 1024, at)
    assert made.ended_ns == 14
    assert len(made.received) == 16 * 1024


def test_only_the_first_error_is_the_failure() -> None:
    made = begun()
    made.feed(b'data: {"error":{"message":"first"}}\n\ndata: {"error":{"message":"second"}}\n\n', 11)
    assert made.failure is not None
    assert "first" in made.failure.detail
    assert isinstance(made.log.list_events(0, 999)[0].event, RemoteError)
