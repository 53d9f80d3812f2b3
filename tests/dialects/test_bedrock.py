"""The dialect `bedrock-converse`: how it asks and where."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from exporter.core.ask import CallTool, Complete, Embed, ListModels
from exporter.core.exchange import Finish, Finished, ToolCall
from exporter.core.outcome import Failure, Reason
from exporter.core.target import Quirks
from exporter.dialects.bedrock import BedrockConverse, ConverseReading, find_control_plane
from tests.dialects.transcripts import TOOL, target

DIALECT = BedrockConverse()
PLAIN = {"messages": [{"role": "user", "content": [{"text": "Hi"}]}], "inferenceConfig": {"maxTokens": 32}}
SPEC = {"name": "weather", "description": "Tells it.", "inputSchema": {"json": TOOL}}


@pytest.mark.parametrize(
    ("ask", "quirks", "expected"),
    [
        pytest.param(Complete("Hi"), Quirks(), PLAIN, id="streamed"),
        pytest.param(Complete("Hi", streamed=False), Quirks(), PLAIN, id="whole"),
        pytest.param(
            Complete("Hi"),
            Quirks(minimum_cap=256, extra={"additionalModelRequestFields": {"thinking": {"type": "disabled"}}}),
            {
                **PLAIN,
                "inferenceConfig": {"maxTokens": 256},
                "additionalModelRequestFields": {"thinking": {"type": "disabled"}},
            },
            id="a floor and a model's own field",
        ),
        pytest.param(
            CallTool("Hi", "weather", "Tells it.", TOOL),
            Quirks(),
            {**PLAIN, "inferenceConfig": {"maxTokens": 128}, "toolConfig": {"tools": [{"toolSpec": SPEC}]}},
            id="a tool",
        ),
    ],
)
def test_requests(ask: Complete | CallTool, quirks: Quirks, expected: dict[str, Any]) -> None:
    request = DIALECT.encode(ask, target("bedrock-converse", quirks, model="amazon.nova-micro-v1:0"))
    assert request.body is not None
    assert orjson.loads(request.body) == expected
    method = "converse-stream" if ask.streamed else "converse"
    assert (request.method, request.path) == ("POST", f"/model/amazon.nova-micro-v1%3A0/{method}")
    assert (request.streamed, request.origin) == (ask.streamed, None)


def test_a_schema_is_text_within_json() -> None:
    body = DIALECT.encode(Complete("Hi", schema=TOOL), target("bedrock-converse")).body
    assert body is not None
    told = orjson.loads(body)["outputConfig"]["textFormat"]
    assert told["type"] == "json_schema"
    assert orjson.loads(told["structure"]["jsonSchema"]["schema"]) == TOOL


def test_an_arn_is_one_part_of_the_path() -> None:
    model = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.some-model"
    path = DIALECT.encode(Complete("Hi"), target("bedrock-converse", model=model)).path
    assert path == (
        "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.some-model/converse-stream"
    )


@pytest.mark.parametrize(
    ("base_url", "origin"),
    [
        (
            "https://bedrock-runtime.eu-central-1.amazonaws.com",
            "https://bedrock.eu-central-1.amazonaws.com",
        ),
        (
            "https://bedrock-runtime-fips.us-east-1.amazonaws.com",
            "https://bedrock-fips.us-east-1.amazonaws.com",
        ),
        ("https://bedrock-runtime.cn-north-1.amazonaws.com.cn", "https://bedrock.cn-north-1.amazonaws.com.cn"),
        ("http://127.0.0.1:9", None),
        ("https://relay.example/bedrock-runtime", None),
    ],
)
def test_models_are_listed_by_the_host_beside(base_url: str, origin: str | None) -> None:
    assert find_control_plane(base_url) == origin
    asked = target("bedrock-converse")
    asked = replace(asked, provider=replace(asked.provider, base_url=base_url))
    request = DIALECT.encode(ListModels(), asked)
    assert (request.method, request.path, request.origin) == ("GET", "/foundation-models", origin)


def test_what_it_cannot_ask() -> None:
    with pytest.raises(TypeError, match="bedrock-converse cannot ask Embed"):
        DIALECT.encode(Embed("Hi"), target("bedrock-converse"))


def test_there_is_one_form_of_question() -> None:
    assert DIALECT.adapt_quirks(Quirks(), Failure(reason=Reason.BAD_REQUEST, detail="unknown field")) is None


def test_arguments_without_the_start_of_their_block() -> None:
    body = {"contentBlockIndex": 4, "delta": {"toolUse": {"input": "{}"}}}
    assert ConverseReading(Quirks()).read_message("contentBlockDelta", body) == [ToolCall(0, "", "{}")]


def test_the_end_without_a_stop_before_it() -> None:
    assert ConverseReading(Quirks()).read_message("metadata", {}) == [Finished(Finish.OTHER)]


def test_it_stops_once_and_nothing_counts_after_the_end() -> None:
    reading = ConverseReading(Quirks())
    stops = [reading.read_message("messageStop", {"stopReason": "end_turn"}) for _ in range(2)]
    assert stops == [[Finished(Finish.STOP, "end_turn")], []]
    assert reading.read_message("metadata", {}) == []
    assert reading.read_message("contentBlockDelta", {"delta": {"text": "more"}}) == []
