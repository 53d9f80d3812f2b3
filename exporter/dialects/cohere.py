"""Cohere's chat and embeddings, version 2.

Sources: Cohere SDK 7.3 and documentation. Counts are floats, errors are flat, no answer names its model. The stream
ends with `message-end`, which is also where an error inside a stream stands.
"""

from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import quote

from exporter.core.ask import Ask, CallTool, Complete, Embed, ListModels
from exporter.core.exchange import (
    Delta,
    Embedded,
    Event,
    Finish,
    Finished,
    Listed,
    RemoteError,
    Request,
    ServedBy,
    Thinking,
    ToolCall,
    Usage,
)
from exporter.core.outcome import Failure, Reason, Tokens
from exporter.core.target import Target
from exporter.dialects.base import BEARER, BaseDialect, Decoder, KeyHeader
from exporter.dialects.decoders import DocumentDecoder, StreamDecoder
from exporter.dialects.errors.classify import find_error_in_answer
from exporter.dialects.fields import as_count, as_list, as_object, as_text, read_model_rows, read_vector
from exporter.dialects.finish_words import find_finish
from exporter.dialects.request_forms import make_get, make_post

MODELS = "/v1/models?page_size=1000"
FINISHES = {
    "COMPLETE": Finish.STOP,
    "STOP_SEQUENCE": Finish.STOP,
    "MAX_TOKENS": Finish.LENGTH,
    "TOOL_CALL": Finish.TOOL,
}
BROKEN = {"ERROR": Reason.SERVER_ERROR, "TIMEOUT": Reason.TIMEOUT_TOTAL}
"""Ends of an answer that is none, with status 200."""
KINDS = frozenset(
    {
        "message-start",
        "content-start",
        "content-delta",
        "content-end",
        "tool-plan-delta",
        "tool-call-start",
        "tool-call-delta",
        "tool-call-end",
        "citation-start",
        "citation-end",
        "message-end",
        "debug",
    }
)


class CohereChat(BaseDialect):
    """The dialect `cohere-chat`. Base URLs leave the version out (`https://api.cohere.com`)."""

    name: ClassVar[str] = "cohere-chat"
    asks: ClassVar[frozenset[type[Ask]]] = frozenset({ListModels, Complete, CallTool, Embed})
    key_header: ClassVar[KeyHeader] = BEARER

    def encode(self, ask: Ask, target: Target) -> Request:
        if isinstance(ask, ListModels):
            return make_get(MODELS)
        path, body = _make_question(ask, target)
        return make_post(path, body, target, streamed=ask.streamed)

    def make_decoder(self, ask: Ask, target: Target) -> Decoder:  # noqa: ARG002 (the protocol has no deviations)
        if isinstance(ask, ListModels):
            return DocumentDecoder(_read_models)
        if isinstance(ask, Embed):
            return DocumentDecoder(_read_embedding)
        return StreamDecoder(CohereReading()) if ask.streamed else DocumentDecoder(_read_message)


def _make_question(ask: Ask, target: Target) -> tuple[str, dict[str, Any]]:
    if isinstance(ask, Embed):
        return "/v2/embed", _make_embed_body(ask, target)
    if not isinstance(ask, Complete | CallTool):
        raise TypeError(f"{CohereChat.name} cannot ask {type(ask).__name__}")
    body: dict[str, Any] = {
        "model": target.model,
        "messages": [{"role": "user", "content": ask.prompt}],
        "max_tokens": target.quirks.cap_tokens(ask.cap),
        "stream": ask.streamed,
    }
    if isinstance(ask, CallTool):
        function = {"name": ask.tool, "description": ask.description, "parameters": ask.parameters}
        body["tools"] = [{"type": "function", "function": function}]
    elif ask.schema is not None:
        body["response_format"] = {"type": "json_object", "json_schema": ask.schema}
    return "/v2/chat", body


def _make_embed_body(ask: Embed, target: Target) -> dict[str, Any]:
    """Make the body of an embedding request; every model since version 3 needs the type of its input."""
    body = {"model": target.model, "input_type": "search_query", "texts": [ask.text], "embedding_types": ["float"]}
    return body if ask.dimensions is None else {**body, "output_dimension": ask.dimensions}


