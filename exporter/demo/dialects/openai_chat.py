"""OpenAI's Chat Completions, model list and embeddings, as their server writes them.

Shapes: openai SDK 3.54 types; headers: vendor documentation.
"""

import zlib
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import orjson

from exporter.demo.answer import Answer, Question, Stop
from exporter.demo.dialects import openai_request
from exporter.demo.dialects.base import Call, Piece, Ready, Refusal, RefusedError, Shelf, Stream, make_event
from exporter.demo.headroom import Headroom, Standing
from exporter.demo.script import Trouble

_REASONS = {Stop.END: "stop", Stop.CAP: "length", Stop.TOOL: "tool_calls"}
_DONE = b"data: [DONE]\n\n"


class OpenAIChat:
    """See the module's docstring."""

    name: ClassVar[str] = "openai-chat"

    def read_key(self, call: Call) -> str | None:
        return call.read_bearer()

    def read_call(self, call: Call, shelf: Shelf) -> Question | Ready:
        match (call.method, call.path):
            case ("GET", "/v1/models"):
                return openai_request.list_models(shelf)
            case ("POST", "/v1/chat/completions"):
                return openai_request.read_chat(call.body, shelf)
            case ("POST", "/v1/embeddings"):
                return openai_request.answer_embeddings(call.body, shelf)
        raise RefusedError(openai_request.make_error(404, f"Invalid URL ({call.method} {call.path})"))

    def refuse(self, trouble: Trouble, model: str, call: Call) -> Refusal:  # noqa: ARG002 (no id in the body)
        return openai_request.refuse(trouble, model)

    def write_document(self, question: Question, answer: Answer) -> bytes:  # noqa: ARG002 (always shows usage)
        message: dict[str, Any] = {"role": "assistant", "content": answer.text, "refusal": None, "annotations": []}
        if answer.tool is not None:
            message |= {"content": None, "tool_calls": [_make_call(answer, answer.text)]}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _REASONS[answer.stop]}
        return orjson.dumps(
            _make_frame(answer, "chat.completion") | {"choices": [choice], "usage": _make_usage(answer)}
        )

    def write_stream(self, question: Question, answer: Answer) -> Stream:
        chunks = _Chunks(answer, shows_usage=question.shows_usage)
        pieces = chunks.make_text() if answer.tool is None else chunks.make_tool_call()
        return Stream(
            opening=chunks.make_role() if answer.tool is None else b"",
            pieces=tuple(Piece(1, data) for data in pieces),
            closing=chunks.make_delta({}, _REASONS[answer.stop]) + chunks.make_usage() + _DONE,
        )

    def make_headers(self, call: Call, headroom: Headroom | None) -> dict[str, str]:
        told = {"x-request-id": call.request_id}
        if headroom is None:
            return told
        told |= {"openai-version": "2020-10-01", "openai-organization": "demo", "openai-processing-ms": "120"}
        return told | _limit_headers("requests", headroom.requests) | _limit_headers("tokens", headroom.input_tokens)


class _Chunks:
    """Writes the chunks of one stream. When usage is asked for, all but the last carry `usage: null`."""

    def __init__(self, answer: Answer, *, shows_usage: bool) -> None:
        self._answer = answer
        self._shows_usage = shows_usage
        self._frame = _make_frame(answer, "chat.completion.chunk") | ({"usage": None} if shows_usage else {})

    def make_delta(self, delta: Mapping[str, Any], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return make_event(self._frame | {"choices": [choice]})

    def make_role(self) -> bytes:
        """Make the chunk that opens a text: no token yet."""
        return self.make_delta({"role": "assistant", "content": "", "refusal": None})

    def make_text(self) -> Iterator[bytes]:
        return (self.make_delta({"content": piece}) for piece in self._answer.pieces)

    def make_tool_call(self) -> Iterator[bytes]:
        """Make the chunks of a tool call: the first names the tool, the rest are fragments of its arguments."""
        yield self.make_delta(
            {"role": "assistant", "content": None, "tool_calls": [{"index": 0} | _make_call(self._answer, "")]}
        )
        for piece in self._answer.pieces:
            yield self.make_delta({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})

    def make_usage(self) -> bytes:
        if not self._shows_usage:
            return b""
        return make_event(self._frame | {"choices": [], "usage": _make_usage(self._answer)})


def _make_frame(answer: Answer, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{answer.id}",
        "object": kind,
        "created": answer.created,
        "model": answer.served,
        "service_tier": "default",
        "system_fingerprint": f"fp_{zlib.crc32(answer.served.encode()):010x}",
    }


def _make_usage(answer: Answer) -> dict[str, Any]:
    """`completion_tokens` includes reasoning, `prompt_tokens` includes cached ones (vendor documentation)."""
    return {
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.output_tokens,
        "total_tokens": answer.prompt_tokens + answer.output_tokens,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": answer.thoughts, "audio_tokens": 0},
    }


def _make_call(answer: Answer, arguments: str) -> dict[str, Any]:
    function = {"name": answer.tool, "arguments": arguments}
    return {"id": f"call_{answer.id}", "type": "function", "function": function}


def _limit_headers(resource: str, standing: Standing) -> dict[str, str]:
    return {
        f"x-ratelimit-limit-{resource}": str(standing.limit),
        f"x-ratelimit-remaining-{resource}": str(standing.remaining),
        f"x-ratelimit-reset-{resource}": _format_go_duration(standing.reset),
    }


def _format_go_duration(seconds: float) -> str:
    """Format a duration as Go does: `120ms`, `6.2s`, `1m0s`."""
    if seconds < 1:
        return f"{round(seconds * 1000)}ms"
    minutes, rest = divmod(round(seconds, 1), 60)
    return (f"{int(minutes)}m" if minutes else "") + f"{rest:.3g}s"
