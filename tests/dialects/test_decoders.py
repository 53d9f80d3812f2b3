"""The decoders every dialect uses, with a protocol made for the test."""

from typing import Any

import pytest

from exporter.core.exchange import Delta, Event, Finish, Finished, RemoteError, ServedBy
from exporter.core.outcome import Failure, Reason
from exporter.dialects.decoders import LARGEST_DOCUMENT, LARGEST_PRELUDE, DocumentDecoder, StreamDecoder
from exporter.dialects.framing.sse import LARGEST_EVENT


class Reading:
    """A protocol of one field: `say` is text, `end` ends, `break` is an error; `[DONE]` ends too."""

    wanted = "an end"

    def __init__(self, *, lenient: bool = False) -> None:
        self.ended = False
        self.known = False
        self._lenient = lenient

    def read_message(self, event: str, body: dict[str, Any]) -> list[Event]:
        if not body.keys() & {"say", "end", "break", "who"}:
            return []
        self.known = True
        events: list[Event] = [Delta(f"{event}{body['say']}")] if "say" in body else []
        if "who" in body:
            events.append(ServedBy(model=body["who"]))
        if "break" in body:
            events += [RemoteError(Failure(reason=Reason.SERVER_ERROR, detail="broke")), Delta("never seen")]
        self.ended = self.ended or "end" in body
        return events

    def read_done_marker(self) -> list[Event]:
        self.ended = True
        return [Finished(Finish.OTHER)]

    def is_complete(self) -> bool:
        return self._lenient


def failed(reason: Reason, detail: str) -> RemoteError:
    return RemoteError(Failure(reason=reason, detail=detail))


CUT = failed(Reason.STREAM_INTERRUPTED, "the stream ended without an end")
FOREIGN = failed(Reason.INVALID_RESPONSE, "the events of the stream are of another protocol")

STREAMS = [
    pytest.param('data: {"say": "a"}\n\ndata: {"end": 1}\n\n', [Delta("a")], id="an answer"),
    pytest.param('event: e\ndata: {"say": "a", "end": 1}\n\n', [Delta("ea")], id="the event line reaches the protocol"),
    pytest.param('data: {"say": "a"}\n\ndata: [DONE]\n\n', [Delta("a"), Finished(Finish.OTHER)], id="the marker"),
    pytest.param(
        'data: {"say": "a"}\n\ndata: [DONE] ok\n\n', [Delta("a"), Finished(Finish.OTHER)], id="and more of it"
    ),
    pytest.param("data: [DONE]\n\n", [Finished(Finish.OTHER)], id="the marker alone"),
    pytest.param('data: {"say": "a"}\n\n', [Delta("a"), CUT], id="no end"),
    pytest.param('data: {"say": "a"}\n\ndata: {"e', [Delta("a"), CUT], id="an end torn apart"),
    pytest.param('data: {"say": "a"}\n\ndata: {"end": 1}', [Delta("a")], id="an end without its line end"),
    pytest.param(": hi\n\n", [CUT], id="comments alone"),
    pytest.param('data: {"odd": 1}\n\n', [FOREIGN], id="another protocol"),
    pytest.param('data: {"odd": 1}\n\ndata: [DONE]\n\n', [FOREIGN], id="another protocol that ends as ours"),
    pytest.param("data:\n\ndata: [1]\n\ndata: {}\n\n", [FOREIGN], id="events without anything"),
    pytest.param(
        'data: {"say": "a"}\n\ndata: {"break": 1}\n\ndata: {"say": "b"}\n\n',
        [Delta("a"), failed(Reason.STREAM_INTERRUPTED, "broke")],
        id="an error the protocol saw, after output",
    ),
    pytest.param(
        'data: {"who": "m"}\n\ndata: {"break": 1}\n\n',
        [ServedBy(model="m"), failed(Reason.SERVER_ERROR, "broke")],
        id="an error the protocol saw, before output",
    ),
    pytest.param(
        'data: {"say": "a"}\n\ndata: {"end": 1}\n\ndata: {"error": "late"}\n\ndata: torn\n\n',
        [Delta("a")],
        id="errors after the end are not the answer's",
    ),
    pytest.param(
        "event: error\ndata: upstream gone\n\n",
        [failed(Reason.SERVER_ERROR, "upstream gone")],
        id="an error event in words",
    ),
    pytest.param(
        "data: upstream gone\n\n",
        [failed(Reason.INVALID_RESPONSE, "an event of the stream is not JSON: upstream gone")],
        id="no JSON",
    ),
    pytest.param(
        'data: {"say": "a"}\n\ndata: 7\n\n',
        [Delta("a"), failed(Reason.STREAM_INTERRUPTED, "an event of the stream is not JSON: 7")],
        id="no object, after output",
    ),
    pytest.param("", [failed(Reason.EMPTY_RESPONSE, "the body is empty")], id="nothing"),
    pytest.param(" \n\n", [failed(Reason.EMPTY_RESPONSE, "the body is empty")], id="nothing but white space"),
    pytest.param(
        '{"say": "a", "end": 1}',
        [failed(Reason.INVALID_RESPONSE, "one JSON document came where a stream was asked for")],
        id="a document",
    ),
    pytest.param(
        '{\n "error": {\n  "message": "No.",\n  "code": 429\n }\n}',
        [failed(Reason.RATE_LIMITED, "No.")],
        id="an error as a document",
    ),
    pytest.param(
        "<title>Login</title>",
        [failed(Reason.INVALID_RESPONSE, "not an event stream: an HTML page: Login")],
        id="a page",
    ),
]


