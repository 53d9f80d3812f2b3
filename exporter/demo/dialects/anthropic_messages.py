"""Anthropic's Messages and model list, as their server writes them.

Shapes: anthropic SDK 2.12 types; errors, headers and API versions: vendor documentation.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from exporter.demo.answer import Answer, Question, Stop, Tool
from exporter.demo.catalog import Model
from exporter.demo.dialects.base import (
    RETRY_AFTER,
    Call,
    Part,
    Piece,
    Ready,
    Refusal,
    RefusedError,
    Shelf,
    Stream,
    find_first_mistake,
    join_texts,
    make_event,
)
from exporter.demo.headroom import Headroom, Standing
from exporter.demo.script import Trouble

_OLD, _NEW = "2023-06-01", "2026-10-21"
_REASONS = {Stop.END: "end_turn", Stop.CAP: "max_tokens", Stop.TOOL: "tool_use"}
_INVALID = "invalid_request_error"
_DAY = 86_400
_ERRORS: Mapping[Trouble, tuple[int, str, str]] = {
    Trouble.KEY_REJECTED: (401, "authentication_error", "invalid x-api-key"),
    Trouble.RATE_LIMITED: (429, "rate_limit_error", "This request would exceed your rate limit for {}."),
    Trouble.QUOTA_EXHAUSTED: (402, "billing_error", "There is a problem with your billing details."),
    Trouble.OVERLOADED: (529, "overloaded_error", "Overloaded"),
    Trouble.MODEL_MISSING: (404, "not_found_error", "model: {}"),
}
_PASSING = (Trouble.RATE_LIMITED, Trouble.OVERLOADED)


class _Message(BaseModel):
    content: str | list[Part]


class _Offered(BaseModel):
    name: str
    input_schema: dict[str, Any] = {}


class _Choice(BaseModel):
    type: str = "auto"


class _Format(BaseModel):
    shape: dict[str, Any] = Field(default={}, alias="schema")


class _OutputConfig(BaseModel):
    format: _Format | None = None


class _MessagesRequest(BaseModel):
    """The parameters that matter here; the others are kept to see that they were sent."""

    model_config = ConfigDict(extra="allow")

    model: str
    max_tokens: int = Field(ge=1)
    messages: list[_Message] = Field(min_length=1)
    system: str | list[Part] = ""
    stream: bool = False
    tools: list[_Offered] = []
    tool_choice: _Choice = _Choice()
    output_config: _OutputConfig = _OutputConfig()


class AnthropicMessages:
    """See the module's docstring."""

    name: ClassVar[str] = "anthropic-messages"

    def read_key(self, call: Call) -> str | None:
        return call.headers.get("x-api-key") or call.read_bearer()

    def read_call(self, call: Call, shelf: Shelf) -> Question | Ready:
        version = call.headers.get("anthropic-version")
        if version not in (_OLD, _NEW):
            raise RefusedError(_make_error(400, _INVALID, "anthropic-version: header is required", call))
        match (call.method, call.path):
            case ("GET", "/v1/models"):
                return _list_models(shelf)
            case ("POST", "/v1/messages"):
                return self._read_question(call, shelf, version)
        raise RefusedError(_make_error(404, "not_found_error", "Not found", call))

    def refuse(self, trouble: Trouble, model: str, call: Call) -> Refusal:
        status, kind, message = _ERRORS[trouble]
        headers = {"retry-after": str(RETRY_AFTER)} if trouble in _PASSING else {}
        return _make_error(status, kind, message.format(model), call, headers)

    def write_document(self, question: Question, answer: Answer) -> bytes:  # noqa: ARG002 (nothing optional to show)
        return orjson.dumps(
            _make_message(answer)
            | {"content": [_make_block(answer, answer.text)], "stop_reason": _REASONS[answer.stop]}
        )

    def write_stream(self, question: Question, answer: Answer) -> Stream:  # noqa: ARG002 (nothing optional to show)
        start = _make_message(answer) | {"content": [], "stop_reason": None}
        start["usage"] |= {"output_tokens": 1}
        block = {"index": 0, "content_block": _make_block(answer, "")}
        delta = {"stop_reason": _REASONS[answer.stop], "stop_sequence": None}
        usage = {"output_tokens": answer.output_tokens}
        return Stream(
            opening=_make_event("message_start", message=start)
            + _make_event("content_block_start", **block)
            + _make_event("ping"),
            pieces=tuple(_make_deltas(answer)),
            closing=_make_event("content_block_stop", index=0)
            + _make_event("message_delta", delta=delta, usage=usage)
            + _make_event("message_stop"),
        )

    def make_headers(self, call: Call, headroom: Headroom | None) -> dict[str, str]:
        told = {"request-id": call.request_id, "anthropic-organization-id": "demo"}
        if headroom is None:
            return told
        told |= _limit_headers("requests", headroom.requests, call.at) | _limit_headers(
            "tokens", headroom.input_tokens, call.at
        )
        told |= _limit_headers("input-tokens", headroom.input_tokens, call.at)
        return told | _limit_headers("output-tokens", headroom.output_tokens, call.at)

    def _read_question(self, call: Call, shelf: Shelf, version: str) -> Question:
        try:
            asked = _MessagesRequest.model_validate_json(call.body)
        except ValidationError as error:
            raise RefusedError(_make_error(400, _INVALID, ": ".join(find_first_mistake(error)), call)) from None
        model = shelf.find(asked.model)
        if model is None:
            raise RefusedError(self.refuse(Trouble.MODEL_MISSING, asked.model, call))
        for name in ("temperature", "top_p", "top_k"):
            if version == _NEW and name in asked.model_fields_set:
                message = f"{name}: not supported with anthropic-version {_NEW}"
                raise RefusedError(_make_error(400, _INVALID, message, call))
        form = asked.output_config.format
        return Question(
            model=model,
            prompt="\n".join((join_texts(asked.system), *(join_texts(message.content) for message in asked.messages))),
            cap=asked.max_tokens,
            streamed=asked.stream,
            schema=form.shape if form is not None else None,
            tool=_choose_tool(asked),
        )


