"""Anthropic's Messages API, spoken by Anthropic, DeepSeek, HolySheep, vLLM, llama.cpp and LiteLLM too.

Sources: Anthropic SDK 2.12 and documentation. Sampling parameters are never sent: since version 2026-10-21 they are
refused even at their defaults. The stream ends with `message_stop`; events of unknown types are ignored.
"""

from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import quote

import orjson

from exporter.core.ask import Ask, CallTool, Complete, ListModels
from exporter.core.exchange import Delta, Event, Finish, Finished, Listed, Request, ServedBy, Thinking, ToolCall, Usage
from exporter.core.outcome import Tokens
from exporter.core.target import Target
from exporter.dialects.base import BaseDialect, Decoder, KeyHeader
from exporter.dialects.decoders import DocumentDecoder, StreamDecoder
from exporter.dialects.fields import as_count, as_list, as_object, as_text, read_model_rows
from exporter.dialects.finish_words import find_finish
from exporter.dialects.request_forms import make_get, make_post

VERSION = "2023-06-01"
MODELS = "/v1/models?limit=1000"
FINISHES = {
    "end_turn": Finish.STOP,
    "stop_sequence": Finish.STOP,
    "max_tokens": Finish.LENGTH,
    "model_context_window_exceeded": Finish.LENGTH,
    "tool_use": Finish.TOOL,
    "refusal": Finish.REFUSED,
}
KINDS = frozenset(
    {
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
        "ping",
    }
)
"""The events this dialect knows; others may come at any time and are passed over."""


class AnthropicMessages(BaseDialect):
    """The dialect `anthropic-messages`. Base URLs leave the version out (`https://api.anthropic.com`)."""

    name: ClassVar[str] = "anthropic-messages"
    asks: ClassVar[frozenset[type[Ask]]] = frozenset({ListModels, Complete, CallTool})
    key_header: ClassVar[KeyHeader] = KeyHeader("x-api-key")

    def encode(self, ask: Ask, target: Target) -> Request:
        version = {"anthropic-version": target.quirks.api_version or VERSION}
        if isinstance(ask, ListModels):
            return make_get(MODELS, version)
        if not isinstance(ask, Complete | CallTool):
            raise TypeError(f"{self.name} cannot ask {type(ask).__name__}")
        return make_post("/v1/messages", _make_body(ask, target), target, streamed=ask.streamed, headers=version)

    def make_decoder(self, ask: Ask, target: Target) -> Decoder:  # noqa: ARG002 (the protocol has no deviations)
        if isinstance(ask, ListModels):
            return DocumentDecoder(_read_models)
        return StreamDecoder(MessageReading()) if ask.streamed else DocumentDecoder(read_message)


def _make_body(ask: Complete | CallTool, target: Target) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": target.model,
        "max_tokens": target.quirks.cap_tokens(ask.cap),
        "messages": [{"role": "user", "content": ask.prompt}],
        "stream": ask.streamed,
    }
    if isinstance(ask, CallTool):
        body["tools"] = [{"name": ask.tool, "description": ask.description, "input_schema": ask.parameters}]
    elif ask.schema is not None:
        body["output_config"] = {"format": {"type": "json_schema", "schema": ask.schema}}
    return body


