"""Incremental newline-delimited JSON: bytes in, one message per line out. It knows no dialect and no JSON."""

from exporter.dialects.framing.sse import LARGEST_EVENT, Message

SPACE = b" \t\r\n"


class LineReader:
    """Splits a stream at line feeds. Never raises; over the bound it sets `too_large` and takes no more.

    `recognised` turns True with the first byte that is no white space, if an object begins with it.
    """

    broken = ""

    def __init__(self, largest: int = LARGEST_EVENT) -> None:
        self.too_large = False
        self.recognised = False
        self._largest = largest
        self._partial = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """Take the next bytes, split anywhere; return the lines they complete, empty ones left out."""
        if self.too_large:
            return []
        *whole, last = data.split(b"\n")
        messages = []
        for piece in whole:
            messages += self._take_line(piece)
        self._partial += last
        self._check_bound()
        self.recognised = self.recognised or self._partial.lstrip(SPACE).startswith(b"{")
        return messages

    def close(self) -> list[Message]:
        """Take the end of the bytes; a last line without its end counts."""
        return self.feed(b"\n")

    def _take_line(self, piece: bytes) -> list[Message]:
        self._partial += piece
        self._check_bound()
        line = bytes(self._partial).strip(SPACE)
        self._partial.clear()
        self.recognised = self.recognised or line.startswith(b"{")
        return [Message("", line)] if line and not self.too_large else []

    def _check_bound(self) -> None:
        if len(self._partial) > self._largest:
            self.too_large = True
            self._partial.clear()
