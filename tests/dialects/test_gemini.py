"""The dialect `gemini-generate`: how it asks, and what is its own in the answers."""

from typing import Any

import orjson
import pytest

from exporter.core.ask import CallTool, Complete, Embed, ListModels
from exporter.core.exchange import Delta, Event, Finish, Finished, Listed, Thinking, ToolCall, Usage
from exporter.core.outcome import Failure, ListedModel, Reason, Tokens
from exporter.core.target import Quirks
from exporter.dialects.gemini import GeminiGenerate, GenerateReading, read_generated
from tests.dialects.transcripts import TOOL, target

DIALECT = GeminiGenerate()
CONTENTS = [{"role": "user", "parts": [{"text": "Hi"}]}]


@pytest.mark.parametrize(
    ("ask", "quirks", "expected"),
    [
        pytest.param(Complete("Hi"), Quirks(), {"generationConfig": {"maxOutputTokens": 32}}, id="plain"),
        pytest.param(
            Complete("Hi"),
            Quirks(minimum_cap=64, extra={"generationConfig": {"thinkingConfig": {"thinkingBudget": 0}}}),
            {"generationConfig": {"maxOutputTokens": 64, "thinkingConfig": {"thinkingBudget": 0}}},
            id="thinking off, a floor",
        ),
        pytest.param(
            Complete("Hi", schema=TOOL),
            Quirks(),
            {
                "generationConfig": {
                    "maxOutputTokens": 32,
                    "responseMimeType": "application/json",
                    "responseJsonSchema": TOOL,
                }
            },
            id="a schema",
        ),
        pytest.param(
            CallTool("Hi", "weather", "Tells it.", TOOL),
            Quirks(),
            {
                "generationConfig": {"maxOutputTokens": 128},
                "tools": [
                    {
                        "functionDeclarations": [
                            {"name": "weather", "description": "Tells it.", "parametersJsonSchema": TOOL}
                        ]
                    }
                ],
            },
            id="a tool",
        ),
    ],
)
def test_requests(ask: Complete | CallTool, quirks: Quirks, expected: dict[str, Any]) -> None:
    request = DIALECT.encode(ask, target("gemini-generate", quirks))
    assert orjson.loads(request.body or b"") == {"contents": CONTENTS, **expected}
    assert (request.method, request.streamed) == ("POST", True)


@pytest.mark.parametrize(
    ("model", "path"),
    [
        pytest.param("gemini-2.5-flash", "models/gemini-2.5-flash", id="a name"),
        pytest.param("models/gemini-2.5-flash", "models/gemini-2.5-flash", id="with its collection"),
        pytest.param("tunedModels/mine", "tunedModels/mine", id="a tuned model"),
        pytest.param("google/gemma", "models/google%2Fgemma", id="a slash is part of the name"),
        pytest.param("a?b#c/../d e%:é", "models/a%3Fb%23c%2F..%2Fd%20e%25%3A%C3%A9", id="everything is encoded"),
        pytest.param("models/../x", "models/..%2Fx", id="no way out of the collection"),
    ],
)
def test_the_model_stands_in_the_path(model: str, path: str) -> None:
    streamed = DIALECT.encode(Complete("Hi"), target("gemini-generate", model=model))
    assert streamed.path == f"/v1beta/{path}:streamGenerateContent?alt=sse"
    whole = DIALECT.encode(
        Complete("Hi", streamed=False), target("gemini-generate", Quirks(api_version="v1"), model=model)
    )
    assert whole.path == f"/v1/{path}:generateContent"
    assert not whole.streamed


def test_what_it_cannot_ask() -> None:
    with pytest.raises(TypeError, match="gemini-generate cannot ask Embed"):
        DIALECT.encode(Embed("text"), target("gemini-generate"))


def test_there_is_no_other_form_to_ask_in() -> None:
    failure = Failure(reason=Reason.BAD_REQUEST, detail="max_tokens: not supported")
    assert DIALECT.adapt_quirks(Quirks(), failure) is None