class MessageReading:
    """One streamed answer. Usage is cumulative: what `message_delta` tells replaces what `message_start` told."""

    wanted = "message_stop"

    def __init__(self) -> None:
        self.ended = False
        self.known = False
        self._usage: dict[str, Any] = {}
        self._tools: dict[int, int] = {}
        self._finished = False

    def read_message(self, event: str, body: dict[str, Any]) -> list[Event]:
        kind = as_text(body.get("type")) or event
        if self.ended or kind not in KINDS:
            return []
        self.known = True
        match kind:
            case "message_start":
                message = as_object(body.get("message"))
                return [*_read_served(message), *self._read_usage(message.get("usage"))]
            case "content_block_start":
                return self._read_block(_read_index(body), as_object(body.get("content_block")))
            case "content_block_delta":
                return self._read_delta(_read_index(body), as_object(body.get("delta")))
            case "message_delta":
                counted = self._read_usage(body.get("usage"))
                return [*counted, *self._finish(as_text(as_object(body.get("delta")).get("stop_reason")))]
        return self._stop() if kind == "message_stop" else []

    def read_done_marker(self) -> list[Event]:
        """Ignore OpenAI's end marker, which some gateways append: it is not the end of this protocol."""
        return []

    def is_complete(self) -> bool:
        return False

    def _read_block(self, index: int, block: dict[str, Any]) -> list[Event]:
        """Read the start of a block. A tool call opens with an empty input; its arguments follow in pieces."""
        if block.get("type") != "tool_use":
            return list(_read_output(block))
        position = self._tools[index] = len(self._tools)
        name = as_text(block.get("name"))
        return [ToolCall(position, name, "")] if name else []

    def _read_delta(self, index: int, delta: dict[str, Any]) -> list[Event]:
        """Read a delta. Signatures and citations are no output: the model produced nothing to see."""
        arguments = as_text(delta.get("partial_json"))
        if arguments:
            return [ToolCall(self._tools.get(index, 0), "", arguments)]
        return list(_read_output(delta))

    def _read_usage(self, told: Any) -> list[Event]:
        fresh = {key: value for key, value in as_object(told).items() if value is not None}
        if not fresh:
            return []
        self._usage.update(fresh)
        return [_read_usage(self._usage)]

    def _stop(self) -> list[Event]:
        self.ended = True
        return [] if self._finished else [Finished(Finish.OTHER)]

    def _finish(self, native: str) -> list[Event]:
        if not native or self._finished:
            return []
        self._finished = True
        return [_read_finish(native)]


def read_message(document: Any) -> list[Event] | None:
    """Read one whole answer; None if the document is none."""
    body = as_object(document)
    if not isinstance(body.get("content"), list):
        return None
    events = _read_served(body)
    calls = 0
    for block in map(as_object, body["content"]):
        events += _read_output(block)
        if block.get("type") == "tool_use":
            arguments = orjson.dumps(as_object(block.get("input"))).decode()
            events.append(ToolCall(calls, as_text(block.get("name")), arguments))
            calls += 1
    usage = as_object(body.get("usage"))
    return [*events, *([_read_usage(usage)] if usage else []), _read_finish(as_text(body.get("stop_reason")))]


def _read_index(body: dict[str, Any]) -> int:
    return as_count(body.get("index"))


def _read_served(message: dict[str, Any]) -> list[Event]:
    served = ServedBy(model=as_text(message.get("model")) or None, request_id=as_text(message.get("id")) or None)
    return [] if served == ServedBy() else [served]


def _read_output(block: dict[str, Any]) -> Iterator[Event]:
    """Read the text or reasoning of a block or a delta; empty ones are no output."""
    thinking, said = as_text(block.get("thinking")), as_text(block.get("text"))
    if thinking:
        yield Thinking(thinking)
    if said:
        yield Delta(said)


def _read_finish(native: str) -> Event:
    return Finished(find_finish(native, FINISHES), native)


def _read_usage(usage: dict[str, Any]) -> Event:
    """Read usage. `input_tokens` leaves cached and cache-writing tokens out; `output_tokens` includes thinking."""
    read, written = as_count(usage.get("cache_read_input_tokens")), as_count(usage.get("cache_creation_input_tokens"))
    output = as_count(usage.get("output_tokens"))
    thinking = as_count(as_object(usage.get("output_tokens_details")).get("thinking_tokens"))
    return Usage(
        Tokens(
            input=as_count(usage.get("input_tokens")) + written + read,
            output=output,
            cached_input=read,
            cache_write=written,
            reasoning=min(output, thinking),
        )
    )


def _read_models(document: Any) -> list[Event] | None:
    body = as_object(document)
    if not isinstance(body.get("data"), list):
        return None
    models = read_model_rows(as_list(body["data"]))
    last = as_text(body.get("last_id"))
    more = f"{MODELS}&after_id={quote(last, safe='')}" if last and body.get("has_more") is True else None
    return [Listed(models, more)]
