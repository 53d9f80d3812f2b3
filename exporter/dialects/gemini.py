"""Google's generateContent: the Gemini API, and by another address Vertex AI.

Sources: google-genai SDK 3.4 and documentation. The stream has no end marker: it is over with the chunk that carries a
finish reason, or with the first where the prompt was blocked. Counts of output leave thinking out.
"""

from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import quote

import orjson

from exporter.core.ask import Ask, CallTool, Complete, ListModels
from exporter.core.exchange import (
    Delta,
    Event,
    Finish,
    Finished,
    Listed,
    Request,
    ServedBy,
    Thinking,
    ToolCall,
    Usage,
)
from exporter.core.outcome import Tokens
from exporter.core.target import Target
from exporter.dialects.base import BaseDialect, Decoder, KeyHeader
from exporter.dialects.decoders import DocumentDecoder, StreamDecoder
from exporter.dialects.fields import as_count, as_list, as_object, as_text, read_model_rows
from exporter.dialects.finish_words import find_finish
from exporter.dialects.request_forms import make_get, make_post
from exporter.dialects.times import read_timestamp

VERSION = "v1beta"
"""Serves preview models and thinking settings that v1 does not know."""

PUBLISHERS = "/publishers/"


def make_method_path(target: Target, method: str) -> str:
    """Make the path of a model's method."""
    version = "" if PUBLISHERS in target.provider.base_url else f"/{target.quirks.api_version or VERSION}"
    return f"{version}/{_make_resource_name(target.model)}:{method}"


def make_list_request(target: Target) -> Request:
    """Make the request for the list of models."""
    before, found, _ = target.provider.base_url.partition(PUBLISHERS)
    origin = before.partition("/projects/")[0] if found else None
    return make_get(make_page_path(target), origin=origin)


def make_page_path(target: Target, token: str = "") -> str:
    """Make the path of one page of the list; the first without a token."""
    _, found, publisher = target.provider.base_url.partition(PUBLISHERS)
    if found:
        path, size = f"{PUBLISHERS}{publisher}/models", ""
    else:
        path, size = f"/{target.quirks.api_version or VERSION}/models", "pageSize=1000"
    query = "&".join(filter(None, (size, f"pageToken={quote(token, safe='')}" if token else "")))
    return f"{path}?{query}" if query else path


def _make_resource_name(model: str) -> str:
    """Make `models/NAME` unless the name has another collection (tuned models); users may write the prefix or not."""
    collection, _, rest = model.partition("/")
    if rest and collection in {"models", "tunedModels"}:
        return f"{collection}/{quote(rest, safe='')}"
    return f"models/{quote(model, safe='')}"


FINISHES = {
    "STOP": Finish.STOP,
    "MAX_TOKENS": Finish.LENGTH,
    "SAFETY": Finish.FILTERED,
    "RECITATION": Finish.FILTERED,
    "BLOCKLIST": Finish.FILTERED,
    "PROHIBITED_CONTENT": Finish.FILTERED,
    "SPII": Finish.FILTERED,
    "MODEL_ARMOR": Finish.FILTERED,
    "MALFORMED_FUNCTION_CALL": Finish.ERROR,
    "MALFORMED_RESPONSE": Finish.ERROR,
}
UNSPECIFIED = "FINISH_REASON_UNSPECIFIED"


class GeminiGenerate(BaseDialect):
    """The dialect `gemini-generate`. The Gemini API's base URL leaves the version out."""

    name: ClassVar[str] = "gemini-generate"
    asks: ClassVar[frozenset[type[Ask]]] = frozenset({ListModels, Complete, CallTool})
    key_header: ClassVar[KeyHeader] = KeyHeader("x-goog-api-key")

    def encode(self, ask: Ask, target: Target) -> Request:
        if isinstance(ask, ListModels):
            return make_list_request(target)
        if not isinstance(ask, Complete | CallTool):
            raise TypeError(f"{self.name} cannot ask {type(ask).__name__}")
        # without alt=sse a stream would be one JSON array that grows
        method = "streamGenerateContent?alt=sse" if ask.streamed else "generateContent"
        return make_post(make_method_path(target, method), _make_body(ask, target), target, streamed=ask.streamed)

    def make_decoder(self, ask: Ask, target: Target) -> Decoder:
        if isinstance(ask, ListModels):
            return DocumentDecoder(lambda document: _read_models(document, target))
        return StreamDecoder(GenerateReading()) if ask.streamed else DocumentDecoder(read_generated)


def _make_body(ask: Complete | CallTool, target: Target) -> dict[str, Any]:
    generation: dict[str, Any] = {"maxOutputTokens": target.quirks.cap_tokens(ask.cap)}
    body: dict[str, Any] = {
        "contents": [{"role": "user", "parts": [{"text": ask.prompt}]}],
        "generationConfig": generation,
    }
    if isinstance(ask, CallTool):
        function = {"name": ask.tool, "description": ask.description, "parametersJsonSchema": ask.parameters}
        body["tools"] = [{"functionDeclarations": [function]}]
    elif ask.schema is not None:
        generation |= {"responseMimeType": "application/json", "responseJsonSchema": ask.schema}
    return body


