"""Ollama's own chat and embeddings: lines of JSON, durations in nanoseconds.

Sources: Ollama SDK 0.6.3, its server's source and documentation. The last line (`"done": true`) holds the counts and
how long the model took to be loaded. Thinking is switched off: models that can think do so unless told not to.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

import orjson

from exporter.core.ask import Ask, CallTool, Complete, Embed, ListModels
from exporter.core.exchange import (
    Delta,
    Embedded,
    Event,
    Finish,
    Finished,
    Listed,
    Loaded,
    Request,
    ServedBy,
    Thinking,
    ToolCall,
    Usage,
)
from exporter.core.outcome import Tokens
from exporter.core.target import Target
from exporter.dialects.base import BEARER, Decoder, KeyHeader
from exporter.dialects.base_dialect import Ordinary
from exporter.dialects.decoders import DocumentDecoder, StreamDecoder
from exporter.dialects.fields import amount, count, items, record, text
from exporter.dialects.framing.ndjson import LineReader
from exporter.dialects.model_rows import listed_models
from exporter.dialects.request_forms import get, post
from exporter.dialects.vectors import vector

LINES = "application/x-ndjson"
NANOSECONDS = 1e9
FINISHES = {"stop": Finish.STOP, "length": Finish.LENGTH}


class OllamaChat(Ordinary):
    """The dialect `ollama-chat`. Base URLs have no path (`http://127.0.0.1:11434`)."""

    name: ClassVar[str] = "ollama-chat"
    asks: ClassVar[frozenset[type[Ask]]] = frozenset({ListModels, Complete, CallTool, Embed})
    key_header: ClassVar[KeyHeader] = BEARER

    def encode(self, ask: Ask, target: Target) -> Request:
        if isinstance(ask, ListModels):
            return get("/api/tags")
        path, body = _question(ask, target)
        return post(path, body, target, streamed=ask.streamed, stream=LINES)

    def decoder(self, ask: Ask, target: Target) -> Decoder:  # noqa: ARG002 (the protocol has no deviations)
        if isinstance(ask, ListModels):
            return DocumentDecoder(_read_models)
        if isinstance(ask, Embed):
            return DocumentDecoder(_read_embedding)
        return StreamDecoder(ChatLines(), LineReader()) if ask.streamed else DocumentDecoder(_read_chat)


def _question(ask: Ask, target: Target) -> tuple[str, dict[str, Any]]:
    if isinstance(ask, Embed):
        wanted = {} if ask.dimensions is None else {"dimensions": ask.dimensions}
        return "/api/embed", {"model": target.model, "input": ask.text, **wanted}
    if not isinstance(ask, Complete | CallTool):
        raise TypeError(f"{OllamaChat.name} cannot ask {type(ask).__name__}")
    body: dict[str, Any] = {
        "model": target.model,
        "messages": [{"role": "user", "content": ask.prompt}],
        "stream": ask.streamed,
        "think": False,
        "options": {"num_predict": target.quirks.cap(ask.cap)},
    }
    if isinstance(ask, CallTool):
        function = {"name": ask.tool, "description": ask.description, "parameters": ask.parameters}
        body["tools"] = [{"type": "function", "function": function}]
    elif ask.schema is not None:
        body["format"] = ask.schema
    return "/api/chat", body


class ChatLines:
    """One streamed answer. A call comes whole in one line."""

    wanted = 'a line with "done": true'

    def __init__(self) -> None:
        self.ended = False
        self.known = False
        self._served = ""
        self._calls = 0

    def message(self, _event: str, body: dict[str, Any]) -> list[Event]:
        if self.ended or not _ours(body):
            return []
        self.known = True
        events = self._who(text(body.get("model")))
        for event in _said(body, self._calls):
            self._calls += isinstance(event, ToolCall)
            events.append(event)
        if body.get("done") is True:
            self.ended = True
            events += _end(body, called=self._calls > 0)
        return events

    def done(self) -> list[Event]:
        """Some gateways append OpenAI's marker; it is not the end of this protocol."""
        return []

    def complete(self) -> bool:
        return False

    def _who(self, model: str) -> list[Event]:
        if not model or model == self._served:
            return []
        self._served = model
        return [ServedBy(model=model)]


def _ours(body: dict[str, Any]) -> bool:
    return isinstance(body.get("message"), dict) or isinstance(body.get("done"), bool)


def _read_chat(document: Any) -> list[Event] | None:
    body = record(document)
    if not _ours(body):
        return None
    said = list(_said(body, 0))
    called = any(isinstance(event, ToolCall) for event in said)
    return [ServedBy(model=text(body.get("model")) or None), *said, *_end(body, called=called)]


def _said(body: dict[str, Any], calls: int) -> Iterator[Event]:
    """Reasoning, text and calls of one line; `calls` went before."""
    message = record(body.get("message"))
    thinking, said = text(message.get("thinking")), text(message.get("content"))
    if thinking:
        yield Thinking(thinking)
    if said:
        yield Delta(said)
    for position, call in enumerate(map(record, items(message.get("tool_calls"))), calls):
        function = record(call.get("function"))
        yield ToolCall(position, text(function.get("name")), orjson.dumps(record(function.get("arguments"))).decode())


def _end(body: dict[str, Any], *, called: bool) -> Iterator[Event]:
    yield from _counted(body)
    native = text(body.get("done_reason"))
    why = FINISHES.get(native, Finish.OTHER)
    yield Finished(Finish.TOOL if called and why is Finish.STOP else why, native)


def _counted(body: dict[str, Any]) -> Iterator[Event]:
    """Time to load, and tokens. Counts are left out where they are 0, as of a prompt that was in the cache."""
    loading = amount(body.get("load_duration"))
    if loading is not None:
        yield Loaded(loading / NANOSECONDS)
    if "prompt_eval_count" in body or "eval_count" in body:
        yield Usage(Tokens(input=count(body.get("prompt_eval_count")), output=count(body.get("eval_count"))))


def _read_embedding(document: Any) -> list[Event] | None:
    body = record(document)
    rows = items(body.get("embeddings"))
    found = vector(rows[0]) if rows else None
    if found is None:
        return None
    return [ServedBy(model=text(body.get("model")) or None), Embedded(found), *_counted(body), Finished(Finish.STOP)]


def _read_models(document: Any) -> list[Event] | None:
    """What is installed; an empty server may send null."""
    body = record(document)
    if "models" not in body or not isinstance(body["models"], list | None):
        return None
    return [Listed(listed_models(items(body["models"]), name="name"))]