def _choose_tool(asked: _MessagesRequest) -> Tool | None:
    if not asked.tools or asked.tool_choice.type == "none":
        return None
    return Tool(name=asked.tools[0].name, parameters=asked.tools[0].input_schema)


def _make_message(answer: Answer) -> dict[str, Any]:
    """Make a message without its content. `output_tokens` includes reasoning, `input_tokens` leaves out cached ones."""
    return {
        "id": f"msg_{answer.id}",
        "type": "message",
        "role": "assistant",
        "model": answer.served,
        "stop_sequence": None,
        "usage": {
            "input_tokens": answer.prompt_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": answer.output_tokens,
            "service_tier": "standard",
        },
    }


def _make_block(answer: Answer, said: str) -> dict[str, Any]:
    if answer.tool is None:
        return {"type": "text", "text": said}
    given = orjson.loads(said) if said and answer.stop is Stop.TOOL else {}
    return {"type": "tool_use", "id": f"toolu_{answer.id}", "name": answer.tool, "input": given}


def _make_deltas(answer: Answer) -> Iterator[Piece]:
    kind, field = ("text_delta", "text") if answer.tool is None else ("input_json_delta", "partial_json")
    for said in answer.pieces:
        yield Piece(1, _make_event("content_block_delta", index=0, delta={"type": kind, field: said}))


def _make_event(kind: str, **fields: Any) -> bytes:
    return make_event({"type": kind} | fields, kind)


def _make_error(status: int, kind: str, message: str, call: Call, headers: Mapping[str, str] | None = None) -> Refusal:
    document = {"type": "error", "error": {"type": kind, "message": message}, "request_id": call.request_id}
    return Refusal(status=status, body=orjson.dumps(document), headers=headers or {})


def _list_models(shelf: Shelf) -> Ready:
    rows = [_make_row(name, model, shelf.retires.get(model.name)) for model in shelf.models for name in model.names]
    edges = {"first_id": rows[0]["id"], "last_id": rows[-1]["id"]} if rows else {"first_id": None, "last_id": None}
    return Ready(orjson.dumps({"data": rows, "has_more": False} | edges))


def _make_row(name: str, model: Model, retires: float | None) -> dict[str, Any]:
    return {
        "type": "model",
        "id": name,
        "display_name": model.name.replace("-", " ").title(),
        "created_at": _format_rfc3339(model.released),
        "lifecycle": "active" if retires is None else "deprecated",
        "deprecated_at": None if retires is None else _format_rfc3339(retires - 180 * _DAY),
        "retires_at": None if retires is None else _format_rfc3339(retires),
        "max_input_tokens": 200_000,
        "max_tokens": 8_192,
    }


def _limit_headers(resource: str, standing: Standing, now: float) -> dict[str, str]:
    prefix = f"anthropic-ratelimit-{resource}"
    return {
        f"{prefix}-limit": str(standing.limit),
        f"{prefix}-remaining": str(standing.remaining),
        f"{prefix}-reset": _format_rfc3339(now + standing.reset),
    }


def _format_rfc3339(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
