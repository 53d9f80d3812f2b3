"""Google's generateContent: the Gemini API, and by another address (see gemini_paths.py) Vertex AI.

Sources: google-genai SDK 3.4 and documentation. The stream has no end marker: it is over with the chunk that carries a
finish reason, or with the first where the prompt was blocked. Counts of output leave thinking out.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

import orjson

from exporter.core.ask import Ask, CallTool, Complete, ListModels
from exporter.core.exchange import Delta, Event, Finish, Finished, Listed, Request, ServedBy, Thinking, ToolCall, Usage
from exporter.core.outcome import Tokens
from exporter.core.target import Target
from exporter.dialects.base import Decoder, KeyHeader
from exporter.dialects.base_dialect import Ordinary
from exporter.dialects.decoders import DocumentDecoder, StreamDecoder
from exporter.dialects.fields import count, items, record, text
from exporter.dialects.gemini_paths import listing, of_method, page
from exporter.dialects.model_rows import listed_models
from exporter.dialects.request_forms import post
from exporter.dialects.times import instant

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


class GeminiGenerate(Ordinary):
    """The dialect `gemini-generate`. The Gemini API's base URL leaves the version out."""

    name: ClassVar[str] = "gemini-generate"
    asks: ClassVar[frozenset[type[Ask]]] = frozenset({ListModels, Complete, CallTool})
    key_header: ClassVar[KeyHeader] = KeyHeader("x-goog-api-key")

    def encode(self, ask: Ask, target: Target) -> Request:
        if isinstance(ask, ListModels):
            return listing(target)
        if not isinstance(ask, Complete | CallTool):
            raise TypeError(f"{self.name} cannot ask {type(ask).__name__}")
        # without alt=sse a stream would be one JSON array that grows
        method = "streamGenerateContent?alt=sse" if ask.streamed else "generateContent"
        return post(of_method(target, method), _body(ask, target), target, streamed=ask.streamed)

    def decoder(self, ask: Ask, target: Target) -> Decoder:
        if isinstance(ask, ListModels):
            return DocumentDecoder(lambda document: _read_models(document, target))
        return StreamDecoder(GenerateReading()) if ask.streamed else DocumentDecoder(read_generated)


def _body(ask: Complete | CallTool, target: Target) -> dict[str, Any]:
    generation: dict[str, Any] = {"maxOutputTokens": target.quirks.cap(ask.cap)}
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
    """One streamed answer. After its end a later chunk may still bring usage; it is read for as long as bytes come."""

    wanted = "a finishReason"

    def __init__(self) -> None:
        self.ended = False
        self.known = False
        self._told: tuple[Any, ...] = (None, None, None)
        self._calls = 0

    def message(self, _event: str, body: dict[str, Any]) -> list[Event]:
        if not _ours(body):
            return []
        self.known = True
        events = self._who(body)
        for event in _parts(body, self._calls):
            self._calls += isinstance(event, ToolCall)
            events.append(event)
        events += _usage(body)
        finish = _finish(body)
        if finish is not None and not self.ended:
            self.ended = True
            events.append(finish)
        return events

    def done(self) -> list[Event]:
        """Some gateways append OpenAI's marker; it is not the end of this protocol."""
        return []

    def complete(self) -> bool:
        return False

    def _who(self, body: dict[str, Any]) -> list[Event]:
        """Who answered, when a chunk tells something new: nearly every one repeats the one before."""
        # Source: google-genai 3.4, ModelStatus (Gemini API only).
        told = (body.get("modelVersion"), body.get("responseId"), record(body.get("modelStatus")).get("retirementTime"))
        if told == self._told:
            return []
        self._told = told
        gone = instant(text(told[2]))
        served = ServedBy(model=text(told[0]) or None, request_id=text(told[1]) or None, retires_at=gone)
        return [] if served == ServedBy() else [served]


def read_generated(document: Any) -> list[Event] | None:
    """One whole answer, or None where the document is none: what a stream would send in a single chunk."""
    reading = GenerateReading()
    events = reading.message("", record(document))
    if not reading.known:
        return None
    return events if reading.ended else [*events, Finished(Finish.OTHER)]


def _ours(body: dict[str, Any]) -> bool:
    return not body.keys().isdisjoint({"candidates", "promptFeedback", "usageMetadata"})


def _candidate(body: dict[str, Any]) -> dict[str, Any]:
    candidates = items(body.get("candidates"))
    return record(candidates[0]) if candidates else {}


def _parts(body: dict[str, Any], calls: int) -> Iterator[Event]:
    """Text, thoughts and calls; `calls` went before. A cap that ran out leaves `content` without `parts`."""
    for part in map(record, items(record(_candidate(body).get("content")).get("parts"))):
        said, call = text(part.get("text")), record(part.get("functionCall"))
        if said:
            yield Thinking(said) if part.get("thought") is True else Delta(said)
        if call:
            yield ToolCall(calls, text(call.get("name")), orjson.dumps(record(call.get("args"))).decode())
            calls += 1


def _finish(body: dict[str, Any]) -> Event | None:
    native = text(_candidate(body).get("finishReason"))
    if native and native != UNSPECIFIED:
        return Finished(FINISHES.get(native, Finish.OTHER), native)
    blocked = text(record(body.get("promptFeedback")).get("blockReason"))
    return Finished(Finish.FILTERED, blocked) if blocked and not _candidate(body) else None


def _usage(body: dict[str, Any]) -> list[Event]:
    """`promptTokenCount` includes cached tokens; thoughts and tool prompts are counted beside the others."""
    usage = record(body.get("usageMetadata"))
    if not usage:
        return []
    inputs = count(usage.get("promptTokenCount")) + count(usage.get("toolUsePromptTokenCount"))
    thoughts = count(usage.get("thoughtsTokenCount"))
    tokens = Tokens(
        input=inputs,
        output=count(usage.get("candidatesTokenCount")) + thoughts,
        cached_input=min(inputs, count(usage.get("cachedContentTokenCount"))),
        reasoning=thoughts,
    )
    return [Usage(tokens)]


def _read_models(document: Any, target: Target) -> list[Event] | None:
    """Names come as `models/...`; users write what follows. An account without models gets an empty object."""
    body = record(document)
    rows, prefix = body.get("models"), "models/"
    if "publisherModels" in body:
        rows, prefix = body["publisherModels"], "publishers/google/models/"
    if not isinstance(document, dict) or (body and not isinstance(rows, list)):
        return None
    models = listed_models(items(rows), name="name", prefix=prefix)
    token = text(body.get("nextPageToken"))
    return [Listed(models, page(target, token) if token else None)]
