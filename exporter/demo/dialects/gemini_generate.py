"""Gemini's generateContent, its stream and model list, as Google's server writes them (v1 and v1beta).

Shapes: google-genai SDK 3.4 types; errors: vendor documentation and captured bodies.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from exporter.demo.answer import Answer, Question, Stop, Tool
from exporter.demo.catalog import Model
from exporter.demo.dialects.base import (
    JSON,
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
from exporter.demo.headroom import Headroom
from exporter.demo.script import Trouble

_Details = list[dict[str, Any]]

_LIST = re.compile(r"/v1(beta)?/models")
_METHOD = re.compile(r"/v1(?:beta)?/models/(?P<model>[^:]+):(?P<method>generateContent|streamGenerateContent)")
_COARSE = 4
"""Tokens per chunk: Gemini sends few, large ones."""
_THOUGHT = "**Weighing the question**\n\nThe answer is short, so one careful pass will do."
_RPC = "type.googleapis.com/google.rpc."
_NONE: _Details = []
_BAD_KEY: _Details = [{"@type": f"{_RPC}ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"}]
_LIMITED: _Details = [
    {
        "@type": f"{_RPC}QuotaFailure",
        "violations": [{"quotaId": "GenerateRequestsPerMinutePerProjectPerModel", "quotaValue": "500"}],
    },
    {"@type": f"{_RPC}RetryInfo", "retryDelay": f"{RETRY_AFTER}s"},
]
# code, status, message, details: a bad key is a 400 here
_ERRORS: Mapping[Trouble, tuple[int, str, str, _Details]] = {
    Trouble.KEY_REJECTED: (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", _BAD_KEY),
    Trouble.RATE_LIMITED: (429, "RESOURCE_EXHAUSTED", "You exceeded the requests per minute for {}.", _LIMITED),
    Trouble.QUOTA_EXHAUSTED: (402, "RESOURCE_EXHAUSTED", "Your prepaid credits are depleted.", _NONE),
    Trouble.OVERLOADED: (503, "UNAVAILABLE", "The model is overloaded. Please try again later.", _NONE),
    Trouble.MODEL_MISSING: (404, "NOT_FOUND", "models/{} is not found, or not supported for generateContent.", _NONE),
}


class _Camel(BaseModel):
    """JSON names are in camelCase; snake_case is accepted too, as Google's parser does."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class _Content(_Camel):
    parts: list[Part] = []


class _Thinking(_Camel):
    thinking_budget: int | None = None
    include_thoughts: bool = False


class _Config(_Camel):
    max_output_tokens: int | None = None
    thinking_config: _Thinking = _Thinking()
    response_mime_type: str | None = None
    response_schema: dict[str, Any] | None = None
    response_json_schema: dict[str, Any] | None = None


class _Function(_Camel):
    name: str
    parameters: dict[str, Any] | None = None
    parameters_json_schema: dict[str, Any] | None = None


class _Offered(_Camel):
    function_declarations: list[_Function] = []


class _GenerateRequest(_Camel):
    contents: list[_Content]
    system_instruction: _Content | None = None
    generation_config: _Config = _Config()
    tools: list[_Offered] = []


class GeminiGenerate:
    """See the module's docstring."""

    name: ClassVar[str] = "gemini-generate"

    def read_key(self, call: Call) -> str | None:
        return call.headers.get("x-goog-api-key") or call.query.get("key")

    def read_call(self, call: Call, shelf: Shelf) -> Question | Ready:
        if call.method == "GET" and _LIST.fullmatch(call.path):
            return _list_models(shelf)
        asked = _METHOD.fullmatch(call.path)
        if call.method != "POST" or asked is None:
            raise RefusedError(_make_error(404, "NOT_FOUND", f"No method at {call.path}"))
        model = shelf.find(asked["model"])
        if model is None:
            raise RefusedError(self.refuse(Trouble.MODEL_MISSING, asked["model"], call))
        return _read_question(call, model, streamed=asked["method"] == "streamGenerateContent")

    def refuse(self, trouble: Trouble, model: str, call: Call) -> Refusal:  # noqa: ARG002 (no id in the body)
        code, status, message, details = _ERRORS[trouble]
        return _make_error(code, status, message.format(model), details)

    def write_document(self, question: Question, answer: Answer) -> bytes:
        parts = _make_thought(question, answer) + _make_parts(answer, answer.pieces)
        return orjson.dumps(_make_response(answer, parts, len(answer.pieces), last=True))

    def write_stream(self, question: Question, answer: Answer) -> Stream:
        chunks = list(_make_chunks(question, answer))
        if question.events:
            return Stream(opening=b"", pieces=tuple(Piece(n, make_event(each)) for n, each in chunks), closing=b"")
        # Without `alt=sse` the same chunks come as the elements of one JSON array.
        elements = [Piece(n, (b",\r\n" if i else b"[") + orjson.dumps(each)) for i, (n, each) in enumerate(chunks)]
        return Stream(opening=b"", pieces=tuple(elements), closing=b"]", content_type=JSON)

    def make_headers(self, call: Call, headroom: Headroom | None) -> dict[str, str]:  # noqa: ARG002 (none are sent)
        return {"server-timing": "gfet4t7; dur=120"}


