"""Newline-delimited JSON, split anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.dialects.framing.ndjson import LineReader


def read(*pieces: bytes) -> list[bytes]:
    reader = LineReader()
    messages = [message for piece in pieces for message in reader.feed(piece)]
    return [message.data for message in [*messages, *reader.close()]]


@pytest.mark.parametrize(
    ("pieces", "lines"),
    [
        pytest.param([b'{"a":1}\n{"b":2}\n'], [b'{"a":1}', b'{"b":2}'], id="two lines at once"),
        pytest.param([b'{"a"', b":1}", b"\n"], [b'{"a":1}'], id="one line in three pieces"),
        pytest.param([b'{"a":1}\r\n\r\n{"b":2}\r\n'], [b'{"a":1}', b'{"b":2}'], id="line ends of another system"),
        pytest.param([b'\n \n{"a":1}'], [b'{"a":1}'], id="no end after the last line"),
        pytest.param(['{"a":"\u2028\x85"}\n'.encode()], ['{"a":"\u2028\x85"}'.encode()], id="line ends of other kinds"),
        pytest.param([], [], id="nothing"),
    ],
)
def test_lines(pieces: list[bytes], lines: list[bytes]) -> None:
    assert read(*pieces) == lines


@given(body=st.binary(), split=st.integers(0, 60))
def test_where_it_is_split_does_not_matter(body: bytes, split: int) -> None:
    assert read(body[:split], body[split:]) == read(body)


@pytest.mark.parametrize(
    ("body", "known"),
    [(b"{", True), (b' \r\n\n {"a"', True), (b"<html>", False), (b"data: {}", False), (b"", False), (b" ", False)],
)
def test_what_is_recognised(body: bytes, known: bool) -> None:
    reader = LineReader()
    reader.feed(body)
    assert reader.recognised is known


def test_a_line_over_the_bound_ends_it() -> None:
    reader = LineReader(largest=10)
    assert [message.data for message in reader.feed(b'{"a": 12}\n')] == [b'{"a": 12}']
    assert reader.feed(b'{"a": 1234567}') == []
    assert reader.too_large
    assert reader.feed(b"\n{}\n") == []


def test_a_line_over_the_bound_in_one_piece() -> None:
    reader = LineReader(largest=10)
    assert reader.feed(b'{"a": 1234567}\n{}\n') == []
    assert reader.too_large