class CohereReading:
    """One streamed answer."""

    wanted = "message-end"

    def __init__(self) -> None:
        self.ended = False
        self.known = False
        self._tools: dict[int, int] = {}

    def read_message(self, event: str, body: dict[str, Any]) -> list[Event]:
        kind = as_text(body.get("type")) or event
        if self.ended or kind not in KINDS:
            return []
        self.known = True
        delta = as_object(body.get("delta"))
        if kind == "message-start":
            identity = as_text(body.get("id"))
            return [ServedBy(request_id=identity)] if identity else []
        if kind == "message-end":
            self.ended = True
            return _read_end(delta)
        return list(self._read_piece(as_count(body.get("index")), as_object(delta.get("message"))))

    def read_done_marker(self) -> list[Event]:
        """Ignore OpenAI's end marker: it may follow the end, and is none itself."""
        return []

    def is_complete(self) -> bool:
        return False

    def _read_piece(self, index: int, message: dict[str, Any]) -> Iterator[Event]:
        yield from _read_output(as_object(message.get("content")))
        plan = as_text(message.get("tool_plan"))
        if plan:
            yield Thinking(plan)
        function = as_object(as_object(message.get("tool_calls")).get("function"))
        name, arguments = as_text(function.get("name")), as_text(function.get("arguments"))
        if name or arguments:
            yield ToolCall(self._tools.setdefault(index, len(self._tools)), name, arguments)


def _read_message(document: Any) -> list[Event] | None:
    body = as_object(document)
    message = as_object(body.get("message"))
    if not message:
        return None
    events: list[Event] = [ServedBy(request_id=as_text(body.get("id")) or None)]
    plan = as_text(message.get("tool_plan"))
    if plan:
        events.append(Thinking(plan))
    for part in map(as_object, as_list(message.get("content"))):
        events += _read_output(part)
    for position, call in enumerate(map(as_object, as_list(message.get("tool_calls")))):
        function = as_object(call.get("function"))
        events.append(ToolCall(position, as_text(function.get("name")), as_text(function.get("arguments"))))
    return events + _read_end(body)


def _read_output(part: dict[str, Any]) -> Iterator[Event]:
    thinking, said = as_text(part.get("thinking")), as_text(part.get("text"))
    if thinking:
        yield Thinking(thinking)
    if said:
        yield Delta(said)


def _read_end(told: dict[str, Any]) -> list[Event]:
    """Read usage, and how the answer ended. An `error` may stand beside any reason."""
    events = _read_usage(as_object(told.get("usage")))
    error = find_error_in_answer({"error": told.get("error")})
    native = as_text(told.get("finish_reason"))
    if error is None and native in BROKEN:
        said = f"the answer ended with {native}"
        error = RemoteError(Failure(reason=BROKEN[native], detail=said, code=native))
    return [*events, error or Finished(find_finish(native, FINISHES), native)]


def _read_usage(usage: dict[str, Any]) -> list[Event]:
    """Read the billed tokens, else the counted ones: those include prompts of the vendor's own, which cost nothing."""
    told = as_object(usage.get("billed_units")) or as_object(usage.get("tokens"))
    if not told:
        return []
    inputs = as_count(told.get("input_tokens"))
    cached = min(inputs, as_count(usage.get("cached_tokens")))
    return [Usage(Tokens(input=inputs, output=as_count(told.get("output_tokens")), cached_input=cached))]


def _read_embedding(document: Any) -> list[Event] | None:
    body = as_object(document)
    rows = as_list(as_object(body.get("embeddings")).get("float"))
    found = read_vector(rows[0]) if rows else None
    if found is None:
        return None
    served = ServedBy(request_id=as_text(body.get("id")) or None)
    return [served, Embedded(found), *_read_usage(as_object(body.get("meta"))), Finished(Finish.STOP)]


def _read_models(document: Any) -> list[Event] | None:
    body = as_object(document)
    if not isinstance(body.get("models"), list):
        return None
    rows = [
        {**row, "lifecycle": "deprecated" if row.get("is_deprecated") is True else None}
        for row in map(as_object, body["models"])
    ]
    token = as_text(body.get("next_page_token"))
    more = f"{MODELS}&page_token={quote(token, safe='')}" if token else None
    return [Listed(read_model_rows(rows, name="name"), more)]
