"""Split what a client sends into request heads, and refuse bodies before anything parses or unpacks them.

No path of this server takes a request body, so a connection carries heads only.
"""

import re
from collections.abc import Mapping

MOST_OF_A_HEAD = 65_536
"""Bytes of a request line with its headers."""

END_OF_HEAD = b"\r\n\r\n"
_REQUEST_LINE = re.compile(rb"\s*[A-Za-z]+ [^\r\n]* HTTP/\d")
_ANNOUNCES_A_BODY = re.compile(
    rb"\r\n(?:content-length[ \t]*:(?![ \t]*0+[ \t]*\r\n)|transfer-encoding[ \t]*:|content-encoding[ \t]*:)",
    re.IGNORECASE,
)


class HeadError(Exception):
    """The request is refused with an HTTP `status`; the message is one sentence."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


class HeadSplitter:
    """Collects the bytes of one connection into whole heads."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0

    def feed(self, data: bytes) -> bytes:
        """Return the heads that are whole now, one after the other.

        Raises HeadError for a head that announces a body or is too long; heads before it are lost with it.
        """
        self._buffer += data
        end = self._buffer.rfind(END_OF_HEAD, max(0, self._searched - len(END_OF_HEAD) + 1))
        self._searched = len(self._buffer)
        if end < 0:
            self._check_length(len(self._buffer))
            return b"" if self._may_be_http() else self._take_all()
        whole = bytes(self._buffer[: end + len(END_OF_HEAD)])
        del self._buffer[: end + len(END_OF_HEAD)]
        self._searched = len(self._buffer)
        if _ANNOUNCES_A_BODY.search(whole):
            raise HeadError(413, "Content Too Large", "no path here takes a request body")
        self._check_length(len(self._buffer))
        return whole

    def _may_be_http(self) -> bool:
        """Return whether the buffer can be the beginning of a head; what cannot is handed on at once, to be refused."""
        end = self._buffer.find(b"\n")
        return self._buffer[:1].isalpha() if end < 0 else bool(_REQUEST_LINE.match(self._buffer, 0, end))

    def _take_all(self) -> bytes:
        taken = bytes(self._buffer)
        self._buffer.clear()
        self._searched = 0
        return taken

    @staticmethod
    def _check_length(length: int) -> None:
        if length > MOST_OF_A_HEAD:
            raise HeadError(
                431, "Request Header Fields Too Large", f"a request head here has at most {MOST_OF_A_HEAD} bytes"
            )


def make_refusal(error: HeadError, headers: Mapping[str, str]) -> bytes:
    """Return the whole answer to a refused request, after which the connection closes."""
    body = f"{error}\n".encode()
    lines = {
        **headers,
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {error.status} {error.reason}\r\n{head}\r\n".encode("latin-1") + body
