"""The dialect `anthropic-messages`: how it asks, and what is its own in the answers."""

from typing import Any

import orjson
import pytest

from exporter.core.ask import CallTool, Complete, Embed, ListModels
from exporter.core.exchange import Delta, Event, Finish, Finished, Listed, Thinking, ToolCall, Usage
from exporter.core.outcome import Failure, Reason, Tokens
from exporter.core.target import Quirks
from exporter.dialects.anthropic import AnthropicMessages, MessageReading, read_message
from tests.dialects.transcripts import TOOL, target

DIALECT = AnthropicMessages()
ASKED = {"model": "claude-x", "messages": [{"role": "user", "content": "Hi"}]}


@pytest.mark.parametrize(
    ("ask", "quirks", "expected"),
    [
        pytest.param(Complete("Hi"), Quirks(), {"max_tokens": 32, "stream": True}, id="streamed"),
        pytest.param(Complete("Hi", streamed=False), Quirks(), {"max_tokens": 32, "stream": False}, id="whole"),
        pytest.param(
            Complete("Hi", schema=TOOL),
            Quirks(minimum_cap=1024, extra={"output_config": {"effort": "low"}}),
            {
                "max_tokens": 1024,
                "stream": True,
                "output_config": {"format": {"type": "json_schema", "schema": TOOL}, "effort": "low"},
            },
            id="a schema beside an effort, a reasoning floor",
        ),
        pytest.param(
            CallTool("Hi", "weather", "Tells it.", TOOL),
            Quirks(extra={"thinking": {"type": "disabled"}}),
            {
                "max_tokens": 128,
                "stream": True,
                "tools": [{"name": "weather", "description": "Tells it.", "input_schema": TOOL}],
                "thinking": {"type": "disabled"},
            },
            id="a tool",
        ),
    ],
)
def test_requests(ask: Complete | CallTool, quirks: Quirks, expected: dict[str, Any]) -> None:
    request = DIALECT.encode(ask, target("anthropic-messages", quirks, model="claude-x"))
    assert orjson.loads(request.body or b"") == {**ASKED, **expected}
    assert (request.method, request.path, request.streamed) == ("POST", "/v1/messages", ask.streamed)


@pytest.mark.parametrize(("wanted", "sent"), [(None, "2023-06-01"), ("2026-10-21", "2026-10-21")])
def test_the_version_is_told_with_every_question(wanted: str | None, sent: str) -> None:
    for ask in (Complete("Hi"), ListModels()):
        request = DIALECT.encode(ask, target("anthropic-messages", Quirks(api_version=wanted)))
        assert request.headers["anthropic-version"] == sent


def test_what_it_cannot_ask() -> None:
    with pytest.raises(TypeError, match="anthropic-messages cannot ask Embed"):
        DIALECT.encode(Embed("text"), target("anthropic-messages"))


def test_there_is_no_other_form_to_ask_in() -> None:
    failure = Failure(reason=Reason.BAD_REQUEST, detail="max_tokens: not supported")
    assert DIALECT.adapt_quirks(Quirks(), failure) is None


@pytest.mark.parametrize(
    ("page", "path"),
    [
        pytest.param({"has_more": True, "last_id": "a/b?c"}, "/v1/models?limit=1000&after_id=a%2Fb%3Fc", id="more"),
        pytest.param({"has_more": False, "last_id": "x"}, None, id="the last"),
        pytest.param({"has_more": True, "last_id": None}, None, id="more, but not from where"),
        pytest.param({}, None, id="a gateway's list without pages"),
    ],
)
def test_pages_of_the_list(page: dict[str, Any], path: str | None) -> None:
    decoder = DIALECT.make_decoder(ListModels(), target("anthropic-messages"))
    decoder.feed(orjson.dumps({"data": [], **page}))
    assert list(decoder.close()) == [Listed((), path)]
    assert DIALECT.encode(ListModels(), target("anthropic-messages")).path == "/v1/models?limit=1000"


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        pytest.param({"input_tokens": 7, "output_tokens": 3}, Tokens(input=7, output=3), id="plain"),
        pytest.param(
            {
                "input_tokens": 7,
                "output_tokens": 30,
                "cache_creation_input_tokens": 100,
                "cache_read_input_tokens": 2000,
                "output_tokens_details": {"thinking_tokens": 20},
            },
            Tokens(input=2107, output=30, cached_input=2000, cache_write=100, reasoning=20),
            id="cached tokens are beside the input, thinking is inside the output",
        ),
        pytest.param({"input_tokens": "x", "output_tokens": None, "output_tokens_details": 7}, Tokens(), id="nonsense"),
        pytest.param(
            {"output_tokens": 3, "output_tokens_details": {"thinking_tokens": 9}},
            Tokens(output=3, reasoning=3),
            id="more thinking than output cannot be",
        ),
    ],
)
def test_usage(usage: dict[str, Any], tokens: Tokens) -> None:
    whole = read_message({"content": [], "usage": usage, "stop_reason": "end_turn"})
    assert whole is not None
    assert whole[0] == Usage(tokens)
    assert MessageReading().read_message("", {"type": "message_delta", "usage": usage}) == [Usage(tokens)]