def test_pages_of_the_list() -> None:
    asked = target("gemini-generate", Quirks(api_version="v1"))
    assert DIALECT.encode(ListModels(), asked).path == "/v1/models?pageSize=1000"
    decoder = DIALECT.make_decoder(ListModels(), asked)
    decoder.feed(b'{"models": [{"name": "models/m"}, {"name": "tunedModels/t"}], "nextPageToken": "a/b&c="}')
    models = (ListedModel(id="m"), ListedModel(id="tunedModels/t"))
    assert list(decoder.close()) == [Listed(models, "/v1/models?pageSize=1000&pageToken=a%2Fb%26c%3D")]


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        pytest.param({"promptTokenCount": 7, "candidatesTokenCount": 3}, Tokens(input=7, output=3), id="plain"),
        pytest.param(
            {"promptTokenCount": 7, "candidatesTokenCount": 3, "thoughtsTokenCount": 20, "totalTokenCount": 30},
            Tokens(input=7, output=23, reasoning=20),
            id="thoughts are beside the candidates",
        ),
        pytest.param(
            {"promptTokenCount": 100, "cachedContentTokenCount": 90, "toolUsePromptTokenCount": 5},
            Tokens(input=105, cached_input=90),
            id="cached tokens are inside the prompt, a tool's prompt is beside",
        ),
        pytest.param({"promptTokenCount": 4}, Tokens(input=4), id="nothing was generated"),
        pytest.param({"promptTokenCount": None, "thoughtsTokenCount": "x"}, Tokens(), id="nonsense"),
    ],
)
def test_usage(usage: dict[str, Any], tokens: Tokens) -> None:
    assert GenerateReading().read_message("", {"usageMetadata": usage}) == [Usage(tokens)]


@pytest.mark.parametrize(
    ("part", "events"),
    [
        pytest.param({"text": "a"}, [Delta("a")], id="text"),
        pytest.param({"text": ""}, [], id="empty text"),
        pytest.param({"text": "a", "thought": True}, [Thinking("a")], id="a thought"),
        pytest.param({"text": "a", "thought": False}, [Delta("a")], id="no thought"),
        pytest.param({"thoughtSignature": "Cp"}, [], id="a signature"),
        pytest.param({"inlineData": {"data": "x"}}, [], id="data"),
        pytest.param({"functionCall": {"name": "f"}}, [ToolCall(0, "f", "{}")], id="a call without arguments"),
        pytest.param({"functionCall": {"name": "f", "args": {"a": 1}}}, [ToolCall(0, "f", '{"a":1}')], id="a call"),
        pytest.param(None, [], id="nothing"),
    ],
)
def test_what_is_output(part: Any, events: list[Event]) -> None:
    body = {"candidates": [{"content": {"parts": [part]}}]}
    assert GenerateReading().read_message("", body) == events


@pytest.mark.parametrize(
    ("native", "why"),
    [
        ("STOP", Finish.STOP),
        ("MAX_TOKENS", Finish.LENGTH),
        ("SAFETY", Finish.FILTERED),
        ("RECITATION", Finish.FILTERED),
        ("BLOCKLIST", Finish.FILTERED),
        ("PROHIBITED_CONTENT", Finish.FILTERED),
        ("SPII", Finish.FILTERED),
        ("MODEL_ARMOR", Finish.FILTERED),
        ("MALFORMED_FUNCTION_CALL", Finish.ERROR),
        ("MALFORMED_RESPONSE", Finish.ERROR),
        ("LANGUAGE", Finish.OTHER),
        ("OTHER", Finish.OTHER),
    ],
)
def test_finish_reasons(native: str, why: Finish) -> None:
    reading = GenerateReading()
    reading.read_message("", {"candidates": [{"content": {"parts": [{"text": "one"}]}}]})
    assert reading.read_message("", {"candidates": [{"finishReason": native}]}) == [Finished(why, native)]
    assert reading.is_complete()
    assert reading.read_message("", {"candidates": [{"finishReason": "OTHER"}]}) == []


def test_the_end_is_the_end_of_the_body() -> None:
    """A chunk may say STOP before the text comes, and usage or more text may follow one that had text."""
    reading = GenerateReading()
    assert reading.read_message("", {"candidates": [{"finishReason": "STOP"}]}) == [Finished(Finish.STOP, "STOP")]
    assert (reading.ended, reading.is_complete()) == (False, True)
    assert reading.read_message("", {"candidates": [{"content": {"parts": [{"text": "one"}]}}]}) == [Delta("one")]
    assert reading.read_message("", {"candidates": [{"finishReason": "STOP"}]}) == []
    assert (reading.ended, reading.is_complete()) == (False, True)


def test_a_blocked_prompt_beside_a_candidate_is_the_candidate_s_matter() -> None:
    body = {"candidates": [{"finishReason": "STOP"}], "promptFeedback": {"blockReason": "SAFETY"}}
    assert GenerateReading().read_message("", body) == [Finished(Finish.STOP, "STOP")]


@pytest.mark.parametrize("document", [{}, {"choices": []}, [], None, "text"])
def test_what_is_no_answer(document: Any) -> None:
    assert read_generated(document) is None
