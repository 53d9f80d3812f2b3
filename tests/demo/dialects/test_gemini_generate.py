"""Read by hand and by the official SDK: the same text, usage, names and errors."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from google.genai import types
from google.genai.client import AsyncClient
from google.genai.errors import APIError, ClientError, ServerError
from httpx2 import RemoteProtocolError

from exporter.demo import Vendors
from exporter.demo.script import Trouble
from tests.demo.caller import KEY, Caller
from tests.demo.dialects.sdks import gemini_client, http

MODEL = "gemini-2.5-flash"
COUNTING = "Count from one to ten."
TEN = "one two three four five six seven eight nine ten"
WEATHER = types.FunctionDeclaration(
    name="weather", parameters_json_schema={"type": "object", "properties": {"city": {"type": "string"}}}
)


@pytest.fixture(params=["v1", "v1beta"])
async def sdk(vendors: Vendors, request: pytest.FixtureRequest) -> AsyncIterator[AsyncClient]:
    async with http(vendors) as client, gemini_client(vendors, client, request.param).aio as sdk:
        yield sdk


async def test_a_whole_answer(caller: Caller) -> None:
    answer = (await caller.gemini(MODEL, COUNTING)).json()
    (candidate,) = answer["candidates"]
    assert candidate["content"] == {"role": "model", "parts": [{"text": TEN}]}
    assert candidate["finishReason"] == "STOP"
    usage = answer["usageMetadata"]
    assert usage["candidatesTokenCount"] == 10, "thoughts are not among them"
    assert usage["thoughtsTokenCount"] > 0
    told = usage["promptTokenCount"] + usage["candidatesTokenCount"] + usage["thoughtsTokenCount"]
    assert usage["totalTokenCount"] == told
    assert answer["modelVersion"] == MODEL


async def test_a_stream_is_coarse_counts_on_and_just_ends(caller: Caller) -> None:
    chunks = (await caller.gemini(MODEL, COUNTING, "streamGenerateContent?alt=sse")).events()
    texts = ["".join(part["text"] for part in chunk["candidates"][0]["content"]["parts"]) for chunk in chunks]
    assert texts == ["one two three four", " five six seven eight", " nine ten"]
    assert [chunk["usageMetadata"]["candidatesTokenCount"] for chunk in chunks] == [4, 8, 10]
    assert ["finishReason" in chunk["candidates"][0] for chunk in chunks] == [False, False, True]


async def test_without_events_the_stream_is_one_array(caller: Caller) -> None:
    reply = await caller.gemini(MODEL, COUNTING, "streamGenerateContent")
    assert reply.headers["content-type"] == "application/json"
    assert [row["usageMetadata"]["candidatesTokenCount"] for row in reply.json()] == [4, 8, 10]


@pytest.mark.parametrize("prefix", ["/v1", "/v1beta"])
@pytest.mark.parametrize("colon", [":", "%3A"])
async def test_either_version_and_spelling_is_served(caller: Caller, prefix: str, colon: str) -> None:
    body = {"contents": [{"parts": [{"text": COUNTING}]}]}
    path = f"{prefix}/models/{MODEL}{colon}generateContent"
    assert (await caller.send("gemini", f"{path}?key={KEY}", body)).status == 200


async def test_reasoning_may_eat_the_cap(caller: Caller) -> None:
    answer = (await caller.gemini(MODEL, COUNTING, generationConfig={"maxOutputTokens": 4})).json()
    (candidate,) = answer["candidates"]
    assert (candidate["content"], candidate["finishReason"]) == ({"role": "model"}, "MAX_TOKENS")
    assert "candidatesTokenCount" not in answer["usageMetadata"]
    assert answer["usageMetadata"]["thoughtsTokenCount"] == 4


async def test_thinking_can_be_turned_off(caller: Caller) -> None:
    config = {"maxOutputTokens": 10, "thinkingConfig": {"thinkingBudget": 0}}
    answer = (await caller.gemini(MODEL, COUNTING, generationConfig=config)).json()
    assert answer["candidates"][0]["finishReason"] == "STOP"
    assert "thoughtsTokenCount" not in answer["usageMetadata"]


async def test_the_sdk_reads_what_is_read_by_hand(sdk: AsyncClient) -> None:
    answer = await sdk.models.generate_content(model=MODEL, contents=COUNTING)
    assert (answer.text, answer.model_version) == (TEN, MODEL)
    assert answer.usage_metadata is not None
    assert answer.usage_metadata.candidates_token_count == 10
    assert answer.usage_metadata.thoughts_token_count
    chunks = [chunk async for chunk in await sdk.models.generate_content_stream(model=MODEL, contents=COUNTING)]
    assert "".join(chunk.text or "" for chunk in chunks) == answer.text
    last = chunks[-1]
    assert last.usage_metadata is not None
    assert last.usage_metadata.candidates_token_count == 10
    assert last.usage_metadata.prompt_token_count == answer.usage_metadata.prompt_token_count
    assert last.candidates is not None
    assert last.candidates[0].finish_reason is types.FinishReason.STOP


async def test_the_sdk_sees_thoughts_when_it_asks(sdk: AsyncClient) -> None:
    config = types.GenerateContentConfig(thinking_config=types.ThinkingConfig(include_thoughts=True))
    stream = await sdk.models.generate_content_stream(model=MODEL, contents=COUNTING, config=config)
    first, *rest = [chunk async for chunk in stream]
    assert first.parts is not None
    assert first.parts[0].thought
    assert "".join(chunk.text or "" for chunk in rest) == TEN


async def test_the_sdk_reads_a_tool_call(sdk: AsyncClient) -> None:
    config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=[WEATHER])])
    answer = await sdk.models.generate_content(model=MODEL, contents="Is it cold in Oslo?", config=config)
    assert answer.function_calls is not None
    assert (answer.function_calls[0].name, answer.function_calls[0].args) == ("weather", {"city": "Oslo"})
    stream = await sdk.models.generate_content_stream(model=MODEL, contents="Is it cold in Oslo?", config=config)
    (chunk,) = [chunk async for chunk in stream]
    assert chunk.function_calls is not None
    assert chunk.function_calls[0].args == {"city": "Oslo"}


@pytest.mark.parametrize("field", ["response_schema", "response_json_schema"])
async def test_the_sdk_reads_a_form(sdk: AsyncClient, field: str) -> None:
    schema: Any = {"type": "object", "properties": {"result": {"type": "integer"}}}
    config = types.GenerateContentConfig.model_validate({"response_mime_type": "application/json", field: schema})
    answer = await sdk.models.generate_content(model=MODEL, contents="What is 17 + 25?", config=config)
    assert answer.text is not None
    assert json.loads(answer.text) == {"result": 42}


async def test_the_sdk_lists_models(sdk: AsyncClient) -> None:
    (listed,) = [model async for model in await sdk.models.list()]
    assert listed.name == f"models/{MODEL}"
    assert listed.supported_actions == ["generateContent", "countTokens"]


@pytest.mark.parametrize(
    ("trouble", "kind", "code", "status"),
    [
        (Trouble.KEY_REJECTED, ClientError, 400, "INVALID_ARGUMENT"),
        (Trouble.RATE_LIMITED, ClientError, 429, "RESOURCE_EXHAUSTED"),
        (Trouble.QUOTA_EXHAUSTED, ClientError, 402, "RESOURCE_EXHAUSTED"),
        (Trouble.MODEL_MISSING, ClientError, 404, "NOT_FOUND"),
        (Trouble.OVERLOADED, ServerError, 503, "UNAVAILABLE"),
        (Trouble.OUTAGE, ServerError, 502, "Bad Gateway"),
    ],
)
async def test_the_sdk_knows_the_errors(
    vendors: Vendors, trouble: Trouble, kind: type[APIError], *, code: int, status: str
) -> None:
    vendors.force(trouble, provider="gemini", model=MODEL)
    async with http(vendors) as client, gemini_client(vendors, client, "v1").aio as sdk:
        with pytest.raises(kind) as raised:
            await sdk.models.generate_content(model=MODEL, contents=COUNTING)
    assert (raised.value.code, raised.value.status) == (code, status)


async def test_errors_carry_their_details(vendors: Vendors, caller: Caller) -> None:
    vendors.force(Trouble.RATE_LIMITED, provider="gemini")
    limited = (await caller.gemini(MODEL)).json()["error"]["details"]
    assert "PerMinute" in limited[0]["violations"][0]["quotaId"]
    assert limited[1]["retryDelay"] == "4s"
    refused = (await caller.gemini(MODEL, key="not-the-right-key")).json()["error"]["details"]
    assert refused[0]["reason"] == "API_KEY_INVALID"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        pytest.param(f"/v1/models/{MODEL}:generateContent", {}, 400, id="no contents"),
        pytest.param("/v1/models/gemini-9:generateContent", {"contents": []}, 404, id="unknown model"),
        pytest.param(f"/v1/models/{MODEL}:sing", {}, 404, id="unknown method"),
        pytest.param(f"/v2/models/{MODEL}:generateContent", {}, 404, id="unknown version"),
    ],
)
async def test_what_cannot_be_served_is_refused(caller: Caller, path: str, body: Any, status: int) -> None:
    reply = await caller.send("gemini", path, body, {"x-goog-api-key": KEY})
    assert (reply.status, reply.json()["error"]["code"]) == (status, status)


async def test_snake_case_and_a_system_instruction_are_read(caller: Caller) -> None:
    more: Any = {
        "system_instruction": {"parts": [{"text": "Count from one to two"}]},
        "generation_config": {"max_output_tokens": 1, "thinking_config": {"thinking_budget": 0}},
    }
    (candidate,) = (await caller.gemini(MODEL, "Now.", **more)).json()["candidates"]
    assert candidate["content"]["parts"] == [{"text": "one"}]


async def test_the_sdk_notices_a_cut_stream(vendors: Vendors, sdk: AsyncClient) -> None:
    vendors.force(Trouble.STREAM_CUT, provider="gemini", model=MODEL)
    heard: list[str] = []

    async def listen() -> None:
        async for chunk in await sdk.models.generate_content_stream(model=MODEL, contents=COUNTING):
            heard.extend(part.text or "" for part in chunk.parts or ())

    with pytest.raises(RemoteProtocolError):  # what this SDK lets out
        await listen()
    assert TEN.startswith("".join(heard))
    assert 0 < len("".join(heard)) < len(TEN)
