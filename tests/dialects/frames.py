"""Frames of AWS event streams, built for the tests: what `botocore` must be able to read (see test_event_frames).

In a transcript each line is a frame: its kind, its name and its payload (`event messageStart {"role": "assistant"}`,
`exception throttlingException {...}`, `error CODE words`), or bytes as they are (`raw <html>`).
"""

import struct
import zlib
from collections.abc import Iterator

TEXT = 7
"""The type of a header's value."""
OVERHEAD = 16
"""Bytes of a frame beside headers and payload: two lengths and two checksums."""


def header(name: str, value: str) -> bytes:
    """One header with a text."""
    return bytes([len(name)]) + name.encode() + bytes([TEXT]) + struct.pack(">H", len(value)) + value.encode()


def frame(headers: bytes, payload: bytes) -> bytes:
    """One frame with its checksums."""
    prelude = struct.pack(">II", OVERHEAD + len(headers) + len(payload), len(headers))
    start = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return start + struct.pack(">I", zlib.crc32(start))


def event(kind: str, payload: bytes) -> bytes:
    """A frame that tells of an event."""
    said = header(":event-type", kind) + header(":content-type", "application/json")
    return frame(said + header(":message-type", "event"), payload)


def exception(kind: str, payload: bytes) -> bytes:
    """A frame that tells of an exception the service names."""
    said = header(":exception-type", kind) + header(":content-type", "application/json")
    return frame(said + header(":message-type", "exception"), payload)


def error(code: str, words: str) -> bytes:
    """A frame that tells of an error without a payload."""
    return frame(header(":error-code", code) + header(":error-message", words) + header(":message-type", "error"), b"")


def written(text: str) -> bytes:
    """The bytes of a transcript."""
    return b"".join(map(_line, text.splitlines()))


def _line(line: str) -> bytes:
    kind, _, rest = line.partition(" ")
    name, _, payload = rest.partition(" ")
    match kind:
        case "event":
            return event(name, payload.encode())
        case "exception":
            return exception(name, payload.encode())
        case "error":
            return error(name, payload)
        case _:
            assert kind == "raw", line
            return rest.encode()


def apart(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Headers and payload of each frame."""
    while data:
        size, headers = struct.unpack(">II", data[:8])
        yield data[12 : 12 + headers], data[12 + headers : size - 4]
        data = data[size:]


def ends(data: bytes) -> Iterator[int]:
    """Where each frame ends."""
    end = 0
    for headers, payload in apart(data):
        end += OVERHEAD + len(headers) + len(payload)
        yield end