def _read_question(call: Call, model: Model, *, streamed: bool) -> Question:
    try:
        asked = _GenerateRequest.model_validate_json(call.body)
    except ValidationError as error:
        message = "Invalid value at {}: {}".format(*find_first_mistake(error))
        raise RefusedError(_make_error(400, "INVALID_ARGUMENT", message)) from None
    config = asked.generation_config
    system = [asked.system_instruction] if asked.system_instruction is not None else []
    return Question(
        model=model,
        prompt="\n".join(join_texts(content.parts) for content in (*system, *asked.contents)),
        cap=config.max_output_tokens,
        streamed=streamed,
        effort=0.0 if config.thinking_config.thinking_budget == 0 else None,
        schema=_find_schema(config),
        tool=_choose_tool(asked),
        shows_thoughts=config.thinking_config.include_thoughts,
        events=call.query.get("alt") == "sse",
    )


def _find_schema(config: _Config) -> Mapping[str, Any] | None:
    if config.response_mime_type != JSON:
        return None
    return config.response_json_schema or config.response_schema or {"type": "object"}


def _choose_tool(asked: _GenerateRequest) -> Tool | None:
    functions = [function for offered in asked.tools for function in offered.function_declarations]
    if not functions:
        return None
    return Tool(name=functions[0].name, parameters=functions[0].parameters_json_schema or functions[0].parameters or {})


def _make_chunks(question: Question, answer: Answer) -> Iterator[tuple[int, dict[str, Any]]]:
    """(tokens carried, response) in order: a thought if wanted, then the text by fours or the whole tool call."""
    if thought := _make_thought(question, answer):
        yield 0, _make_response(answer, thought, 0, last=False)
    step = max(1, len(answer.pieces)) if answer.tool is not None else _COARSE
    for begin in range(0, max(1, len(answer.pieces)), step):
        group = answer.pieces[begin : begin + step]
        so_far = begin + len(group)
        yield len(group), _make_response(answer, _make_parts(answer, group), so_far, last=so_far == len(answer.pieces))


def _make_thought(question: Question, answer: Answer) -> list[dict[str, Any]]:
    return [{"text": _THOUGHT, "thought": True}] if question.shows_thoughts and answer.thoughts else []


def _make_parts(answer: Answer, pieces: tuple[str, ...]) -> list[dict[str, Any]]:
    """Make the parts of the visible answer; none at all if reasoning used up the limit."""
    if not pieces:
        return []
    text = "".join(pieces)
    if answer.tool is None:
        return [{"text": text}]
    return [{"functionCall": {"name": answer.tool, "args": orjson.loads(text) if answer.stop is Stop.TOOL else {}}}]


def _make_response(answer: Answer, parts: list[dict[str, Any]], so_far: int, *, last: bool) -> dict[str, Any]:
    """Make one GenerateContentResponse. Counts are cumulative; `candidatesTokenCount` leaves reasoning out."""
    candidate: dict[str, Any] = {"content": {"role": "model"} | ({"parts": parts} if parts else {}), "index": 0}
    if last:
        candidate["finishReason"] = "MAX_TOKENS" if answer.stop is Stop.CAP else "STOP"
    usage = {
        "promptTokenCount": answer.prompt_tokens,
        "totalTokenCount": answer.prompt_tokens + answer.thoughts + so_far,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": answer.prompt_tokens}],
    }
    usage |= {"candidatesTokenCount": so_far} if so_far else {}
    usage |= {"thoughtsTokenCount": answer.thoughts} if answer.thoughts else {}
    names = {"modelVersion": answer.served, "responseId": answer.id}
    return {"candidates": [candidate], "usageMetadata": usage} | names


def _make_error(code: int, status: str, message: str, details: _Details | None = None) -> Refusal:
    error: dict[str, Any] = {"code": code, "message": message, "status": status}
    return Refusal(status=code, body=orjson.dumps({"error": error | ({"details": details} if details else {})}))


def _list_models(shelf: Shelf) -> Ready:
    rows = [
        {
            "name": f"models/{name}",
            "version": "001",
            "displayName": model.name.replace("-", " ").title(),
            "inputTokenLimit": 1_048_576,
            "outputTokenLimit": 65_536,
            "supportedGenerationMethods": ["generateContent", "countTokens"],
        }
        for model in shelf.models
        for name in model.names
    ]
    return Ready(orjson.dumps({"models": rows}))
