"""What an OpenAI server refuses, and how."""

from typing import Any

import pytest

from tests.demo.caller import KEY, Caller

BEARER = {"authorization": f"Bearer {KEY}"}
HELLO: Any = [{"role": "user", "content": "Hello"}]


async def test_reasoning_models_refuse_max_tokens_in_the_documented_words(caller: Caller) -> None:
    for provider in ("openai", "holysheep"):
        reply = await caller.openai("o3-mini", provider=provider, max_tokens=32)
        assert (reply.status, reply.json()) == (
            400,
            {
                "error": {
                    "message": "Unsupported parameter: 'max_tokens' is not supported with this model. "
                    "Use 'max_completion_tokens' instead.",
                    "type": "invalid_request_error",
                    "param": "max_tokens",
                    "code": "unsupported_parameter",
                }
            },
        )
    assert (await caller.openai("o3-mini", max_completion_tokens=32)).status == 200


@pytest.mark.parametrize("parameter", ["temperature", "top_p", "presence_penalty", "logprobs"])
async def test_reasoning_models_refuse_sampling_parameters(caller: Caller, parameter: str) -> None:
    more: dict[str, Any] = {parameter: 0}
    reply = await caller.openai("o3-mini", **more)
    assert (reply.status, reply.json()["error"]["param"]) == (400, parameter)
    assert (await caller.openai("gpt-4o", **more)).status == 200


@pytest.mark.parametrize("field", ["max_tokens", "max_completion_tokens"])
async def test_other_models_take_either_cap(caller: Caller, field: str) -> None:
    more: dict[str, Any] = {field: 3}
    answer = (await caller.openai("gpt-4o", **more)).json()
    assert answer["usage"]["completion_tokens"] == 3
    assert answer["choices"][0]["finish_reason"] == "length"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "param"),
    [
        pytest.param("POST", "/chat/completions", {"model": "gpt-4o"}, 400, "messages", id="no messages"),
        pytest.param("POST", "/chat/completions", {"messages": HELLO}, 400, "model", id="no model"),
        pytest.param("POST", "/chat/completions", [1], 400, None, id="no object"),
        pytest.param("POST", "/chat/completions", {"model": "gpt-9", "messages": HELLO}, 404, None, id="model"),
        pytest.param("POST", "/embeddings", {"model": "gpt-4o", "input": "ping"}, 404, None, id="no embedding model"),
        pytest.param("POST", "/embeddings", {"model": "text-embedding-3-small", "input": ""}, 400, None, id="no text"),
        pytest.param("GET", "/chat/completions", None, 404, None, id="wrong method"),
        pytest.param("POST", "/nothing", {}, 404, None, id="wrong path"),
    ],
)
async def test_what_cannot_be_served_is_refused(
    caller: Caller, method: str, path: str, body: Any, *, status: int, param: str | None
) -> None:
    reply = await caller.send("openai", path, body, BEARER, method)
    assert reply.status == status
    error = reply.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert error["message"]
    assert param in (error["param"], None)


async def test_bytes_that_are_no_json_are_refused(caller: Caller) -> None:
    reply = await caller.send("openai", "/chat/completions", None, BEARER, "POST")
    assert (reply.status, reply.json()["error"]["param"]) == (400, None)


@pytest.mark.parametrize(
    ("more", "text"),
    [
        pytest.param({"response_format": {"type": "json_object"}}, '{"answer":"fine"}', id="any object"),
        pytest.param({"response_format": {"type": "text"}}, None, id="text"),
        pytest.param({"tools": [{"function": {"name": "f"}}], "tool_choice": "none"}, None, id="no tool wanted"),
    ],
)
async def test_forms_of_an_answer(caller: Caller, more: dict[str, Any], text: str | None) -> None:
    message = (await caller.openai("gpt-4o", **more)).json()["choices"][0]["message"]
    assert "tool_calls" not in message
    if text is None:
        assert message["content"][0].isalpha()
    else:
        assert message["content"] == text


async def test_parts_of_a_message_are_read_together(caller: Caller) -> None:
    parts = [{"type": "text", "text": "What is"}, {"type": "text", "text": "17 + 25?"}]
    reply = await caller.openai("gpt-4o", parts)  # type: ignore[arg-type]  # the API takes parts in place of text
    assert reply.json()["choices"][0]["message"]["content"] == "42"


@pytest.mark.parametrize(("effort", "least", "most"), [("low", 5, 9), ("medium", 8, 14), ("high", 34, 54)])
async def test_effort_is_honoured(caller: Caller, effort: str, least: int, most: int) -> None:
    usage = (await caller.openai("o3-mini", reasoning_effort=effort)).json()["usage"]
    assert least <= usage["completion_tokens_details"]["reasoning_tokens"] <= most
