"""Incremental server-sent events: bytes in, messages out. It knows no dialect and no JSON.

Lines end at CR, LF or CRLF *in bytes* and nowhere else: U+2028, U+0085 and their kind are text of the model. A line
that ends in CR is complete at once; an LF that follows, perhaps in the next bytes, belongs to it. Source: the HTML
standard, section on server-sent events.
"""

from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import NamedTuple

LARGEST_EVENT = 1 << 20
"""Bytes that one line or the data of one event may have. Vendors' largest known events have some hundred kilobytes."""

BEGINNINGS = (b"data:", b":", b"event:", b"id:", b"retry:")
DATA, END = b"data: ", b"\n\n"


class Message(NamedTuple):
    """One event: its type ("" where not told) and its data, several `data` lines joined by a line feed."""

    event: str
    data: bytes


class EventReader:
    """Splits a stream into messages. Never raises; over the bound it sets `too_large` and takes no more.

    `recognised` turns True with the first line, or beginning of one, that could only stand in an event stream: a
    comment or a known field.
    """

    broken = ""

    def __init__(self, largest: int = LARGEST_EVENT) -> None:
        self.too_large = False
        self.recognised = False
        self._largest = largest
        self._partial = bytearray()
        self._skip_line_feed = False
        self._first = True
        self._between = True
        self._event = ""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[Message]:
        """Take the next bytes, split anywhere; return the messages they complete."""
        plain = self._read_plain(data) if self._between else None
        if plain is not None:
            self.recognised, self._first = True, False
            return plain
        messages = []
        for line in self._split_lines(data):
            message = self._read_line(line)
            if message is not None:
                messages.append(message)
            if self.too_large:
                break
        self._between = self.recognised and not (self._partial or self._data or self._event or self._skip_line_feed)
        return messages

    def close(self) -> list[Message]:
        """Take the end of the bytes; what has no last line end or blank line counts."""
        messages = self.feed(b"\n\n")
        self._partial.clear()
        return messages

    def _read_plain(self, data: bytes) -> list[Message] | None:
        """Read whole events of one `data` line each, the form that nearly all servers send."""
        if not (data.startswith(DATA) and data.endswith(END)) or b"\r" in data:
            return None
        if data.find(b"\n") == len(data) - len(END) < self._largest:  # one of them, as it comes where a model is slow
            return [Message("", data[len(DATA) : -len(END)])]
        pieces = data[: -len(END)].split(END)
        for piece in pieces:
            if b"\n" in piece or not piece.startswith(DATA) or len(piece) >= self._largest:
                return None
        return [Message("", piece[len(DATA) :]) for piece in pieces]

    def _split_lines(self, data: bytes) -> Iterator[bytes]:
        if not data:
            return
        if self._skip_line_feed:
            self._skip_line_feed = False
            data = data.removeprefix(b"\n")
        for piece in data.splitlines(keepends=True):
            line = piece.rstrip(b"\r\n")
            if len(self._partial) + len(line) > self._largest:
                self.too_large = True
                self._partial.clear()
                return
            if len(line) == len(piece):
                self._partial += line
                self.recognised = self.recognised or self._partial.startswith(BEGINNINGS)
                return
            if self._partial:
                line = bytes(self._partial) + line
                self._partial.clear()
            yield line
        self._skip_line_feed = data.endswith(b"\r")

    def _read_line(self, line: bytes) -> Message | None:
        if self._first:
            self._first = False
            line = line.removeprefix(BOM_UTF8)
        if not line:
            return self._dispatch()
        name, _, value = line.partition(b":")
        self._read_field(name, value.removeprefix(b" "))
        return None

    def _read_field(self, name: bytes, value: bytes) -> None:
        if name == b"data":
            self._data.append(value)
            self._size += len(value) + 1
            self.too_large = self._size > self._largest + 1
        elif name == b"event":
            self._event = value.decode("utf-8", "replace")
        elif name not in (b"", b"id", b"retry"):
            return
        self.recognised = True

    def _dispatch(self) -> Message | None:
        event, data = self._event, self._data
        self._event, self._data, self._size = "", [], 0
        return Message(event, b"\n".join(data)) if data else None
