"""What a fake server does with a request, step by step, and ready-made HTTP answers as steps.

[Send(head()), Wait(0.1), Send(b"data: ..."), Close()]     one answer: bytes, a pause, bytes, the end
reply(b'{"data": []}')                                     a whole answer with its length
stream(b"data: 1\n\n", b"data: [DONE]\n\n")                server-sent events, one write per event, then the end
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class Send:
    """Write these bytes at once, as one write."""

    data: bytes


@dataclass(frozen=True, slots=True)
class SendRaw:
    """Write these bytes to the bare socket, past TLS."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing for some seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Gate:
    """Do nothing until the test sets the event."""

    event: asyncio.Event


@dataclass(frozen=True, slots=True)
class Tell:
    """Set the event: the script has come this far."""

    event: asyncio.Event


@dataclass(frozen=True, slots=True)
class Repeat:
    """Write these bytes over and over, `every` seconds, until the client leaves."""

    data: bytes
    every: float = 0.0


@dataclass(frozen=True, slots=True)
class Hang:
    """Say nothing more; wait until the client leaves."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection in good order (FIN)."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Close the connection rudely (RST)."""


Step = Send | SendRaw | Wait | Gate | Tell | Repeat | Hang | Close | Reset
Script = Sequence[Step]


@dataclass(frozen=True, slots=True)
class Written:
    """One `Send` as it happened: monotonic nanoseconds just before and just after the write."""

    data: bytes
    before_ns: int
    after_ns: int


@dataclass(slots=True)
class Received:
    """One request as it arrived. Header names are lower-case; `connection` counts from 0.

    `arrived_ns` is monotonic; `written` grows as the script is played; `client_certificate` is the subject's common
    name where the client showed a certificate.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int
    arrived_ns: int
    raw_head: bytes = b""
    client_certificate: str | None = None
    written: list[Written] = field(default_factory=list)


Answers = Script | Callable[[Received], Script]


def head(status: int = 200, headers: Mapping[str, str] | None = None) -> bytes:
    """The status line and headers, with the empty line; the body ends with the connection unless a length is given."""
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unheard Of"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in (headers or {}).items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def reply(body: bytes = b"{}", status: int = 200, headers: Mapping[str, str] | None = None) -> list[Step]:
    """A whole answer with its length, in one write; the connection stays open for another request."""
    known = {"content-type": "application/json", "content-length": str(len(body)), **(headers or {})}
    return [Send(head(status, known) + body)]


def chunk(data: bytes) -> bytes:
    """One chunk of the chunked transfer coding; `chunk(b"")` is the end of the body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


STREAM_HEADERS: Mapping[str, str] = {"content-type": "text/event-stream", "transfer-encoding": "chunked"}


def stream(*events: bytes, pause: float = 0.0, headers: Mapping[str, str] | None = None) -> list[Step]:
    """A chunked stream: the head, then one write per event with `pause` seconds before each, then its end."""
    steps: list[Step] = [Send(head(200, {**STREAM_HEADERS, **(headers or {})}))]
    for event in events:
        steps += [Wait(pause), Send(chunk(event))]
    return [*steps, Send(chunk(b""))]


def in_turn(*scripts: Script) -> Callable[[Received], Script]:
    """One script per request, in this order; the last one again and again."""
    waiting = list(scripts)
    return lambda _: waiting.pop(0) if len(waiting) > 1 else waiting[0]
