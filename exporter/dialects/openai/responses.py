"""OpenAI's Responses API, spoken by Azure, xAI, LiteLLM and vLLM too.

Sources: OpenAI SDK 2.54 and documentation. A cap below 16 is refused. Answers are kept by the vendor unless `store` is
false. Sampling parameters are never sent: reasoning models refuse them.
"""

from typing import Any, ClassVar

from exporter.core.ask import Ask, CallTool, Complete, ListModels
from exporter.core.exchange import Request
from exporter.core.target import Target
from exporter.dialects.base import BEARER, BaseDialect, Decoder, KeyHeader
from exporter.dialects.decoders import DocumentDecoder, StreamDecoder
from exporter.dialects.openai.paths import make_account_path, read_models
from exporter.dialects.openai.responses_answer import ResponseReading, read_response
from exporter.dialects.request_forms import make_get, make_post

LEAST_CAP = 16
"""Tokens; the vendor refuses a smaller `max_output_tokens` with a 400."""


class OpenAIResponses(BaseDialect):
    """The dialect `openai-responses`. Base URLs include the version (`https://api.openai.com/v1`)."""

    name: ClassVar[str] = "openai-responses"
    asks: ClassVar[frozenset[type[Ask]]] = frozenset({ListModels, Complete, CallTool})
    key_header: ClassVar[KeyHeader] = BEARER
    version_in_base_url: ClassVar[bool | None] = True

    def encode(self, ask: Ask, target: Target) -> Request:
        if isinstance(ask, ListModels):
            return make_get(make_account_path(target, "/models"))
        if not isinstance(ask, Complete | CallTool):
            raise TypeError(f"{self.name} cannot ask {type(ask).__name__}")
        return make_post(
            make_account_path(target, "/responses"), _make_body(ask, target), target, streamed=ask.streamed
        )

    def make_decoder(self, ask: Ask, target: Target) -> Decoder:  # noqa: ARG002 (the protocol has no deviations)
        if isinstance(ask, ListModels):
            return DocumentDecoder(read_models)
        return StreamDecoder(ResponseReading()) if ask.streamed else DocumentDecoder(read_response)


def _make_body(ask: Complete | CallTool, target: Target) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": target.model,
        "input": ask.prompt,
        "max_output_tokens": max(LEAST_CAP, target.quirks.cap_tokens(ask.cap)),
        "stream": ask.streamed,
        "store": False,
    }
    if isinstance(ask, CallTool):
        # left out, `strict` would be true here and refuse schemas that name no additionalProperties
        tool = {"type": "function", "name": ask.tool, "description": ask.description}
        body["tools"] = [{**tool, "parameters": ask.parameters, "strict": False}]
    elif ask.schema is not None:
        body["text"] = {"format": {"type": "json_schema", "name": "answer", "schema": ask.schema, "strict": True}}
    return body
