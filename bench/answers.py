"""What the reference server sends: an OpenAI-compatible stream as bytes, piece by piece, and the pace of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice
from typing import Self

WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
PAGE = b"<!doctype html><title>reference</title><p>A page of a few bytes.</p>"
MODELS = b'{"object":"list","data":[{"id":"reference","object":"model","created":0,"owned_by":"bench"}]}'


@dataclass(frozen=True, slots=True)
class Pace:
    """When an answer is sent, in milliseconds after its request came: headers, first token, then token by token.

    Written HEADERS-FIRST-CHUNKS-GAP. Without a gap the first token is sent alone and all the rest together.
    """

    headers: int = 0
    first: int = 0
    chunks: int = 16
    gap: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError where it is not four numbers."""
        headers, first, chunks, gap = (int(part) for part in text.split("-"))
        return cls(headers, first, chunks, gap)

    def all_late(self) -> "Pace":
        """The same, but the headers come no sooner than the first token: for who only sees the first byte."""
        return replace(self, headers=self.first)

    def __str__(self) -> str:
        return f"{self.headers}-{self.first}-{self.chunks}-{self.gap}"


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes to be sent so many milliseconds after the request came; `step` is what they are in the answer."""

    step: str
    after: int
    data: bytes


def streamed(name: bytes, pace: Pace) -> Sequence[Piece]:
    """The pieces of a streamed chat answer: `headers`, `first`, `later` ones, and with the end of the stream `last`."""
    first, *others = [chunk(name, word) for word in islice(cycle(WORDS), pace.chunks)]
    pieces = [
        Piece("headers", pace.headers, stream_head(name) + chunk(name, None)),
        Piece("first", pace.first, first),
    ]
    if pace.gap:
        pieces += [Piece("later", pace.first + pace.gap * place, data) for place, data in enumerate(others, 1)]
        others = []
    return [*pieces, Piece("last", pace.first + pace.gap * pace.chunks, b"".join(others) + ending(name, pace.chunks))]


def whole(name: bytes, pace: Pace, body: bytes, kind: bytes) -> Sequence[Piece]:
    """An answer in one piece, sent when headers are due."""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\nx-request-id: %b\r\ncontent-length: %d\r\n\r\n"
    return [Piece("last", pace.headers, head % (kind, name, len(body)) + body)]


def stream_head(name: bytes) -> bytes:
    return (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx-request-id: %b\r\ntransfer-encoding: chunked\r\n\r\n"
        % name
    )


def chunk(name: bytes, word: str | None) -> bytes:
    """One event of the stream; without a word it is the one that only names the role."""
    delta = b'{"role":"assistant","content":""}' if word is None else b'{"content":"%b "}' % word.encode()
    return event(name, b'[{"index":0,"delta":%b,"finish_reason":null}]' % delta)


def ending(name: bytes, tokens: int) -> bytes:
    """Why the model stopped, its usage, the end of the stream and of the body."""
    usage = b',"usage":{"prompt_tokens":24,"completion_tokens":%d,"total_tokens":%d}' % (tokens, 24 + tokens)
    return (
        event(name, b'[{"index":0,"delta":{},"finish_reason":"stop"}]')
        + event(name, b"[]", usage)
        + chunked(b"data: [DONE]\n\n")
        + b"0\r\n\r\n"
    )


def event(name: bytes, choices: bytes, more: bytes = b"") -> bytes:
    data = b'{"id":"%b","object":"chat.completion.chunk","created":1,"model":"reference","choices":%b%b}'
    return chunked(b"data: " + data % (name, choices, more) + b"\n\n")


def chunked(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)
