"""Incremental AWS event streams (`application/vnd.amazon.eventstream`): bytes in, messages out, both checksums checked.

A frame is: total length, length of the headers, CRC-32 of those eight bytes, headers, payload, CRC-32 of all before;
everything big-endian. Source: botocore 1.44. What the service reports as an exception or error becomes a message of
the form `{"error": {"code": ..., "message": ...}}`, so that it is named like everybody's.
"""

import struct
import zlib
from collections.abc import Mapping

import orjson

from exporter.dialects.fields import as_object, parse_json
from exporter.dialects.framing.sse import LARGEST_EVENT, Message

PRELUDE = struct.Struct(">III")
CHECKSUM = struct.Struct(">I")
LENGTH = struct.Struct(">H")
LEAST = PRELUDE.size + CHECKSUM.size
"""Bytes of a frame without headers and payload."""

VALUE_SIZES: Mapping[int, int] = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Bytes of a header's value by its type: true, false, byte, short, int, long, timestamp, uuid."""

LONG_VALUES = frozenset({6, 7})
"""Types whose value has its own length before it: bytes, text."""


class FrameReader:
    """Cuts a stream into frames. Never raises; over the bound it sets `too_large`, at damage it says what in `broken`.

    `recognised` turns True with the first prelude whose checksum holds.
    """

    def __init__(self, largest: int = LARGEST_EVENT) -> None:
        self.too_large = False
        self.recognised = False
        self.broken = ""
        self._largest = largest
        self._partial = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """Take the next bytes, split anywhere; return the messages of the frames they complete."""
        if self.broken or self.too_large:
            return []
        self._partial += data
        messages = []
        while (size := self._next_frame_size()) and (message := self._take_frame(size)) is not None:
            messages.append(message)
        return messages

    def close(self) -> list[Message]:
        """Take the end of the bytes; an incomplete frame is dropped."""
        self._partial.clear()
        return []

    def _next_frame_size(self) -> int:
        """Return the bytes of the next frame; 0 if it is incomplete or nothing more can be read."""
        if len(self._partial) < PRELUDE.size:
            return 0
        size, headers_size, checksum = PRELUDE.unpack_from(self._partial)
        if zlib.crc32(self._partial[: PRELUDE.size - CHECKSUM.size]) != checksum or size < LEAST + headers_size:
            self._break("the lengths of a frame do not match their checksum")
            return 0
        self.recognised = True
        self.too_large = size > self._largest + LEAST
        return size if len(self._partial) >= size and not self.too_large else 0

    def _take_frame(self, size: int) -> Message | None:
        """Take the next frame off and read it; None where it is damaged."""
        frame = bytes(self._partial[:size])
        del self._partial[:size]
        body = size - CHECKSUM.size
        if zlib.crc32(frame[:body]) != CHECKSUM.unpack_from(frame, body)[0]:
            self._break("a frame does not match its checksum")
            return None
        payload = PRELUDE.size + PRELUDE.unpack_from(frame)[1]
        headers = _read_headers(frame[PRELUDE.size : payload])
        if headers is None:
            self._break("the headers of a frame cannot be read")
            return None
        return _make_message(headers, frame[payload:body])

    def _break(self, why: str) -> None:
        self.broken = why
        self._partial.clear()


def _read_headers(data: bytes) -> Mapping[str, str] | None:
    """Read the headers that are text; None if they are damaged."""
    found: dict[str, str] = {}
    at = 0
    while at < len(data):
        name_end = at + 1 + data[at]
        if name_end >= len(data):
            return None
        name, kind = data[at + 1 : name_end].decode("utf-8", "replace"), data[name_end]
        begin, end = _locate_value(data, name_end + 1, kind)
        if end > len(data):
            return None
        if kind in LONG_VALUES:
            found[name] = data[begin:end].decode("utf-8", "replace")
        at = end
    return found


def _locate_value(data: bytes, at: int, kind: int) -> tuple[int, int]:
    """Locate a value's begin and end; the end is beyond everything if it cannot be read."""
    if kind in VALUE_SIZES:
        return at, at + VALUE_SIZES[kind]
    if kind not in LONG_VALUES or at + LENGTH.size > len(data):
        return at, len(data) + 1
    begin = at + LENGTH.size
    return begin, begin + LENGTH.unpack_from(data, at)[0]


def _make_message(headers: Mapping[str, str], payload: bytes) -> Message:
    match headers.get(":message-type"):
        case "exception":
            told = as_object(parse_json(payload))
            return _make_error(headers.get(":exception-type", ""), told.get("message") or told.get("Message"))
        case "error":
            return _make_error(headers.get(":error-code", ""), headers.get(":error-message"))
    return Message(headers.get(":event-type", ""), payload)


def _make_error(code: str, words: object) -> Message:
    message = words if isinstance(words, str) else ""
    return Message("error", orjson.dumps({"error": {"code": code, "message": message}}))
