"""The dialect `openai-chat`: how it asks, and how it asks again."""

from typing import Any

import orjson
import pytest

from exporter.core.ask import CallTool, Complete, Embed, ListModels
from exporter.core.exchange import Finish, Finished, RemoteError, Request
from exporter.core.outcome import Failure, Reason
from exporter.core.target import CapField, Quirks
from exporter.dialects.openai.chat import OpenAIChat
from tests.dialects.transcripts import TOOL, target

DIALECT = OpenAIChat()
MESSAGES = [{"role": "user", "content": "Hi"}]
BOTH = Quirks(cap_field=CapField.MAX_COMPLETION_TOKENS)
BARE = Quirks(stream_usage=False)


def body(request: Request) -> Any:
    assert request.body is not None
    return orjson.loads(request.body)


@pytest.mark.parametrize(
    ("ask", "quirks", "expected"),
    [
        pytest.param(
            Complete("Hi"),
            Quirks(),
            {
                "model": "some/model:1",
                "messages": MESSAGES,
                "max_tokens": 32,
                "stream": True,
                "stream_options": {"include_usage": True},
            },
            id="streamed",
        ),
        pytest.param(
            Complete("Hi", streamed=False),
            BOTH,
            {"model": "some/model:1", "messages": MESSAGES, "max_completion_tokens": 32, "stream": False},
            id="whole, the cap by its newer name",
        ),
        pytest.param(
            Complete("Hi", cap=16),
            Quirks(stream_usage=False, minimum_cap=256, extra={"reasoning_effort": "minimal"}),
            {
                "model": "some/model:1",
                "messages": MESSAGES,
                "max_tokens": 256,
                "stream": True,
                "reasoning_effort": "minimal",
            },
            id="a reasoning floor, an extra field, no stream options",
        ),
        pytest.param(
            Complete("Hi", schema=TOOL, streamed=False),
            Quirks(),
            {
                "model": "some/model:1",
                "messages": MESSAGES,
                "max_tokens": 32,
                "stream": False,
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "answer", "schema": TOOL, "strict": True},
                },
            },
            id="a schema",
        ),
        pytest.param(
            CallTool("Hi", "weather", "Tells it.", TOOL, streamed=False),
            Quirks(),
            {
                "model": "some/model:1",
                "messages": MESSAGES,
                "max_tokens": 128,
                "stream": False,
                "tools": [
                    {
                        "type": "function",
                        "function": {"name": "weather", "description": "Tells it.", "parameters": TOOL},
                    }
                ],
            },
            id="a tool",
        ),
    ],
)
def test_requests(ask: Complete | CallTool, quirks: Quirks, expected: dict[str, Any]) -> None:
    request = DIALECT.encode(ask, target("openai-chat", quirks, model="some/model:1"))
    assert body(request) == expected
    assert (request.method, request.path, request.streamed) == ("POST", "/chat/completions", ask.streamed)
    assert request.headers["content-type"] == "application/json"


def test_the_list_of_models() -> None:
    request = DIALECT.encode(ListModels(), target("openai-chat"))
    assert (request.method, request.path, request.body, request.streamed) == ("GET", "/models", None, False)


def test_what_it_cannot_ask() -> None:
    assert Embed not in DIALECT.asks
    with pytest.raises(TypeError, match="openai-chat cannot ask Embed"):
        DIALECT.encode(Embed("text"), target("openai-chat"))


OPENAI = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."


@pytest.mark.parametrize(
    ("quirks", "said", "adapted"),
    [
        pytest.param(Quirks(), OPENAI, BOTH, id="OpenAI's reasoning models"),
        pytest.param(
            BOTH,
            "Unrecognized request argument supplied: max_completion_tokens",
            Quirks(),
            id="a server that knows only the older name",
        ),
        pytest.param(
            BOTH, "body.max_completion_tokens: Extra inputs are not permitted", Quirks(), id="Mistral, the cap"
        ),
        pytest.param(
            Quirks(), "body.stream_options: Extra inputs are not permitted", BARE, id="Mistral, the stream options"
        ),
        pytest.param(
            BOTH,
            "body.max_completion_tokens: Extra inputs are not permitted; body.stream_options: the same",
            BARE,
            id="both at once",
        ),
        pytest.param(
            BOTH,
            "litellm.UnsupportedParamsError: groq does not support parameters: ['max_completion_tokens']",
            Quirks(),
            id="LiteLLM",
        ),
        pytest.param(
            Quirks(), 'Unknown name "stream_options": Cannot find field.', BARE, id="Gemini's compatible side"
        ),
        pytest.param(BOTH, OPENAI, None, id="what was not sent cannot be changed"),
        pytest.param(BARE, "stream_options is not supported", None, id="what was left out already"),
        pytest.param(
            Quirks(), "max_tokens is too large: 50000. This model supports at most 4096.", None, id="only a value"
        ),
        pytest.param(Quirks(), "Unsupported value: 'temperature' does not support 0.", None, id="another parameter"),
        pytest.param(Quirks(), "Unsupported parameter: 'max_tokens_total'", None, id="another that begins alike"),
        pytest.param(Quirks(), "", None, id="no words"),
    ],
)
def test_asking_again(quirks: Quirks, said: str, adapted: Quirks | None) -> None:
    assert DIALECT.adapt_quirks(quirks, Failure(reason=Reason.BAD_REQUEST, detail=said)) == adapted


@pytest.mark.parametrize("reason", [each for each in Reason if each is not Reason.BAD_REQUEST])
def test_other_failures_are_not_the_form_of_the_question(reason: Reason) -> None:
    assert DIALECT.adapt_quirks(Quirks(), Failure(reason=reason, detail=OPENAI)) is None


@pytest.mark.parametrize(
    "error",
    [
        pytest.param({"message": OPENAI, "param": "max_tokens", "code": "unsupported_parameter"}, id="in words"),
        pytest.param(
            {"message": "Unsupported parameter.", "param": "max_tokens", "code": "unsupported_parameter"},
            id="only in the field",
        ),
    ],
)
def test_a_vendor_s_own_error_leads_to_the_other_name(error: dict[str, Any]) -> None:
    verdict = DIALECT.classify_error(400, {}, orjson.dumps({"error": error}))
    assert isinstance(verdict, RemoteError)
    assert DIALECT.adapt_quirks(Quirks(), verdict.failure) == BOTH
    mistral = {"object": "error", "message": {"detail": [{"loc": ["body", "stream_options"], "msg": "not permitted"}]}}
    verdict = DIALECT.classify_error(422, {}, orjson.dumps(mistral))
    assert isinstance(verdict, RemoteError)
    assert DIALECT.adapt_quirks(Quirks(), verdict.failure) == BARE


def test_without_an_end_marker_the_body_s_end_is_the_end() -> None:
    decoder = DIALECT.make_decoder(Complete("Hi"), target("openai-chat", Quirks(done_marker=False)))
    chunk = orjson.dumps({"choices": [{"delta": {}, "finish_reason": "stop"}]})
    assert list(decoder.feed(b"data: " + chunk + b"\n\n")) == [Finished(Finish.STOP, "stop")]
    assert not decoder.ended
    assert list(decoder.close()) == []


def test_the_end_marker_is_the_end_even_where_none_is_needed() -> None:
    decoder = DIALECT.make_decoder(Complete("Hi"), target("openai-chat", Quirks(done_marker=False)))
    decoder.feed(b"data: [DONE]\n\n")
    assert decoder.ended
