"""The dialect `cohere-chat`: how it asks, and what its answers may leave out."""

from typing import Any

import orjson
import pytest

from exporter.core.ask import Ask, CallTool, Complete, Embed, ListModels, Rerank
from exporter.core.exchange import Delta, Finish, Finished
from exporter.core.outcome import Failure, Reason
from exporter.core.target import Quirks
from exporter.dialects.cohere import CohereChat, CohereReading
from tests.dialects.transcripts import TOOL, target

DIALECT = CohereChat()
PLAIN = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 32, "stream": True}
FUNCTION = {"name": "weather", "description": "Tells it.", "parameters": TOOL}
VECTOR = {"model": "m", "input_type": "search_query", "texts": ["Hi"], "embedding_types": ["float"]}


@pytest.mark.parametrize(
    ("ask", "quirks", "path", "expected"),
    [
        pytest.param(Complete("Hi"), Quirks(), "/v2/chat", PLAIN, id="streamed"),
        pytest.param(Complete("Hi", streamed=False), Quirks(), "/v2/chat", {**PLAIN, "stream": False}, id="whole"),
        pytest.param(
            Complete("Hi"),
            Quirks(extra={"thinking": {"type": "disabled"}}),
            "/v2/chat",
            {**PLAIN, "thinking": {"type": "disabled"}},
            id="thinking off",
        ),
        pytest.param(
            Complete("Hi", schema=TOOL),
            Quirks(),
            "/v2/chat",
            {**PLAIN, "response_format": {"type": "json_object", "json_schema": TOOL}},
            id="a schema",
        ),
        pytest.param(
            CallTool("Hi", "weather", "Tells it.", TOOL),
            Quirks(),
            "/v2/chat",
            {**PLAIN, "max_tokens": 128, "tools": [{"type": "function", "function": FUNCTION}]},
            id="a tool",
        ),
        pytest.param(Embed("Hi"), Quirks(), "/v2/embed", VECTOR, id="an embedding"),
        pytest.param(Embed("Hi", 256), Quirks(), "/v2/embed", {**VECTOR, "output_dimension": 256}, id="of a size"),
    ],
)
def test_requests(ask: Ask, quirks: Quirks, path: str, expected: dict[str, Any]) -> None:
    request = DIALECT.encode(ask, target("cohere-chat", quirks, model="m"))
    assert request.body is not None
    assert orjson.loads(request.body) == expected
    assert (request.method, request.path, request.streamed) == ("POST", path, ask.streamed)


def test_the_list_of_models() -> None:
    assert DIALECT.encode(ListModels(), target("cohere-chat")).path == "/v1/models?page_size=1000"


def test_what_it_cannot_ask() -> None:
    with pytest.raises(TypeError, match="cohere-chat cannot ask Rerank"):
        DIALECT.encode(Rerank("a", ("b",)), target("cohere-chat"))


def test_there_is_one_form_of_question() -> None:
    assert DIALECT.adapt_quirks(Quirks(), Failure(reason=Reason.BAD_REQUEST, detail="unknown field: thinking")) is None


def test_an_end_that_says_nothing() -> None:
    assert CohereReading().read_message("message-end", {}) == [Finished(Finish.OTHER)]


def test_nothing_counts_after_the_end() -> None:
    piece = {"type": "content-delta", "delta": {"message": {"content": {"text": "Hi"}}}}
    reading = CohereReading()
    assert reading.read_message("", piece) == [Delta("Hi")]
    reading.read_message("", {"type": "message-end"})
    assert reading.read_message("", piece) == []
