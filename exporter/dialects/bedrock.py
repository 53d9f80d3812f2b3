"""Bedrock's Converse: one protocol for the models of every maker, in binary frames when it streams.

Sources: botocore 1.44 and documentation. No answer names its model, unless a prompt router chose one. Usage comes after
the stop, in the `metadata` that ends a stream. A signature or a bearer key is added by the transport.
"""

from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

import orjson

from exporter.core.ask import Ask, CallTool, Complete, ListModels
from exporter.core.exchange import Delta, Event, Finish, Finished, Listed, Request, ServedBy, Thinking, ToolCall, Usage
from exporter.core.outcome import ListedModel, Tokens
from exporter.core.target import Quirks, Target
from exporter.dialects.base import BEARER, BaseDialect, Decoder, KeyHeader
from exporter.dialects.decoders import DocumentDecoder, StreamDecoder
from exporter.dialects.fields import as_count, as_object, as_text, read_model_rows
from exporter.dialects.finish_words import find_finish
from exporter.dialects.framing.event_frames import FrameReader
from exporter.dialects.request_forms import make_get, make_post

MODELS = "/foundation-models"
PROFILES = "/inference-profiles?maxResults=1000"
RUNTIME, CONTROL = "bedrock-runtime", "bedrock"
"""First parts of the host that answers, and of the one that lists."""

FRAMES = "application/vnd.amazon.eventstream"
FINISHES = {
    "end_turn": Finish.STOP,
    "stop_sequence": Finish.STOP,
    "max_tokens": Finish.LENGTH,
    "model_context_window_exceeded": Finish.LENGTH,
    "tool_use": Finish.TOOL,
    "guardrail_intervened": Finish.FILTERED,
    "content_filtered": Finish.FILTERED,
    "malformed_model_output": Finish.ERROR,
    "malformed_tool_use": Finish.ERROR,
}
KINDS = frozenset(
    {"messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"}
)


class BedrockConverse(BaseDialect):
    """The dialect `bedrock-converse`. Base URLs have no path (`https://bedrock-runtime.eu-central-1.amazonaws.com`)."""

    name: ClassVar[str] = "bedrock-converse"
    asks: ClassVar[frozenset[type[Ask]]] = frozenset({ListModels, Complete, CallTool})
    key_header: ClassVar[KeyHeader] = BEARER

    def encode(self, ask: Ask, target: Target) -> Request:
        if isinstance(ask, ListModels):
            return make_get(MODELS, origin=find_control_plane(target.provider.base_url))
        if not isinstance(ask, Complete | CallTool):
            raise TypeError(f"{self.name} cannot ask {type(ask).__name__}")
        path = f"/model/{quote(target.model, safe='')}/{'converse-stream' if ask.streamed else 'converse'}"
        return make_post(path, _make_body(ask, target), target, streamed=ask.streamed, stream=FRAMES)

    def make_decoder(self, ask: Ask, target: Target) -> Decoder:
        if isinstance(ask, ListModels):
            return DocumentDecoder(_read_models)
        if ask.streamed:
            return StreamDecoder(ConverseReading(target.quirks), FrameReader())
        return DocumentDecoder(_read_message)


def find_control_plane(base_url: str) -> str | None:
    """Find where the models are listed: the host beside the one that answers. None for an address that is not AWS's."""
    parts = urlsplit(base_url)
    first, dot, rest = parts.netloc.partition(".")
    if not dot or not first.startswith(RUNTIME):
        return None
    return f"{parts.scheme}://{first.replace(RUNTIME, CONTROL, 1)}.{rest}"