@pytest.mark.parametrize(
    ("delta", "events"),
    [
        pytest.param({"type": "text_delta", "text": "a"}, [Delta("a")], id="text"),
        pytest.param({"type": "text_delta", "text": ""}, [], id="empty text"),
        pytest.param({"type": "thinking_delta", "thinking": "a"}, [Thinking("a")], id="thinking"),
        pytest.param({"type": "thinking_delta", "thinking": ""}, [], id="empty thinking"),
        pytest.param({"type": "signature_delta", "signature": "Eq"}, [], id="a signature"),
        pytest.param({"type": "citations_delta", "citation": {"cited_text": "x"}}, [], id="a citation"),
        pytest.param({"type": "input_json_delta", "partial_json": "{"}, [ToolCall(0, "", "{")], id="arguments"),
        pytest.param({"type": "input_json_delta", "partial_json": ""}, [], id="no arguments yet"),
        pytest.param({"type": "of_tomorrow", "value": "x"}, [], id="unknown"),
        pytest.param(None, [], id="nothing"),
    ],
)
def test_what_is_output(delta: Any, events: list[Event]) -> None:
    assert MessageReading().read_message("", {"type": "content_block_delta", "index": 0, "delta": delta}) == events


@pytest.mark.parametrize(
    ("block", "events"),
    [
        pytest.param({"type": "text", "text": ""}, [], id="text to come"),
        pytest.param({"type": "text", "text": "a"}, [Delta("a")], id="text at once"),
        pytest.param({"type": "thinking", "thinking": "", "signature": ""}, [], id="thinking to come"),
        pytest.param({"type": "redacted_thinking", "data": "Em"}, [], id="thinking one cannot read"),
        pytest.param({"type": "tool_use", "id": "t", "name": "f", "input": {}}, [ToolCall(0, "f", "")], id="a call"),
        pytest.param({"type": "tool_use"}, [], id="a call of nothing"),
        pytest.param({"type": "server_tool_use", "name": "web_search"}, [], id="a call the vendor answers itself"),
    ],
)
def test_how_blocks_begin(block: dict[str, Any], events: list[Event]) -> None:
    reading = MessageReading()
    assert reading.read_message("", {"type": "content_block_start", "index": 3, "content_block": block}) == events


@pytest.mark.parametrize(
    ("native", "why"),
    [
        ("end_turn", Finish.STOP),
        ("stop_sequence", Finish.STOP),
        ("max_tokens", Finish.LENGTH),
        ("model_context_window_exceeded", Finish.LENGTH),
        ("tool_use", Finish.TOOL),
        ("refusal", Finish.REFUSED),
        ("pause_turn", Finish.OTHER),
        ("of_tomorrow", Finish.OTHER),
    ],
)
def test_stop_reasons(native: str, why: Finish) -> None:
    reading = MessageReading()
    assert reading.read_message("", {"type": "message_delta", "delta": {"stop_reason": native}}) == [
        Finished(why, native)
    ]
    assert not reading.ended
    assert reading.read_message("", {"type": "message_stop"}) == []
    assert reading.ended


@pytest.mark.parametrize("document", [{}, {"content": "text"}, {"content": None}, [], None])
def test_what_is_no_answer(document: Any) -> None:
    assert read_message(document) is None
