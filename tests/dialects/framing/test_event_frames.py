"""AWS event streams, split anywhere and damaged anywhere; what we read, botocore reads too."""

import struct
import zlib
from typing import Any

import orjson
import pytest
from botocore.eventstream import EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from exporter.dialects.framing.event_frames import FrameReader
from exporter.dialects.framing.sse import Message
from tests.dialects.frames import error, event, exception, frame, header
from tests.dialects.transcripts import Transcript, transcripts

BODY = event("messageStart", b'{"role":"assistant"}') + event("metadata", b"{}")
MESSAGES = [Message("messageStart", b'{"role":"assistant"}'), Message("metadata", b"{}")]
RECORDED = [each for each in transcripts() if each.form == "frames" and each.fine]


def read(*pieces: bytes) -> tuple[list[Message], FrameReader]:
    reader = FrameReader()
    return [message for piece in pieces for message in reader.feed(piece)], reader


@pytest.mark.parametrize("transcript", RECORDED, ids=lambda each: each.case)
def test_botocore_reads_the_same(transcript: Transcript) -> None:
    buffer = EventStreamBuffer()
    buffer.add_data(transcript.body)
    theirs = [Message(each.headers[":event-type"], each.payload) for each in buffer]
    assert read(transcript.body)[0] == theirs != []


@given(split=st.integers(0, len(BODY)))
def test_where_it_is_split_does_not_matter(split: int) -> None:
    assert read(BODY[:split], BODY[split:])[0] == MESSAGES


@given(position=st.integers(0, len(BODY) - 1), flip=st.integers(1, 255))
def test_a_byte_that_is_wrong_is_noticed(position: int, flip: int) -> None:
    """Whatever was changed, no message comes out that was not sent."""
    damaged = bytearray(BODY)
    damaged[position] ^= flip
    messages, reader = read(bytes(damaged))
    assert len(messages) < len(MESSAGES)
    assert messages == MESSAGES[: len(messages)]
    assert reader.broken or reader.feed(b"\0" * 64) == []


@given(st.binary())
def test_any_bytes_are_survived(body: bytes) -> None:
    messages, reader = read(body)
    assert messages == []
    assert reader.close() == []


def test_what_is_recognised() -> None:
    assert not read(BODY[:11])[1].recognised
    assert read(BODY[:12])[1].recognised
    assert not read(b"<html><title>Bad Gateway")[1].recognised


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        pytest.param(
            exception("throttlingException", b'{"message":"Slower."}'),
            {"code": "throttlingException", "message": "Slower."},
            id="an exception",
        ),
        pytest.param(
            exception("validationException", b'{"Message":"No."}'),
            {"code": "validationException", "message": "No."},
            id="an exception, its words with a capital",
        ),
        pytest.param(exception("x", b"not JSON"), {"code": "x", "message": ""}, id="an exception without words"),
        pytest.param(error("InternalError", "Boom."), {"code": "InternalError", "message": "Boom."}, id="an error"),
    ],
)
def test_errors(sent: bytes, told: dict[str, Any]) -> None:
    [message] = read(sent)[0]
    assert orjson.loads(message.data) == {"error": told}


OTHER_TYPES = b"".join(
    bytes([1]) + b"x" + bytes([kind]) + value
    for kind, value in (
        (0, b""),
        (1, b""),
        (2, b"a"),
        (3, b"ab"),
        (4, b"abcd"),
        (5, b"abcdefgh"),
        (6, b"\0\3abc"),
        (8, b"abcdefgh"),
        (9, b"abcdefghijklmnop"),
    )
)


def test_headers_of_every_type_are_passed_over() -> None:
    assert read(frame(OTHER_TYPES + header(":event-type", "ok"), b"{}"))[0] == [Message("ok", b"{}")]


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(b"\x05ab", id="a name that is cut"),
        pytest.param(b"\x01x", id="no type"),
        pytest.param(b"\x01x\x63", id="an unknown type"),
        pytest.param(b"\x01x\x07\x00", id="half a length"),
        pytest.param(b"\x01x\x07\x00\x09abc", id="a value that is cut"),
        pytest.param(b"\x01x\x04ab", id="a number that is cut"),
    ],
)
def test_headers_that_are_damaged(headers: bytes) -> None:
    messages, reader = read(frame(headers, b"{}"))
    assert messages == []
    assert reader.broken == "the headers of a frame cannot be read"


def test_lengths_that_cannot_be() -> None:
    prelude = struct.pack(">II", 20, 40)
    _, reader = read(prelude + struct.pack(">I", zlib.crc32(prelude)) + b"\0" * 40)
    assert reader.broken == "the lengths of a frame do not match their checksum"


def test_a_frame_over_the_bound() -> None:
    reader = FrameReader(largest=64)
    assert reader.feed(event("a", b"x" * 100)) == []
    assert reader.too_large
    assert reader.feed(event("a", b"")) == []
