"""Read by hand and by the official SDK: the same text, usage, names and errors."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import anthropic
import pytest
from anthropic import AsyncAnthropic
from httpx2 import RemoteProtocolError

from exporter.demo import Vendors
from exporter.demo.script import Trouble
from tests.demo.caller import KEY, Caller
from tests.demo.conftest import HeldClock
from tests.demo.dialects.sdks import anthropic_client

COUNTING: Any = [{"role": "user", "content": "Count from one to five."}]
WEATHER: Any = {"name": "weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}
VERSION = {"x-api-key": KEY, "anthropic-version": "2023-06-01"}


@pytest.fixture
async def sdk(vendors: Vendors) -> AsyncIterator[AsyncAnthropic]:
    async with anthropic_client(vendors) as client:
        yield client


async def test_a_whole_answer(caller: Caller, clock: HeldClock) -> None:
    reply = await caller.anthropic("claude-sonnet-4", "Count from one to five.")
    message = reply.json()
    assert (message["type"], message["role"], message["model"]) == ("message", "assistant", "claude-sonnet-4-20250514")
    assert message["content"] == [{"type": "text", "text": "one two three four five"}]
    assert (message["stop_reason"], message["usage"]["output_tokens"]) == ("end_turn", 5)
    assert reply.headers["request-id"].startswith("req_")
    reset = datetime.fromisoformat(reply.headers["anthropic-ratelimit-input-tokens-reset"])
    assert 0 <= reset.timestamp() - clock.wall() <= 60
    assert reply.headers["anthropic-ratelimit-requests-remaining"] == "499"
    assert reply.headers["anthropic-ratelimit-output-tokens-remaining"] == str(40_000 - 5)


async def test_a_stream_has_its_events_in_order(caller: Caller) -> None:
    reply = await caller.anthropic("claude-sonnet-4", "Count from one to five.", stream=True)
    events = reply.events()
    assert [event["type"] for event in events] == [
        "message_start",
        "content_block_start",
        "ping",
        *["content_block_delta"] * 5,
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    names = [line[7:] for line in reply.body.decode().split("\n") if line.startswith("event: ")]
    assert names == [event["type"] for event in events]
    assert events[0]["message"]["usage"]["output_tokens"] == 1
    assert events[0]["message"]["stop_reason"] is None
    assert events[-2] == {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": {"output_tokens": 5},
    }


async def test_the_sdk_reads_what_is_read_by_hand(sdk: AsyncAnthropic) -> None:
    answer = await sdk.messages.create(model="claude-sonnet-4", max_tokens=32, messages=COUNTING)
    assert answer.content[0].type == "text"
    assert answer.content[0].text == "one two three four five"
    assert (answer.model, answer.stop_reason) == ("claude-sonnet-4-20250514", "end_turn")
    assert answer._request_id is not None
    async with sdk.messages.stream(model="claude-sonnet-4", max_tokens=32, messages=COUNTING) as stream:
        assert await stream.get_final_text() == answer.content[0].text
        final = await stream.get_final_message()
    assert (final.model, final.stop_reason) == (answer.model, answer.stop_reason)
    assert (final.usage.input_tokens, final.usage.output_tokens) == (answer.usage.input_tokens, 5)


async def test_the_cap_ends_an_answer(sdk: AsyncAnthropic) -> None:
    answer = await sdk.messages.create(model="claude-sonnet-4", max_tokens=2, messages=COUNTING)
    assert (answer.stop_reason, answer.usage.output_tokens) == ("max_tokens", 2)


async def test_the_sdk_reads_a_tool_call(sdk: AsyncAnthropic) -> None:
    asked: Any = {"model": "claude-sonnet-4", "max_tokens": 64, "tools": [WEATHER]}
    asked["messages"] = [{"role": "user", "content": "Is it cold in Oslo?"}]
    answer = await sdk.messages.create(**asked)
    async with sdk.messages.stream(**asked) as stream:
        streamed = await stream.get_final_message()
    for message in (answer, streamed):
        assert message.stop_reason == "tool_use"
        (block,) = message.to_dict()["content"]  # type: ignore[misc]  # to_dict promises no more than objects
        assert (block["type"], block["name"], block["input"]) == ("tool_use", "weather", {"city": "Oslo"})
    declined = await sdk.messages.create(**asked, tool_choice={"type": "none"})
    assert declined.content[0].type == "text"


async def test_a_form_is_filled(caller: Caller) -> None:
    schema = {"type": "object", "properties": {"result": {"type": "integer"}}}
    form = {"format": {"type": "json_schema", "schema": schema}}
    reply = await caller.anthropic("claude-sonnet-4", "What is 17 + 25?", output_config=form)
    assert reply.json()["content"][0]["text"] == '{"result":42}'


async def test_the_sdk_lists_models_with_their_retirement(
    vendors: Vendors, sdk: AsyncAnthropic, clock: HeldClock
) -> None:
    listed = {model.id: model async for model in sdk.models.list()}
    assert set(listed) == {
        "claude-sonnet-4",
        "claude-sonnet-4-20250514",
        "claude-3-5-sonnet",
        "claude-3-5-sonnet-20241022",
    }
    assert (listed["claude-sonnet-4"].lifecycle, listed["claude-sonnet-4"].retires_at) == ("active", None)
    ending = listed["claude-3-5-sonnet"]
    assert (ending.lifecycle, ending.type) == ("deprecated", "model")
    assert ending.retires_at == datetime.fromtimestamp(clock.date + 20 * 86_400, UTC)
    assert ending.deprecated_at is not None
    vendors.force(Trouble.MODEL_MISSING, provider="anthropic")
    assert [model async for model in sdk.models.list()] == []


@pytest.mark.parametrize(
    ("trouble", "kind", "error_type"),
    [
        (Trouble.KEY_REJECTED, anthropic.AuthenticationError, "authentication_error"),
        (Trouble.RATE_LIMITED, anthropic.RateLimitError, "rate_limit_error"),
        (Trouble.QUOTA_EXHAUSTED, anthropic.APIStatusError, "billing_error"),
        (Trouble.MODEL_MISSING, anthropic.NotFoundError, "not_found_error"),
        (Trouble.OVERLOADED, anthropic.InternalServerError, "overloaded_error"),
        (Trouble.OUTAGE, anthropic.InternalServerError, None),
    ],
)
async def test_the_sdk_knows_the_errors(
    vendors: Vendors,
    sdk: AsyncAnthropic,
    trouble: Trouble,
    kind: type[anthropic.APIStatusError],
    error_type: str | None,
) -> None:
    vendors.force(trouble, provider="anthropic", model="claude-sonnet-4")
    with pytest.raises(kind) as raised:
        await sdk.messages.create(model="claude-sonnet-4", max_tokens=8, messages=COUNTING)
    assert raised.value.type == error_type
    assert (raised.value.request_id is not None) == (error_type is not None)


async def test_the_sdk_notices_a_cut_stream(vendors: Vendors, sdk: AsyncAnthropic) -> None:
    vendors.force(Trouble.STREAM_CUT, provider="anthropic", model="claude-sonnet-4")
    async with sdk.messages.stream(model="claude-sonnet-4", max_tokens=32, messages=COUNTING) as stream:
        with pytest.raises(RemoteProtocolError):  # what this SDK lets out
            await stream.get_final_message()
        assert stream.current_message_snapshot.content[0].to_dict() == {"type": "text", "text": "one two"}


async def test_the_key_is_taken_from_either_header(caller: Caller) -> None:
    version = {"anthropic-version": "2023-06-01"}
    assert (await caller.send("anthropic", "/v1/models", headers=version | {"x-api-key": KEY})).status == 200
    bearer = {"authorization": f"Bearer {KEY}"}
    assert (await caller.send("anthropic", "/v1/models", headers=version | bearer)).status == 200
    assert (await caller.send("anthropic", "/v1/models", headers=version)).status == 401


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "words"),
    [
        pytest.param("/v1/messages", {}, {"x-api-key": KEY}, 400, "anthropic-version", id="no version"),
        pytest.param(
            "/v1/messages", {"model": "claude-sonnet-4", "messages": COUNTING}, VERSION, 400, "max_tokens", id="no cap"
        ),
        pytest.param(
            "/v1/messages",
            {"model": "claude-9", "max_tokens": 1, "messages": COUNTING},
            VERSION,
            404,
            "claude-9",
            id="model",
        ),
        pytest.param("/v2/messages", {}, VERSION, 404, "Not found", id="wrong path"),
    ],
)
async def test_what_cannot_be_served_is_refused(
    caller: Caller, path: str, body: Any, headers: dict[str, str], *, status: int, words: str
) -> None:
    reply = await caller.send("anthropic", path, body, headers)
    assert reply.status == status
    assert words in reply.json()["error"]["message"]
    assert reply.json()["request_id"] == reply.headers["request-id"]


async def test_the_new_version_takes_no_sampling_parameters(caller: Caller) -> None:
    body = {"model": "claude-sonnet-4", "max_tokens": 8, "messages": COUNTING, "temperature": 1}
    new = {"x-api-key": KEY, "anthropic-version": "2026-10-21"}
    assert (await caller.send("anthropic", "/v1/messages", body, VERSION)).status == 200
    refused = await caller.send("anthropic", "/v1/messages", body, new)
    assert (refused.status, "temperature" in refused.json()["error"]["message"]) == (400, True)


async def test_a_system_prompt_is_read_too(caller: Caller) -> None:
    reply = await caller.anthropic(
        "claude-sonnet-4", "Now.", system=[{"type": "text", "text": "Count from one to two"}]
    )
    assert reply.json()["content"][0]["text"] == "one two"
