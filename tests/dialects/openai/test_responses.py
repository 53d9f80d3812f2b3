"""The dialect `openai-responses`: how it asks."""

from typing import Any

import orjson
import pytest

from exporter.core.ask import CallTool, Complete, Embed, ListModels
from exporter.core.outcome import Failure, Reason
from exporter.core.target import Quirks
from exporter.dialects.openai.responses import OpenAIResponses
from tests.dialects.transcripts import TOOL, target

DIALECT = OpenAIResponses()
PLAIN = {"model": "gpt-5-nano", "input": "Hi", "max_output_tokens": 32, "stream": True, "store": False}
FORMAT = {"type": "json_schema", "name": "answer", "schema": TOOL, "strict": True}
FUNCTION = {"type": "function", "name": "weather", "description": "Tells it.", "parameters": TOOL, "strict": False}


@pytest.mark.parametrize(
    ("ask", "quirks", "expected"),
    [
        pytest.param(Complete("Hi"), Quirks(), PLAIN, id="streamed"),
        pytest.param(Complete("Hi", streamed=False), Quirks(), {**PLAIN, "stream": False}, id="whole"),
        pytest.param(Complete("Hi", cap=1), Quirks(), {**PLAIN, "max_output_tokens": 16}, id="the vendor's floor"),
        pytest.param(
            Complete("Hi"),
            Quirks(minimum_cap=256, extra={"reasoning": {"effort": "minimal"}}),
            {**PLAIN, "max_output_tokens": 256, "reasoning": {"effort": "minimal"}},
            id="a model's floor and effort",
        ),
        pytest.param(Complete("Hi", schema=TOOL), Quirks(), {**PLAIN, "text": {"format": FORMAT}}, id="a schema"),
        pytest.param(
            CallTool("Hi", "weather", "Tells it.", TOOL),
            Quirks(),
            {**PLAIN, "max_output_tokens": 128, "tools": [FUNCTION]},
            id="a tool",
        ),
        pytest.param(
            Complete("Hi", schema=TOOL),
            Quirks(extra={"text": {"verbosity": "low"}}),
            {**PLAIN, "text": {"format": FORMAT, "verbosity": "low"}},
            id="an extra beside a schema",
        ),
    ],
)
def test_requests(ask: Complete | CallTool, quirks: Quirks, expected: dict[str, Any]) -> None:
    request = DIALECT.encode(ask, target("openai-responses", quirks, model="gpt-5-nano"))
    assert request.body is not None
    assert orjson.loads(request.body) == expected
    assert (request.method, request.path, request.streamed) == ("POST", "/responses", ask.streamed)
    assert request.headers["accept"] == ("text/event-stream" if ask.streamed else "application/json")


def test_the_list_of_models() -> None:
    request = DIALECT.encode(ListModels(), target("openai-responses"))
    assert (request.method, request.path, request.body, request.streamed) == ("GET", "/models", None, False)


def test_what_it_cannot_ask() -> None:
    assert Embed not in DIALECT.asks
    with pytest.raises(TypeError, match="openai-responses cannot ask Embed"):
        DIALECT.encode(Embed("text"), target("openai-responses"))


def test_there_is_one_form_of_question() -> None:
    assert (
        DIALECT.adapt_quirks(Quirks(), Failure(reason=Reason.BAD_REQUEST, detail="unsupported parameter: store"))
        is None
    )
