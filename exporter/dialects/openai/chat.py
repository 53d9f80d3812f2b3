"""OpenAI's Chat Completions, and everyone who followed it: most vendors, gateways and self-hosted servers.

Sources: OpenAI SDK 2.54 and documentation; the deviations of Groq, OpenRouter, Mistral, xAI, DeepSeek, vLLM, llama.cpp
and LiteLLM as their documentation, SDKs and sources show them. Sampling parameters are never sent: reasoning models
refuse them.
"""

import re
from dataclasses import replace
from typing import Any, ClassVar

from exporter.core.ask import Ask, CallTool, Complete, ListModels
from exporter.core.exchange import Request
from exporter.core.outcome import Failure, Reason
from exporter.core.target import CapField, Quirks, Target
from exporter.dialects.base import BEARER, BaseDialect, Decoder, KeyHeader
from exporter.dialects.decoders import DocumentDecoder, StreamDecoder
from exporter.dialects.openai.chat_answer import ChatReading, read_chat
from exporter.dialects.openai.paths import make_account_path, make_model_path, read_models
from exporter.dialects.request_forms import make_get, make_post

REFUSED_FIELD = re.compile(
    r"unsupported|not support|unrecognized|unknown|unexpected|not permitted|not allowed|invalid (field|param|arg)",
    re.IGNORECASE,
)
"""How vendors say that they do not take a field (OpenAI, vLLM, FastAPI's validation, relays)."""

ADVICE = re.compile(r"use \W?\w+\W? instead", re.IGNORECASE)
"""The field a vendor proposes is not the one it refused."""


class OpenAIChat(BaseDialect):
    """The dialect `openai-chat`. Base URLs include the version (`https://api.openai.com/v1`)."""

    name: ClassVar[str] = "openai-chat"
    asks: ClassVar[frozenset[type[Ask]]] = frozenset({ListModels, Complete, CallTool})
    key_header: ClassVar[KeyHeader] = BEARER
    version_in_base_url: ClassVar[bool | None] = True

    def encode(self, ask: Ask, target: Target) -> Request:
        if isinstance(ask, ListModels):
            return make_get(make_account_path(target, "/models"))
        if not isinstance(ask, Complete | CallTool):
            raise TypeError(f"{self.name} cannot ask {type(ask).__name__}")
        return make_post(
            make_model_path(target, "/chat/completions"), _make_body(ask, target), target, streamed=ask.streamed
        )

    def make_decoder(self, ask: Ask, target: Target) -> Decoder:
        if isinstance(ask, ListModels):
            return DocumentDecoder(read_models)
        if ask.streamed:
            return StreamDecoder(ChatReading(target.quirks))
        return DocumentDecoder(lambda document: read_chat(document, target.quirks))

    def adapt_quirks(self, quirks: Quirks, failure: Failure) -> Quirks | None:
        said = ADVICE.sub("", failure.detail)
        if failure.reason is not Reason.BAD_REQUEST or not REFUSED_FIELD.search(said):
            return None
        adapted = quirks
        if re.search(rf"\b{quirks.cap_field}\b", said):
            adapted = replace(adapted, cap_field=_other_cap_field(quirks.cap_field))
        if quirks.stream_usage and "stream_options" in said:
            adapted = replace(adapted, stream_usage=False)
        return None if adapted == quirks else adapted


def _make_body(ask: Complete | CallTool, target: Target) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": target.model,
        "messages": [{"role": "user", "content": ask.prompt}],
        target.quirks.cap_field.value: target.quirks.cap_tokens(ask.cap),
        "stream": ask.streamed,
    }
    if ask.streamed and target.quirks.stream_usage:
        body["stream_options"] = {"include_usage": True}
    if isinstance(ask, CallTool):
        function = {"name": ask.tool, "description": ask.description, "parameters": ask.parameters}
        body["tools"] = [{"type": "function", "function": function}]
    elif ask.schema is not None:
        schema = {"name": "answer", "schema": ask.schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body


def _other_cap_field(field: CapField) -> CapField:
    return CapField.MAX_COMPLETION_TOKENS if field is CapField.MAX_TOKENS else CapField.MAX_TOKENS