@pytest.mark.parametrize(("body", "events"), STREAMS)
def test_streams(body: str, events: list[Event]) -> None:
    decoder = StreamDecoder(Reading())
    assert [*decoder.feed(body.encode()), *decoder.close()] == events
    assert list(decoder.close()) == []


def test_an_error_ends_the_answer_at_once() -> None:
    """A server that lingers after its error does not lengthen the run."""
    decoder = StreamDecoder(Reading())
    assert len(list(decoder.feed(b'data: {"error": "No."}\n\n'))) == 1
    assert decoder.ended
    assert list(decoder.feed(b'data: {"say": "a"}\n\n')) == []
    assert list(decoder.close()) == []


def test_reasoning_that_ate_the_cap_ends_the_answer_without_an_error() -> None:
    decoder = StreamDecoder(Reading())
    words = b"Could not finish the message because max_tokens or model output limit was reached."
    events = list(decoder.feed(b'data: {"error": {"message": "' + words + b'"}}\n\n'))
    assert events == [Finished(Finish.LENGTH, "max_tokens")]
    assert decoder.ended
    assert list(decoder.close()) == []


def test_a_protocol_may_do_without_its_marker() -> None:
    decoder = StreamDecoder(Reading(lenient=True))
    assert [*decoder.feed(b'data: {"say": "a"}\n\n'), *decoder.close()] == [Delta("a")]


def test_one_event_that_is_too_large() -> None:
    decoder = StreamDecoder(Reading())
    events = list(decoder.feed(b'data: {"say": "a"}\n\ndata: ' + b"x" * LARGEST_EVENT))
    assert events == [Delta("a"), failed(Reason.TOO_LARGE, "one event of the stream is larger than 1 MiB")]
    assert decoder.ended


def test_what_follows_the_end_may_be_of_any_size() -> None:
    decoder = StreamDecoder(Reading())
    assert list(decoder.feed(b'data: {"say": "a", "end": 1}\n\ndata: ' + b"x" * LARGEST_EVENT)) == [Delta("a")]
    assert list(decoder.close()) == []


def test_many_events_may_be_larger_together() -> None:
    decoder = StreamDecoder(Reading())
    piece = b'data: {"say": "' + b"x" * 65536 + b'"}\n\n'
    assert sum(len(list(decoder.feed(piece))) for _ in range(40)) == 40
    assert not decoder.ended


def test_what_is_no_stream_is_not_read_for_ever() -> None:
    decoder = StreamDecoder(Reading())
    assert list(decoder.feed(b"<html>" + b" " * (LARGEST_PRELUDE - 6))) == []
    assert list(decoder.feed(b" ")) == [failed(Reason.INVALID_RESPONSE, "not an event stream: an HTML page")]
    assert decoder.ended


def read(document: Any) -> list[Event] | None:
    return [Delta(document["say"])] if isinstance(document, dict) and "say" in document else None


@pytest.mark.parametrize(
    ("body", "events"),
    [
        pytest.param(b'{"say": "a"}', [Delta("a")], id="an answer"),
        pytest.param(b'\n\n {"say": "a"} \n', [Delta("a")], id="with white space around"),
        pytest.param(b'{"say": "a"', [failed(Reason.INVALID_RESPONSE, 'not JSON: {"say": "a"')], id="torn"),
        pytest.param(b"", [failed(Reason.EMPTY_RESPONSE, "the body is empty")], id="nothing"),
        pytest.param(b"null", [failed(Reason.INVALID_RESPONSE, "not JSON: null")], id="null"),
        pytest.param(b"7", [failed(Reason.INVALID_RESPONSE, "JSON of another protocol: 7")], id="a number"),
        pytest.param(
            b'{"odd": 1}', [failed(Reason.INVALID_RESPONSE, 'JSON of another protocol: {"odd": 1}')], id="not ours"
        ),
        pytest.param(b'{"error": {"code": 503}}', [failed(Reason.OVERLOADED, "an error without words")], id="an error"),
        pytest.param(b'{"message": "No."}', [failed(Reason.SERVER_ERROR, "No.")], id="a flat error"),
        pytest.param(
            b'{"say": "a", "message": "No."}', [Delta("a")], id="an answer with a field of flat errors is an answer"
        ),
    ],
)
def test_documents(body: bytes, events: list[Event]) -> None:
    decoder = DocumentDecoder(read)
    assert list(decoder.feed(body[:5])) == list(decoder.feed(body[5:])) == []
    assert not decoder.ended
    assert list(decoder.close()) == events
    assert decoder.ended
    assert list(decoder.close()) == list(decoder.feed(b"x")) == []


def test_a_document_that_is_too_large() -> None:
    decoder = DocumentDecoder(read)
    assert list(decoder.feed(b" " * LARGEST_DOCUMENT)) == []
    assert list(decoder.feed(b" ")) == [failed(Reason.TOO_LARGE, "the answer is larger than 8 MiB")]
    assert decoder.ended
    assert list(decoder.close()) == []
