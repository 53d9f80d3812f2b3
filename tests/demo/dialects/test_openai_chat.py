"""Read by hand and by the official SDK: the same text, usage, names and errors."""

import json
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI
from pydantic import BaseModel

from exporter.demo import Vendors
from exporter.demo.script import Trouble
from tests.demo.caller import Caller
from tests.demo.dialects.sdks import openai_client

COUNTING: Any = [{"role": "user", "content": "Count from one to five."}]
WEATHER: Any = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}


class Sum(BaseModel):
    result: int


@pytest.fixture
async def sdk(vendors: Vendors) -> AsyncIterator[AsyncOpenAI]:
    async with openai_client(vendors) as client:
        yield client


async def test_a_whole_answer(caller: Caller) -> None:
    reply = await caller.openai("gpt-4o-mini", "Count from one to five.")
    answer = reply.json()
    assert answer["object"] == "chat.completion"
    assert answer["id"].startswith("chatcmpl-")
    assert answer["model"] == "gpt-4o-mini-2024-07-18"
    (choice,) = answer["choices"]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("one two three four five", "stop")
    usage = answer["usage"]
    assert usage["completion_tokens"] == 5
    assert usage["total_tokens"] == usage["prompt_tokens"] + 5
    assert reply.headers["x-request-id"].startswith("req_")
    assert reply.headers["x-ratelimit-limit-requests"] == "500"
    assert reply.headers["x-ratelimit-remaining-requests"] == "499"
    assert reply.headers["x-ratelimit-reset-requests"] == "120ms"


