"""What Responses servers leave out or write otherwise; the transcripts have the rest."""

from typing import Any

import pytest

from exporter.core.exchange import Delta, Event, Finish, Finished, RemoteError, ServedBy, ToolCall
from exporter.dialects.openai.responses_answer import ResponseReading, read_response

OUTPUT = [{"type": "message", "content": [{"type": "output_text", "text": "Hi"}]}]


def last(body: dict[str, Any]) -> Event:
    events = read_response(body)
    assert events is not None
    return events[-1]


@pytest.mark.parametrize(
    ("body", "end"),
    [
        pytest.param({"output": OUTPUT}, Finished(Finish.STOP, ""), id="no status"),
        pytest.param({"output": OUTPUT, "status": "completed"}, Finished(Finish.STOP, "completed"), id="completed"),
        pytest.param({"output": OUTPUT, "status": "incomplete"}, Finished(Finish.OTHER, "incomplete"), id="no reason"),
        pytest.param(
            {"output": OUTPUT, "status": "incomplete", "incomplete_details": {"reason": "tomorrow"}},
            Finished(Finish.OTHER, "tomorrow"),
            id="another reason",
        ),
    ],
)
def test_ends(body: dict[str, Any], end: Finished) -> None:
    assert last(body) == end


@pytest.mark.parametrize("status", ["queued", "in_progress", "cancelled", "failed"])
def test_statuses_that_are_no_answer(status: str) -> None:
    end = last({"output": OUTPUT, "status": status})
    assert isinstance(end, RemoteError)
    assert end.failure.detail == f"the answer has the status {status}"


def test_no_output_is_no_answer() -> None:
    assert read_response({"status": "completed"}) is None
    assert read_response([]) is None


def test_who_answered_is_told_once_and_again_when_it_changes() -> None:
    reading = ResponseReading()
    told = [
        reading.read_message("", {"type": "response.created", "response": {"model": name}}) for name in ("a", "a", "b")
    ]
    assert told == [[ServedBy(model="a")], [], [ServedBy(model="b")]]


def test_arguments_without_the_item_before_them() -> None:
    body = {"type": "response.function_call_arguments.delta", "output_index": 3, "delta": "{}"}
    assert ResponseReading().read_message("", body) == [ToolCall(0, "", "{}")]


def test_nothing_counts_after_the_end() -> None:
    reading = ResponseReading()
    reading.read_message("", {"type": "response.completed", "response": {"status": "completed", "output": OUTPUT}})
    assert reading.ended
    assert reading.read_message("", {"type": "response.output_text.delta", "delta": "more"}) == []


def test_the_name_of_the_event_line_counts_where_the_data_has_none() -> None:
    assert ResponseReading().read_message("response.output_text.delta", {"delta": "Hi"}) == [Delta("Hi")]
