"""Reads an answer of HTTP/1.1 as its bytes come: the head, then what there is of the body, then whether it is whole."""

import zlib
from collections.abc import Mapping

import httptools

from exporter.transport.failures import BodyError, NotHttpError

_LONGEST_HEAD = 64 * 1024
_MOST_UNPACKED = 16 * 1024 * 1024
"""What one arrival may grow to when it is unpacked; more than any answer may have."""
_ZLIB_OR_GZIP = 32 + zlib.MAX_WBITS
_FIRST_FINAL_STATUS = 200


class ResponseReader:
    """Fed with bytes until the answer is `whole`.

    Lines that end in LF alone, spaces after a chunk's size and a length beside chunks (which then count) are read as
    h11 reads them, the parser below the vendors' SDKs: nobody who uses an API notices those.

    `status` and `headers` (names lower-case) are those of the final answer, set once its head is complete; interim ones
    (1xx) are passed over. `lasting`: the connection may serve another request afterwards. What follows the end of the
    answer belongs to nobody and is dropped; nobody knows then what else will follow, so the connection does not last.
    """

    def __init__(self) -> None:
        self.status: int | None = None
        self.headers: Mapping[str, str] = {}
        self.whole = False
        self.lasting = False
        self._lines: list[tuple[bytes, bytes]] = []
        self._pieces: list[bytes] = []
        self._before_body = 0
        self._unpacker: _Unpacker | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(
            lenient_chunked_length=True, lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True
        )

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the connection. Raises NotHttpError."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            raise NotHttpError("it changes to another protocol") from None
        except httptools.HttpParserError as error:
            if not self.whole:
                raise NotHttpError(str(error)) from None
        if self.status is None:
            self._before_body += len(data)
            if self._before_body > _LONGEST_HEAD:
                raise NotHttpError(f"its head has more than {_LONGEST_HEAD} bytes")

    def take_body(self) -> bytes:
        """Return what came of the body since the last call. Raises BodyError."""
        body = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces.clear()
        return self._unpacker.unpack(body) if body and self._unpacker else body

    def end(self) -> None:
        """Take the end of the connection, which ends a body of unknown length."""
        untold = "content-length" not in self.headers and "transfer-encoding" not in self.headers
        self.whole = self.whole or (self.status is not None and untold)

    def close(self) -> None:
        """Let go of the parser, which calls this reader back: nothing more is read."""
        del self._parser

    def on_message_begin(self) -> None:
        """Begin a message; the parser calls this before interim answers too."""
        self.lasting = self.lasting and not self.whole

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; the parser calls this for trailers too, which are ignored."""
        if self.status is None:
            self._lines.append((name, value))

    def on_headers_complete(self) -> None:
        """Complete the headers; called by the parser."""
        status = self._parser.get_status_code()
        if status >= _FIRST_FINAL_STATUS and self.status is None:
            self.status, self.headers = status, _join_headers(self._lines)
            # told both, one of the two who read it may be wrong (RFC 9112, 6.3)
            one_end = not {"content-length", "transfer-encoding"} <= self.headers.keys()
            self.lasting = one_end and self._parser.should_keep_alive()
            coding = self.headers.get("content-encoding", "identity").lower()
            self._unpacker = None if coding in ("", "identity") else _Unpacker(coding)
        self._lines.clear()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body; called by the parser."""
        if not self.whole:
            self._pieces.append(body)

    def on_message_complete(self) -> None:
        """Complete the message; the parser calls this after interim answers too."""
        self.whole = self.whole or self.status is not None


class _Unpacker:
    """Undoes compression that was not requested."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._stream = zlib.decompressobj(_ZLIB_OR_GZIP)

    def unpack(self, data: bytes) -> bytes:
        if self._coding not in ("gzip", "x-gzip", "deflate"):
            raise BodyError(f"compressed as {self._coding[:20]}, which was not asked for")
        try:
            return self._stream.decompress(data, _MOST_UNPACKED)
        except zlib.error:
            raise BodyError(f"not compressed as {self._coding}, which it says") from None


def _join_headers(lines: list[tuple[bytes, bytes]]) -> Mapping[str, str]:
    """Make a mapping of headers by lower-case name; repeated ones are joined to a list (RFC 9110, 5.3)."""
    headers: dict[str, str] = {}
    for name, value in lines:
        key, text = name.decode("latin-1").lower(), value.decode("utf-8", "surrogateescape")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers
