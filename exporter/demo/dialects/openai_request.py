"""Reads what is asked of an OpenAI server, and refuses it as OpenAI does.

Parameters: openai SDK 3.54 types; error codes: vendor documentation and captured bodies.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from exporter.demo.answer import Question, Tool, count_prompt_tokens
from exporter.demo.catalog import Model
from exporter.demo.dialects.base import (
    RETRY_AFTER,
    Part,
    Ready,
    Refusal,
    RefusedError,
    Shelf,
    find_first_mistake,
    join_texts,
)
from exporter.demo.samples import DIMENSIONS, make_vector, pack_vector
from exporter.demo.script import Trouble

_EFFORTS = {"none": 0.0, "minimal": 0.2, "low": 0.6, "medium": 1.0, "high": 4.0}
_NOT_WHEN_REASONING = ("temperature", "top_p", "presence_penalty", "frequency_penalty", "logprobs", "logit_bias")
_INVALID = "invalid_request_error"
# status, type, code, message: the model's name goes into the braces
_ERRORS: Mapping[Trouble, tuple[int, str, str, str]] = {
    Trouble.KEY_REJECTED: (401, _INVALID, "invalid_api_key", "Incorrect API key provided: demo****."),
    Trouble.RATE_LIMITED: (
        429,
        "requests",
        "rate_limit_exceeded",
        f"Rate limit reached for {{}} on requests per min (RPM): Limit 500, Used 500. Try again in {RETRY_AFTER}s.",
    ),
    Trouble.QUOTA_EXHAUSTED: (
        429,
        "insufficient_quota",
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
    ),
    Trouble.OVERLOADED: (503, "service_unavailable_error", "server_is_overloaded", "{} is overloaded, try again."),
    Trouble.MODEL_MISSING: (
        404,
        _INVALID,
        "model_not_found",
        "The model `{}` does not exist or you do not have access to it.",
    ),
}
_PASSING = (Trouble.RATE_LIMITED, Trouble.OVERLOADED)


class _Message(BaseModel):
    content: str | list[Part] | None = None


class _Function(BaseModel):
    name: str
    parameters: dict[str, Any] = {}


class _Offered(BaseModel):
    function: _Function


class _Shape(BaseModel):
    shape: dict[str, Any] = Field(default={}, alias="schema")


class _Format(BaseModel):
    type: str = "text"
    json_schema: _Shape | None = None


class _StreamOptions(BaseModel):
    include_usage: bool = False


class _ChatRequest(BaseModel):
    """The parameters that matter here; the others are kept to see that they were sent."""

    model_config = ConfigDict(extra="allow")

    model: str
    messages: list[_Message] = Field(min_length=1)
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    reasoning_effort: str | None = None
    response_format: _Format | None = None
    tools: list[_Offered] | None = None
    tool_choice: Any = None


class _EmbeddingRequest(BaseModel):
    model: str
    input: str | list[str] = Field(min_length=1)
    dimensions: int | None = Field(default=None, ge=1)
    encoding_format: str = "float"


def read_chat(body: bytes, shelf: Shelf) -> Question:
    """Read the question in the body of a chat completion. Raises RefusedError."""
    try:
        asked = _ChatRequest.model_validate_json(body)
    except ValidationError as error:
        raise RefusedError(_refuse_mistake(error)) from None
    model = shelf.find(asked.model)
    if model is None:
        raise RefusedError(refuse(Trouble.MODEL_MISSING, asked.model))
    _check_parameters(asked, model)
    return Question(
        model=model,
        prompt="\n".join(join_texts(message.content) for message in asked.messages),
        cap=asked.max_completion_tokens or asked.max_tokens,
        streamed=bool(asked.stream),
        effort=_EFFORTS.get(asked.reasoning_effort or "medium", 1.0),
        schema=_find_schema(asked.response_format),
        tool=_choose_tool(asked),
        shows_usage=asked.stream_options is not None and asked.stream_options.include_usage,
    )


def answer_embeddings(body: bytes, shelf: Shelf) -> Ready:
    """Answer with the embeddings of the texts in the body. Raises RefusedError."""
    try:
        asked = _EmbeddingRequest.model_validate_json(body)
    except ValidationError as error:
        raise RefusedError(_refuse_mistake(error)) from None
    if asked.model not in shelf.embeds:
        raise RefusedError(refuse(Trouble.MODEL_MISSING, asked.model))
    given = [asked.input] if isinstance(asked.input, str) else asked.input
    vectors = [make_vector(text, asked.dimensions or DIMENSIONS) for text in given]
    written = [pack_vector(each) if asked.encoding_format == "base64" else each for each in vectors]
    tokens = sum(count_prompt_tokens(text) for text in given)
    data = [{"object": "embedding", "index": index, "embedding": each} for index, each in enumerate(written)]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return Ready(orjson.dumps({"object": "list", "data": data, "model": asked.model, "usage": usage}))


def list_models(shelf: Shelf) -> Ready:
    """List the models, each under its name and its snapshot."""
    rows = [(name, model.released, model.maker) for model in shelf.models for name in model.names]
    rows += [(name, 1705948997, "system") for name in shelf.embeds]
    data = [{"id": name, "object": "model", "created": at, "owned_by": owner} for name, at, owner in rows]
    return Ready(orjson.dumps({"object": "list", "data": data}))


def refuse(trouble: Trouble, model: str) -> Refusal:
    """Make the error that OpenAI sends for that trouble."""
    status, kind, code, message = _ERRORS[trouble]
    headers = {"retry-after": str(RETRY_AFTER)} if trouble in _PASSING else {}
    return make_error(status, message.format(model), kind, code=code, headers=headers)


def make_error(
    status: int,
    message: str,
    kind: str = _INVALID,
    *,
    param: str | None = None,
    code: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Refusal:
    """Make an error in OpenAI's form."""
    error = {"message": message, "type": kind, "param": param, "code": code}
    return Refusal(status=status, body=orjson.dumps({"error": error}), headers=headers or {})


def _refuse_mistake(error: ValidationError) -> Refusal:
    where, what = find_first_mistake(error)
    return make_error(400, f"Invalid value for '{where}': {what}.", param=where or None, code="invalid_value")


def _check_parameters(asked: _ChatRequest, model: Model) -> None:
    """Reasoning models of OpenAI take neither `max_tokens` nor sampling parameters (documentation, captured bodies)."""
    if model.maker != "openai" or not model.thinks:
        return
    for name in ("max_tokens", *_NOT_WHEN_REASONING):
        if name in asked.model_fields_set:
            message = f"Unsupported parameter: '{name}' is not supported with this model."
            if name == "max_tokens":
                message += " Use 'max_completion_tokens' instead."
            raise RefusedError(make_error(400, message, param=name, code="unsupported_parameter"))


def _find_schema(form: _Format | None) -> Mapping[str, Any] | None:
    if form is None or form.type == "text":
        return None
    if form.json_schema is not None:
        return form.json_schema.shape
    return {"type": "object", "properties": {"answer": {"type": "string"}}}


def _choose_tool(asked: _ChatRequest) -> Tool | None:
    if not asked.tools or asked.tool_choice == "none":
        return None
    function = asked.tools[0].function
    return Tool(name=function.name, parameters=function.parameters)