async def test_a_stream_opens_with_the_role_and_ends_with_done(caller: Caller) -> None:
    reply = await caller.openai("gpt-4o", "Count from one to five.", stream=True)
    assert reply.headers["content-type"].startswith("text/event-stream")
    *chunks, done = reply.events()
    assert done == "[DONE]"
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    assert deltas[0] == {"role": "assistant", "content": "", "refusal": None}
    assert [delta["content"] for delta in deltas[1:-1]] == ["one", " two", " three", " four", " five"]
    assert deltas[-1] == {}
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None] * 6 + ["stop"]
    assert len({(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks}) == 1
    assert not any("usage" in chunk for chunk in chunks), "usage comes only when it is asked for"


async def test_usage_of_a_stream_comes_last_when_asked_for(caller: Caller) -> None:
    options = {"include_usage": True}
    reply = await caller.openai("gpt-4o", "Count from one to five.", stream=True, stream_options=options)
    *chunks, last, _ = reply.events()
    assert [chunk["usage"] for chunk in chunks] == [None] * 7
    assert last["choices"] == []
    assert last["usage"]["completion_tokens"] == 5


async def test_a_gateway_tells_no_limits(caller: Caller) -> None:
    reply = await caller.openai("claude-sonnet-4", provider="holysheep")
    assert reply.json()["model"] == "claude-sonnet-4-20250514"
    assert not [name for name in reply.headers if name.startswith(("x-ratelimit", "openai-"))]


async def test_the_sdk_reads_what_is_read_by_hand(sdk: AsyncOpenAI) -> None:
    answer = await sdk.chat.completions.create(model="gpt-4o", messages=COUNTING)
    assert answer.choices[0].message.content == "one two three four five"
    assert answer.model == "gpt-4o-2024-08-06"
    assert answer._request_id is not None
    assert answer.usage is not None
    stream = await sdk.chat.completions.create(
        model="gpt-4o", messages=COUNTING, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == answer.choices[0].message.content
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == answer.usage.completion_tokens == 5
    assert chunks[-1].usage.prompt_tokens == answer.usage.prompt_tokens


async def test_the_sdk_sees_reasoning_counted(sdk: AsyncOpenAI) -> None:
    answer = await sdk.chat.completions.create(model="o3-mini", messages=COUNTING, max_completion_tokens=64)
    assert answer.usage is not None
    assert answer.usage.completion_tokens_details is not None
    thought = answer.usage.completion_tokens_details.reasoning_tokens
    assert thought
    assert answer.usage.completion_tokens == thought + 5
    starved = await sdk.chat.completions.create(model="o3-mini", messages=COUNTING, max_completion_tokens=4)
    assert (starved.choices[0].message.content, starved.choices[0].finish_reason) == ("", "length")


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
async def test_the_sdk_reads_a_tool_call(sdk: AsyncOpenAI, *, streamed: bool) -> None:
    messages: Any = [{"role": "user", "content": "Is it cold in Oslo?"}]
    if not streamed:
        answer = await sdk.chat.completions.create(model="gpt-4o", messages=messages, tools=[WEATHER])
        assert answer.choices[0].finish_reason == "tool_calls"
        assert answer.choices[0].message.tool_calls is not None
        call: Any = answer.choices[0].message.tool_calls[0]
    else:
        async with sdk.chat.completions.stream(model="gpt-4o", messages=messages, tools=[WEATHER]) as stream:
            final = await stream.get_final_completion()
        assert final.choices[0].message.tool_calls is not None
        call = final.choices[0].message.tool_calls[0]
    assert call.id.startswith("call_")
    assert (call.function.name, json.loads(call.function.arguments)) == ("weather", {"city": "Oslo"})


async def test_the_sdk_parses_a_form(sdk: AsyncOpenAI) -> None:
    messages: Any = [{"role": "user", "content": "What is 17 + 25?"}]
    answer = await sdk.chat.completions.parse(model="gpt-4o", messages=messages, response_format=Sum)
    assert answer.choices[0].message.parsed == Sum(result=42)


async def test_the_sdk_lists_models(sdk: AsyncOpenAI) -> None:
    listed = {model.id: model async for model in sdk.models.list()}
    assert {"gpt-4o", "gpt-4o-2024-08-06", "o3-mini", "text-embedding-3-small"} <= set(listed)
    assert listed["gpt-4o"].owned_by == "openai"


async def test_the_sdk_reads_embeddings(sdk: AsyncOpenAI) -> None:
    """The SDK asks for base64 unless told otherwise; both say the same."""
    packed = await sdk.embeddings.create(model="text-embedding-3-small", input=["ping", "pong"])
    plain = await sdk.embeddings.create(model="text-embedding-3-small", input="ping", encoding_format="float")
    assert len(packed.data) == 2
    assert len(plain.data[0].embedding) == 1536
    assert packed.data[0].embedding == pytest.approx(plain.data[0].embedding, abs=1e-6)
    assert plain.usage.total_tokens == plain.usage.prompt_tokens > 0


@pytest.mark.parametrize(
    ("trouble", "kind", "code"),
    [
        (Trouble.KEY_REJECTED, openai.AuthenticationError, "invalid_api_key"),
        (Trouble.RATE_LIMITED, openai.RateLimitError, "rate_limit_exceeded"),
        (Trouble.QUOTA_EXHAUSTED, openai.RateLimitError, "insufficient_quota"),
        (Trouble.MODEL_MISSING, openai.NotFoundError, "model_not_found"),
        (Trouble.OVERLOADED, openai.InternalServerError, "server_is_overloaded"),
        (Trouble.OUTAGE, openai.InternalServerError, None),
    ],
)
async def test_the_sdk_knows_the_errors(
    vendors: Vendors, sdk: AsyncOpenAI, trouble: Trouble, kind: type[openai.APIStatusError], code: str | None
) -> None:
    vendors.force(trouble, provider="openai", model="gpt-4o")
    with pytest.raises(kind) as raised:
        await sdk.chat.completions.create(model="gpt-4o", messages=COUNTING)
    assert raised.value.code == code


async def test_the_sdk_notices_a_cut_stream(vendors: Vendors, sdk: AsyncOpenAI) -> None:
    vendors.force(Trouble.STREAM_CUT, provider="openai", model="gpt-4o")
    stream = await sdk.chat.completions.create(model="gpt-4o", messages=COUNTING, stream=True)
    heard: list[str | None] = []

    async def listen() -> None:
        async for chunk in stream:
            heard.extend(choice.delta.content for choice in chunk.choices)

    with pytest.raises(openai.APIConnectionError):
        await listen()
    assert heard == ["", "one", " two"]


async def test_the_sdk_trusts_the_tls_vendor_by_its_authority(vendors: Vendors) -> None:
    async with openai_client(vendors, "expiring-tls") as sdk:
        answer = await sdk.chat.completions.create(model="deepseek-v3", messages=COUNTING)
    assert answer.choices[0].message.content == "one two three four five"