class GenerateReading:
    """One streamed answer. It ends with the body: text, usage or an error may come after the first `finishReason`."""

    wanted = "a finishReason"

    def __init__(self) -> None:
        self.ended = False
        self.known = False
        self._told: tuple[Any, ...] = (None, None, None)
        self._calls = 0
        self._finished = False

    def read_message(self, _event: str, body: dict[str, Any]) -> list[Event]:
        if not _is_answer(body):
            return []
        self.known = True
        events = self._read_served(body)
        for event in _read_parts(body, self._calls):
            self._calls += isinstance(event, ToolCall)
            events.append(event)
        events += _read_usage(body)
        finish = _read_finish(body)
        if finish is not None and not self._finished:
            self._finished = True
            events.append(finish)
        return events

    def read_done_marker(self) -> list[Event]:
        """Ignore OpenAI's end marker, which some gateways append: it is not the end of this protocol."""
        return []

    def is_complete(self) -> bool:
        return self._finished

    def _read_served(self, body: dict[str, Any]) -> list[Event]:
        """Read who answered, when a chunk has something new: nearly every one repeats the one before."""
        # Source: google-genai 3.4, ModelStatus (Gemini API only).
        told = (
            body.get("modelVersion"),
            body.get("responseId"),
            as_object(body.get("modelStatus")).get("retirementTime"),
        )
        if told == self._told:
            return []
        self._told = told
        gone = read_timestamp(as_text(told[2]))
        served = ServedBy(model=as_text(told[0]) or None, request_id=as_text(told[1]) or None, retires_at=gone)
        return [] if served == ServedBy() else [served]


def read_generated(document: Any) -> list[Event] | None:
    """Read one whole answer; None if the document is none. It has what a stream would send in a single chunk."""
    reading = GenerateReading()
    events = reading.read_message("", as_object(document))
    if not reading.known:
        return None
    return events if reading.is_complete() else [*events, Finished(Finish.OTHER)]


def _is_answer(body: dict[str, Any]) -> bool:
    return not body.keys().isdisjoint({"candidates", "promptFeedback", "usageMetadata"})


def _first_candidate(body: dict[str, Any]) -> dict[str, Any]:
    candidates = as_list(body.get("candidates"))
    return as_object(candidates[0]) if candidates else {}


def _read_parts(body: dict[str, Any], calls: int) -> Iterator[Event]:
    """Read text, thoughts and calls; `calls` went before. An exhausted limit leaves `content` without `parts`."""
    for part in map(as_object, as_list(as_object(_first_candidate(body).get("content")).get("parts"))):
        said, call = as_text(part.get("text")), as_object(part.get("functionCall"))
        if said:
            yield Thinking(said) if part.get("thought") is True else Delta(said)
        if call:
            yield ToolCall(calls, as_text(call.get("name")), orjson.dumps(as_object(call.get("args"))).decode())
            calls += 1


def _read_finish(body: dict[str, Any]) -> Event | None:
    native = as_text(_first_candidate(body).get("finishReason"))
    if native and native != UNSPECIFIED:
        return Finished(find_finish(native, FINISHES), native)
    blocked = as_text(as_object(body.get("promptFeedback")).get("blockReason"))
    return Finished(Finish.FILTERED, blocked) if blocked and not _first_candidate(body) else None


def _read_usage(body: dict[str, Any]) -> list[Event]:
    """Read usage. `promptTokenCount` includes cached tokens; thoughts and tool prompts are counted beside it."""
    usage = as_object(body.get("usageMetadata"))
    if not usage:
        return []
    inputs = as_count(usage.get("promptTokenCount")) + as_count(usage.get("toolUsePromptTokenCount"))
    thoughts = as_count(usage.get("thoughtsTokenCount"))
    tokens = Tokens(
        input=inputs,
        output=as_count(usage.get("candidatesTokenCount")) + thoughts,
        cached_input=min(inputs, as_count(usage.get("cachedContentTokenCount"))),
        reasoning=thoughts,
    )
    return [Usage(tokens)]


def _read_models(document: Any, target: Target) -> list[Event] | None:
    """Read the models. Names come as `models/NAME`; an account without models gets an empty object."""
    body = as_object(document)
    rows, prefix = body.get("models"), "models/"
    if "publisherModels" in body:
        rows, prefix = body["publisherModels"], "publishers/google/models/"
    if not isinstance(document, dict) or (body and not isinstance(rows, list)):
        return None
    models = read_model_rows(as_list(rows), name="name", prefix=prefix)
    token = as_text(body.get("nextPageToken"))
    return [Listed(models, make_page_path(target, token) if token else None)]
