"""Chat answers: whose arithmetic the usage follows, what counts as output, when who answered is told again."""

from typing import Any

import pytest

from exporter.core.exchange import Delta, Event, Finish, Finished, ServedBy, Thinking, ToolCall, Usage
from exporter.core.outcome import Tokens
from exporter.core.target import Quirks
from exporter.dialects.openai.chat_answer import ChatReading, read_chat

PLAIN = Quirks()
BESIDE = Quirks(reasoning_outside_output=True)


def chat(message: dict[str, Any], **fields: Any) -> list[Event]:
    """A whole answer without who gave it."""
    events = read_chat({"choices": [{"message": message, "finish_reason": "stop"}], **fields}, PLAIN)
    assert events is not None
    return [event for event in events if not isinstance(event, ServedBy)]


@pytest.mark.parametrize(
    ("usage", "quirks", "tokens"),
    [
        pytest.param(
            {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}, PLAIN, (7, 3, 0, 0, 0), id="plain"
        ),
        pytest.param(
            {
                "prompt_tokens": 100,
                "completion_tokens": 30,
                "total_tokens": 130,
                "prompt_tokens_details": {"cached_tokens": 64, "cache_write_tokens": 8},
                "completion_tokens_details": {"reasoning_tokens": 20},
            },
            PLAIN,
            (100, 30, 64, 8, 20),
            id="OpenAI: cached and reasoning tokens are inside",
        ),
        pytest.param(
            {
                "prompt_tokens": 100,
                "completion_tokens": 30,
                "total_tokens": 150,
                "completion_tokens_details": {"reasoning_tokens": 20},
            },
            PLAIN,
            (100, 50, 0, 0, 20),
            id="xAI: the total shows that reasoning is beside",
        ),
        pytest.param(
            {
                "prompt_tokens": 100,
                "completion_tokens": 30,
                "total_tokens": 130,
                "completion_tokens_details": {"reasoning_tokens": 20},
            },
            BESIDE,
            (100, 30, 0, 0, 20),
            id="xAI, should it change its mind: the total goes before the quirk",
        ),
        pytest.param(
            {"prompt_tokens": 100, "completion_tokens": 30, "completion_tokens_details": {"reasoning_tokens": 20}},
            BESIDE,
            (100, 50, 0, 0, 20),
            id="xAI without a total: the quirk",
        ),
        pytest.param(
            {"prompt_tokens": 100, "completion_tokens": 30, "completion_tokens_details": {"reasoning_tokens": 20}},
            PLAIN,
            (100, 30, 0, 0, 20),
            id="without a total and without the quirk",
        ),
        pytest.param(
            {
                "prompt_tokens": 100,
                "completion_tokens": 3,
                "prompt_cache_hit_tokens": 64,
                "prompt_cache_miss_tokens": 36,
            },
            PLAIN,
            (100, 3, 64, 0, 0),
            id="DeepSeek: cached tokens by its own name",
        ),
        pytest.param(
            {"prompt_tokens": 5, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 64}},
            PLAIN,
            (5, 3, 5, 0, 0),
            id="more cached than sent cannot be",
        ),
        pytest.param(
            {"prompt_tokens": 5, "completion_tokens": 3, "completion_tokens_details": {"reasoning_tokens": 64}},
            PLAIN,
            (5, 3, 0, 0, 3),
            id="more reasoning than output cannot be",
        ),
        pytest.param(
            {"prompt_tokens": None, "completion_tokens": -1, "prompt_tokens_details": [], "total_tokens": "x"},
            PLAIN,
            (0, 0, 0, 0, 0),
            id="nonsense",
        ),
    ],
)
def test_usage(usage: dict[str, Any], quirks: Quirks, tokens: tuple[int, ...]) -> None:
    named = Tokens(**dict(zip(("input", "output", "cached_input", "cache_write", "reasoning"), tokens, strict=True)))
    events = ChatReading(quirks).read_message("", {"choices": [], "usage": usage})
    assert events == [Usage(named)]


@pytest.mark.parametrize("usage", [None, {}, [], 7, "x"])
def test_no_usage(usage: Any) -> None:
    assert ChatReading(PLAIN).read_message("", {"choices": [], "usage": usage}) == []


