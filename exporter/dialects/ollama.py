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
from exporter.dialects.base import BEARER, BaseDialect, Decoder, KeyHeader
from exporter.dialects.decoders import DocumentDecoder, StreamDecoder
from exporter.dialects.fields import as_amount, as_count, as_list, as_object, as_text, read_model_rows, read_vector
from exporter.dialects.finish_words import find_finish
from exporter.dialects.framing.ndjson import LineReader
from exporter.dialects.request_forms import make_get, make_post

LINES = "application/x-ndjson"
NANOSECONDS = 1e9
FINISHES = {"stop": Finish.STOP, "length": Finish.LENGTH}


class OllamaChat(BaseDialect):
    """The dialect `ollama-chat`. Base URLs have no path (`http://127.0.0.1:11434`)."""

    name: ClassVar[str] = "ollama-chat"
    asks: ClassVar[frozenset[type[Ask]]] = frozenset({ListModels, Complete, CallTool, Embed})
    key_header: ClassVar[KeyHeader] = BEARER

    def encode(self, ask: Ask, target: Target) -> Request:
        if isinstance(ask, ListModels):
            return make_get("/api/tags")
        path, body = _make_question(ask, target)
        return make_post(path, body, target, streamed=ask.streamed, stream=LINES)

    def make_decoder(self, ask: Ask, target: Target) -> Decoder:  # noqa: ARG002 (the protocol has no deviations)
        if isinstance(ask, ListModels):
            return DocumentDecoder(_read_models)
        if isinstance(ask, Embed):
            return DocumentDecoder(_read_embedding)
        return StreamDecoder(OllamaReading(), LineReader()) if ask.streamed else DocumentDecoder(_read_chat)


def _make_question(ask: Ask, target: Target) -> tuple[str, dict[str, Any]]:
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
        "options": {"num_predict": target.quirks.cap_tokens(ask.cap)},
    }
    if isinstance(ask, CallTool):
        function = {"name": ask.tool, "description": ask.description, "parameters": ask.parameters}
        body["tools"] = [{"type": "function", "function": function}]
    elif ask.schema is not None:
        body["format"] = ask.schema
    return "/api/chat", body


class OllamaReading:
    """One streamed answer. A call comes whole in one line."""

    wanted = 'a line with "done": true'

    def __init__(self) -> None:
        self.ended = False
        self.known = False
        self._served = ""
        self._calls = 0

    def read_message(self, _event: str, body: dict[str, Any]) -> list[Event]:
        if self.ended or not _is_answer(body):
            return []
        self.known = True
        events = self._read_served(as_text(body.get("model")))
        for event in _read_output(body, self._calls):
            self._calls += isinstance(event, ToolCall)
            events.append(event)
        if body.get("done") is True:
            self.ended = True
            events += _read_end(body, called=self._calls > 0)
        return events

    def read_done_marker(self) -> list[Event]:
        """Ignore OpenAI's end marker, which some gateways append: it is not the end of this protocol."""
        return []

    def is_complete(self) -> bool:
        return False

    def _read_served(self, model: str) -> list[Event]:
        if not model or model == self._served:
            return []
        self._served = model
        return [ServedBy(model=model)]


def _is_answer(body: dict[str, Any]) -> bool:
    return isinstance(body.get("message"), dict) or isinstance(body.get("done"), bool)


def _read_chat(document: Any) -> list[Event] | None:
    body = as_object(document)
    if not _is_answer(body):
        return None
    said = list(_read_output(body, 0))
    called = any(isinstance(event, ToolCall) for event in said)
    return [ServedBy(model=as_text(body.get("model")) or None), *said, *_read_end(body, called=called)]


def _read_output(body: dict[str, Any], calls: int) -> Iterator[Event]:
    """Read reasoning, text and calls of one line; `calls` went before."""
    message = as_object(body.get("message"))
    thinking, said = as_text(message.get("thinking")), as_text(message.get("content"))
    if thinking:
        yield Thinking(thinking)
    if said:
        yield Delta(said)
    for position, call in enumerate(map(as_object, as_list(message.get("tool_calls"))), calls):
        function = as_object(call.get("function"))
        yield ToolCall(
            position, as_text(function.get("name")), orjson.dumps(as_object(function.get("arguments"))).decode()
        )


def _read_end(body: dict[str, Any], *, called: bool) -> Iterator[Event]:
    yield from _read_usage(body)
    native = as_text(body.get("done_reason"))
    why = find_finish(native, FINISHES)
    yield Finished(Finish.TOOL if called and why is Finish.STOP else why, native)


def _read_usage(body: dict[str, Any]) -> Iterator[Event]:
    """Read the time to load, and tokens. Counts of 0 are left out, as for a prompt that was in the cache."""
    loading = as_amount(body.get("load_duration"))
    if loading is not None:
        yield Loaded(loading / NANOSECONDS)
    if "prompt_eval_count" in body or "eval_count" in body:
        yield Usage(Tokens(input=as_count(body.get("prompt_eval_count")), output=as_count(body.get("eval_count"))))


def _read_embedding(document: Any) -> list[Event] | None:
    body = as_object(document)
    rows = as_list(body.get("embeddings"))
    found = read_vector(rows[0]) if rows else None
    if found is None:
        return None
    return [
        ServedBy(model=as_text(body.get("model")) or None),
        Embedded(found),
        *_read_usage(body),
        Finished(Finish.STOP),
    ]


def _read_models(document: Any) -> list[Event] | None:
    """Read the installed models; an empty server may send null."""
    body = as_object(document)
    if "models" not in body or not isinstance(body["models"], list | None):
        return None
    return [Listed(read_model_rows(as_list(body["models"]), name="name"))]
