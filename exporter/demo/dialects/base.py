"""What the server side of a wire protocol is: it reads a call and writes answers, as pure functions over bytes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import orjson
from pydantic import BaseModel, ValidationError

from exporter.demo.answer import Answer, Question
from exporter.demo.catalog import Model
from exporter.demo.headroom import Headroom
from exporter.demo.script import Trouble

RETRY_AFTER = 4
"""Seconds a limited or overloaded vendor asks to wait."""
EVENT_STREAM = "text/event-stream; charset=utf-8"
JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One HTTP request. `path` is percent-decoded, header names are lower-case, `at` is Unix seconds."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    request_id: str
    at: float

    def read_bearer(self) -> str | None:
        """Read the key in the Authorization header, if there is one."""
        kind, _, key = self.headers.get("authorization", "").partition(" ")
        return key if kind.lower() == "bearer" and key else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What a vendor has on offer right now. `retires` holds Unix seconds by model name."""

    models: tuple[Model, ...]
    embeds: tuple[str, ...] = ()
    retires: Mapping[str, float] = field(default_factory=dict)

    def find(self, name: str) -> Model | None:
        """Find the model of that name or snapshot."""
        return next((model for model in self.models if name in model.names), None)


@dataclass(frozen=True, slots=True)
class Ready:
    """An answer that needs no model: a JSON document."""

    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An error answer."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON


class RefusedError(Exception):
    """The call cannot be served; carries the answer to give."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.status)
        self.refusal = refusal


class Piece(NamedTuple):
    """Some bytes of a stream and how many tokens they carry."""

    tokens: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A streamed answer: what comes with the headers, what the model says piece by piece, and the end."""

    opening: bytes
    pieces: tuple[Piece, ...]
    closing: bytes
    content_type: str = EVENT_STREAM


class ServerDialect(Protocol):
    """The server side of one protocol. Stateless."""

    @property
    def name(self) -> str:
        """The dialect's name in the configuration."""

    def read_key(self, call: Call) -> str | None:
        """Read the key that the caller sent."""

    def read_call(self, call: Call, shelf: Shelf) -> Question | Ready:
        """Read the question. Raises RefusedError for what this vendor would refuse."""

    def refuse(self, trouble: Trouble, model: str, call: Call) -> Refusal:
        """Make the error this vendor sends for that trouble (KeyError for troubles that are no error answer)."""

    def write_document(self, question: Question, answer: Answer) -> bytes:
        """Write the answer as one JSON document."""

    def write_stream(self, question: Question, answer: Answer) -> Stream:
        """Write the answer as a stream."""

    def make_headers(self, call: Call, headroom: Headroom | None) -> dict[str, str]:
        """Make the headers of any answer; without headroom those of a relay or a self-hosted server."""


class Part(BaseModel):
    """A part of a message or a turn; only text counts here."""

    text: str = ""


def join_texts(content: str | Iterable[Part] | None) -> str:
    """Join all the text of a message: a string, or parts."""
    return content if isinstance(content, str) else "\n".join(part.text for part in content or ())


def find_first_mistake(error: ValidationError) -> tuple[str, str]:
    """Find where the first mistake of a request body is (dotted), and what it is."""
    mistake = error.errors(include_url=False)[0]
    return ".".join(str(step) for step in mistake["loc"]), mistake["msg"]


def make_event(document: Mapping[str, Any], name: str = "") -> bytes:
    """Make one server-sent event."""
    head = f"event: {name}\n".encode() if name else b""
    return head + b"data: " + orjson.dumps(document) + b"\n\n"
