"""Server-sent events: where lines end, what makes a message, and that nothing grows without bound."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.dialects.framing.sse import EventReader, Message

STREAMS = [
    pytest.param(b"data: a\n\n", [("", b"a")], id="one line feed"),
    pytest.param(b"data: a\r\n\r\n", [("", b"a")], id="carriage return and line feed"),
    pytest.param(b"data: a\r\r", [("", b"a")], id="carriage returns"),
    pytest.param(b"data: a\r\n\r\ndata: b\r\n\r\ndata: c\n\n", [("", b"a"), ("", b"b"), ("", b"c")], id="several"),
    pytest.param(b"data: a\r\n\rdata: b\n\r\n", [("", b"a"), ("", b"b")], id="all three mixed"),
    pytest.param(b"data:a\n\n", [("", b"a")], id="no space after the colon"),
    pytest.param(b"data:  a \n\n", [("", b" a ")], id="only one space goes"),
    pytest.param(b"data: a\ndata: b\ndata:\n\n", [("", b"a\nb\n")], id="several lines of data"),
    pytest.param(b"event: ping\ndata: {}\n\n", [("ping", b"{}")], id="a named event"),
    pytest.param(b"data: {}\nevent: late\n\n", [("late", b"{}")], id="the name after the data"),
    pytest.param(b"event: lost\n\ndata: a\n\n", [("", b"a")], id="a name without data is forgotten"),
    pytest.param(b": hello\n\n:\n\ndata: a\n\n", [("", b"a")], id="comments"),
    pytest.param(b"id: 7\nretry: 10\nnew: x\ndata: a\n\n", [("", b"a")], id="other fields"),
    pytest.param(b"\xef\xbb\xbfdata: a\n\n", [("", b"a")], id="a byte order mark"),
    pytest.param(b"data: \xef\xbb\xbfa\n\n", [("", b"\xef\xbb\xbfa")], id="the same bytes later are data"),
    pytest.param(b"\n\n\r\n\n", [], id="blank lines"),
    pytest.param(b"data\n\n", [("", b"")], id="a field without a colon is empty"),
    pytest.param(b"data: a\n\ndata: torn", [("", b"a")], id="what is not over yet is not told"),
    pytest.param(
        "data: a\u2028b\u2029c\u0085d\x0be\x0cf\x1cg\n\n".encode(),
        [("", "a\u2028b\u2029c\u0085d\x0be\x0cf\x1cg".encode())],
        id="other separators are text",
    ),
]


def read(reader: EventReader, pieces: list[bytes]) -> list[Message]:
    return [message for piece in pieces for message in reader.feed(piece)]


@pytest.mark.parametrize(("stream", "messages"), STREAMS)
def test_at_once_and_byte_by_byte(stream: bytes, messages: list[tuple[str, bytes]]) -> None:
    assert read(EventReader(), [stream]) == messages
    assert read(EventReader(), [bytes([byte]) for byte in stream]) == messages


@pytest.mark.parametrize(("stream", "messages"), STREAMS)
def test_cut_in_two_anywhere(stream: bytes, messages: list[tuple[str, bytes]]) -> None:
    """Between a carriage return and its line feed, too, with what follows in one piece with the line feed."""
    for cut in range(len(stream) + 1):
        assert read(EventReader(), [stream[:cut], stream[cut:]]) == messages, cut


@given(
    pieces=st.lists(
        st.sampled_from(
            [b"data: w\n\n", b"data: x", b"data", b"event: e", b":c", b"\r", b"\n", b"\r\n", b"", b"\xe2\x80\xa8"]
        )
    )
)
def test_how_bytes_are_split_changes_nothing(pieces: list[bytes]) -> None:
    assert read(EventReader(), pieces) == read(EventReader(), [b"".join(pieces)])


def test_a_line_that_ends_in_a_carriage_return_does_not_wait_for_the_next_byte() -> None:
    reader = EventReader()
    assert reader.feed(b"data: a\r\n\r") == [("", b"a")]
    assert reader.feed(b"") == []
    assert reader.feed(b"\ndata: b\n\n") == [("", b"b")]


@pytest.mark.parametrize("rest", [b"data: a", b"data: a\n", b"data: a\r", b"data: a\r\n"])
def test_a_last_event_without_its_blank_line_counts_at_the_end(rest: bytes) -> None:
    reader = EventReader()
    assert reader.feed(rest) == []
    assert reader.close() == [("", b"a")]
    assert reader.close() == []


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([b"data: " + b"x" * 11], id="one long line"),
        pytest.param([b"x"] * 17, id="a line that never ends, byte by byte"),
        pytest.param([b": " + b"x" * 15], id="a long comment"),
        pytest.param([b"data: 123456\n"] * 3, id="many lines of one event"),
        pytest.param([b"data:\n"] * 18, id="many empty lines of one event"),
    ],
)
def test_over_the_bound(pieces: list[bytes]) -> None:
    reader = EventReader(largest=16)
    assert read(reader, pieces) == []
    assert reader.too_large


def test_up_to_the_bound() -> None:
    reader = EventReader(largest=16)
    assert read(reader, [b"data: 0123456789\n\n"] * 100) == [("", b"0123456789")] * 100
    assert read(reader, [b": 0123456789\n"] * 100) == []
    assert not reader.too_large


def test_messages_before_the_one_that_is_too_large_are_told() -> None:
    reader = EventReader(largest=16)
    assert reader.feed(b"data: a\n\ndata: " + b"x" * 32) == [("", b"a")]
    assert reader.too_large


@pytest.mark.parametrize(
    ("start", "recognised"),
    [
        pytest.param(b"data: x\n", True, id="data"),
        pytest.param(b"data: x", True, id="data that goes on"),
        pytest.param(b":", True, id="a comment that goes on"),
        pytest.param(b"event: x\n", True, id="an event"),
        pytest.param(b"retry: 1\n", True, id="a time to wait"),
        pytest.param(b"<html>\n", False, id="a page"),
        pytest.param(b'{"data": []}\n', False, id="a document"),
        pytest.param(b"\n\n", False, id="blank lines"),
        pytest.param(b"dat", False, id="not enough to tell"),
    ],
)
def test_what_shows_that_it_is_an_event_stream(start: bytes, *, recognised: bool) -> None:
    reader = EventReader()
    reader.feed(start)
    assert reader.recognised is recognised