def test_a_cost_the_vendor_told() -> None:
    assert chat({"content": "a"}, usage={"prompt_tokens": 1, "cost": 0.5})[1] == Usage(Tokens(input=1), cost_usd=0.5)


@pytest.mark.parametrize(
    ("delta", "events"),
    [
        pytest.param({"role": "assistant"}, [], id="the role alone"),
        pytest.param({"role": "assistant", "content": ""}, [], id="empty text"),
        pytest.param({"content": None, "reasoning_content": None, "refusal": None}, [], id="nulls"),
        pytest.param({"content": []}, [], id="no parts"),
        pytest.param({"content": [{"type": "text", "text": ""}, {"type": "image"}, None]}, [], id="parts without text"),
        pytest.param({"content": 7, "reasoning": 7, "refusal": 7, "tool_calls": 7}, [], id="other types"),
        pytest.param({"content": " "}, [Delta(" ")], id="white space is text"),
        pytest.param({"reasoning_content": "a"}, [Thinking("a")], id="reasoning"),
        pytest.param({"reasoning": "a"}, [Thinking("a")], id="reasoning by its newer name"),
        pytest.param({"reasoning": "a", "reasoning_content": "a"}, [Thinking("a")], id="by both names"),
        pytest.param({"reasoning": {"effort": "low"}}, [], id="a setting by the same name"),
        pytest.param({"reasoning_content": "a", "content": "b"}, [Thinking("a"), Delta("b")], id="both at once"),
        pytest.param({"refusal": "no"}, [Delta("no")], id="a refusal is text"),
        pytest.param({"tool_calls": [{"index": 0, "function": {"name": "", "arguments": ""}}]}, [], id="an empty call"),
        pytest.param({"tool_calls": [{"index": 0, "function": None}, None]}, [], id="calls without a function"),
        pytest.param(
            {"tool_calls": [{"function": {"name": "f", "arguments": None}}]}, [ToolCall(0, "f", "")], id="no index"
        ),
        pytest.param(
            {"function_call": {"name": "f", "arguments": "{}"}}, [ToolCall(0, "f", "{}")], id="a call in the older form"
        ),
    ],
)
def test_what_is_output(delta: dict[str, Any], events: list[Event]) -> None:
    reading = ChatReading(PLAIN)
    assert reading.read_message("", {"choices": [{"index": 0, "delta": delta}]}) == events
    assert reading.known


def test_who_answered_is_told_when_something_new_is() -> None:
    reading = ChatReading(PLAIN)
    assert reading.read_message("", {"model": "", "id": "", "choices": []}) == []
    assert reading.read_message("", {"model": "m", "id": "1", "choices": []}) == [ServedBy(model="m", request_id="1")]
    assert reading.read_message("", {"model": "m", "id": "1", "choices": []}) == []
    assert reading.read_message("", {"model": "other", "id": "2", "choices": []}) == []
    assert reading.read_message("", {"model": "m", "system_fingerprint": "fp", "provider": "p", "choices": []}) == [
        ServedBy(model="m", request_id="1", fingerprint="fp", upstream="p")
    ]


@pytest.mark.parametrize(
    ("native", "why"),
    [
        ("stop", Finish.STOP),
        ("eos", Finish.STOP),
        ("length", Finish.LENGTH),
        ("model_length", Finish.LENGTH),
        ("tool_calls", Finish.TOOL),
        ("function_call", Finish.TOOL),
        ("content_filter", Finish.FILTERED),
        ("a reason of tomorrow", Finish.OTHER),
    ],
)
def test_finish_reasons(native: str, why: Finish) -> None:
    reading = ChatReading(PLAIN)
    assert reading.read_message("", {"choices": [{"delta": {}, "finish_reason": native}]}) == [Finished(why, native)]
    assert not reading.ended
    assert reading.read_done_marker() == []
    assert reading.ended


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"choices": []},
        {"choices": None},
        {"choices": [None]},
        {"choices": [{}]},
        {"choices": [{"message": {}}]},
        {"choices": [{"text": "completions of old"}]},
        [],
        "text",
    ],
)
def test_what_is_no_answer(document: Any) -> None:
    assert read_chat(document, PLAIN) is None


def test_an_answer_may_be_empty() -> None:
    assert chat({"role": "assistant", "content": ""}) == [Finished(Finish.STOP, "stop")]