def _make_body(ask: Complete | CallTool, target: Target) -> dict[str, Any]:
    body: dict[str, Any] = {
        "messages": [{"role": "user", "content": [{"text": ask.prompt}]}],
        "inferenceConfig": {"maxTokens": target.quirks.cap_tokens(ask.cap)},
    }
    if isinstance(ask, CallTool):
        tool = {"name": ask.tool, "description": ask.description, "inputSchema": {"json": ask.parameters}}
        body["toolConfig"] = {"tools": [{"toolSpec": tool}]}
    elif ask.schema is not None:
        schema = {"name": "answer", "schema": orjson.dumps(ask.schema).decode()}
        body["outputConfig"] = {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": schema}}}
    return body


class ConverseReading:
    """One streamed answer."""

    wanted = "the metadata frame"

    def __init__(self, quirks: Quirks) -> None:
        self.ended = False
        self.known = False
        self._quirks = quirks
        self._tools: dict[int, int] = {}
        self._finished = False

    def read_message(self, event: str, body: dict[str, Any]) -> list[Event]:
        if self.ended or event not in KINDS:
            return []
        self.known = True
        index = as_count(body.get("contentBlockIndex"))
        match event:
            case "contentBlockStart":
                return list(self._open_block(index, as_object(as_object(body.get("start")).get("toolUse"))))
            case "contentBlockDelta":
                return list(self._read_delta(index, as_object(body.get("delta"))))
            case "messageStop" if not self._finished:
                self._finished = True
                return [_read_finish(body)]
            case "metadata":
                self.ended = True
                return [*_read_usage(body), *([] if self._finished else [Finished(Finish.OTHER)])]
        return []

    def read_done_marker(self) -> list[Event]:
        """Ignore the marker of another protocol, which no frame holds."""
        return []

    def is_complete(self) -> bool:
        return self._finished and not self._quirks.done_marker

    def _open_block(self, index: int, tool: dict[str, Any]) -> Iterator[Event]:
        name = as_text(tool.get("name"))
        if name:
            yield ToolCall(self._tools.setdefault(index, len(self._tools)), name, "")

    def _read_delta(self, index: int, delta: dict[str, Any]) -> Iterator[Event]:
        """Read a delta. A signature or redacted reasoning is no visible output."""
        said = as_text(delta.get("text"))
        thinking = as_text(as_object(delta.get("reasoningContent")).get("text"))
        arguments = as_text(as_object(delta.get("toolUse")).get("input"))
        if thinking:
            yield Thinking(thinking)
        if said:
            yield Delta(said)
        if arguments:
            yield ToolCall(self._tools.get(index, 0), "", arguments)


def _read_message(document: Any) -> list[Event] | None:
    body = as_object(document)
    message = as_object(as_object(body.get("output")).get("message"))
    if not isinstance(message.get("content"), list):
        return None
    return [*_read_blocks(message["content"]), *_read_usage(body), _read_finish(body)]


def _read_blocks(content: list[Any]) -> Iterator[Event]:
    calls = 0
    for block in map(as_object, content):
        thinking = as_text(as_object(as_object(block.get("reasoningContent")).get("reasoningText")).get("text"))
        said, tool = as_text(block.get("text")), as_object(block.get("toolUse"))
        if thinking:
            yield Thinking(thinking)
        if said:
            yield Delta(said)
        if tool:
            yield ToolCall(calls, as_text(tool.get("name")), orjson.dumps(as_object(tool.get("input"))).decode())
            calls += 1


def _read_finish(body: dict[str, Any]) -> Event:
    native = as_text(body.get("stopReason"))
    return Finished(find_finish(native, FINISHES), native)


def _read_usage(body: dict[str, Any]) -> Iterator[Event]:
    """Read usage, and the model a prompt router chose. `inputTokens` leaves cached and cache-writing tokens out."""
    model = as_text(as_object(as_object(body.get("trace")).get("promptRouter")).get("invokedModelId"))
    if model:
        yield ServedBy(model=model.rpartition("/")[2])
    usage = as_object(body.get("usage"))
    if usage:
        read, written = as_count(usage.get("cacheReadInputTokens")), as_count(usage.get("cacheWriteInputTokens"))
        inputs, outputs = as_count(usage.get("inputTokens")), as_count(usage.get("outputTokens"))
        yield Usage(Tokens(input=inputs + read + written, output=outputs, cached_input=read, cache_write=written))


def _read_models(document: Any) -> list[Event] | None:
    """Read the models, then the profiles by which newer ones are asked, page by page."""
    body = as_object(document)
    if isinstance(body.get("modelSummaries"), list):
        return [Listed(_read_rows(body["modelSummaries"]), PROFILES)]
    if not isinstance(body.get("inferenceProfileSummaries"), list):
        return None
    token = as_text(body.get("nextToken"))
    more = f"{PROFILES}&nextToken={quote(token, safe='')}" if token else None
    return [Listed(read_model_rows(body["inferenceProfileSummaries"], name="inferenceProfileId"), more)]


def _read_rows(rows: list[Any]) -> tuple[ListedModel, ...]:
    flat = [{"id": row.get("modelId"), **as_object(row.get("modelLifecycle"))} for row in map(as_object, rows)]
    return read_model_rows(flat, lifecycle="status")
