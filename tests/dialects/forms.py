"""The forms in which answers travel, taken apart into their JSON documents and put together again.

A form is named by the suffix of its transcripts: sse (event streams), json (one document), ndjson (one document per
line), frames (AWS event streams, written down as text: see frames.py).
"""

from collections.abc import Iterable
from typing import NamedTuple

from tests.dialects import frames


class Piece(NamedTuple):
    """A part of a body: bytes before and after a text that may be a JSON document."""

    before: bytes
    text: bytes
    after: bytes


def body(form: str, raw: bytes) -> bytes:
    """What travels, from what stands in the file."""
    return frames.written(raw.decode()) if form == "frames" else raw


def pieces(form: str, data: bytes) -> list[Piece]:
    """The body in parts, each with one document at most."""
    if form == "json":
        return [Piece(b"", data, b"")]
    if form == "frames":
        return [Piece(headers, payload, b"") for headers, payload in frames.apart(data)]
    return [_line(form, line) for line in data.splitlines(keepends=True)]


def _line(form: str, line: bytes) -> Piece:
    bare = line.rstrip(b"\r\n")
    name, colon, value = bare.partition(b":") if form == "sse" else (b"", b"", bare)
    return Piece(name + colon, value, line[len(bare) :])


def joined(form: str, parts: Iterable[Piece]) -> bytes:
    """The body that consists of these parts."""
    if form == "frames":
        return b"".join(frames.frame(part.before, part.text) for part in parts)
    return b"".join(b"".join(part) for part in parts)


def complete_from(form: str, data: bytes, marker: str) -> int:
    """How many bytes make a complete answer: up to the end of what holds the marker. All where there is none."""
    if form == "json":
        return len(data.rstrip())
    if not marker:
        return len(data) + 1
    found = data.rindex(marker.encode())
    if form == "frames":
        return next(end for end in frames.ends(data) if end > found)
    line_ends = (data.find(end, found) for end in (b"\r", b"\n"))
    return min((end for end in line_ends if end >= 0), default=len(data))
