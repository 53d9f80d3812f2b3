"""The dialect `ollama-chat`: how it asks, and what its lines may leave out."""

from typing import Any

import orjson
import pytest

from exporter.core.ask import Ask, CallTool, Complete, Embed, ListModels, Rerank
from exporter.core.exchange import Finish, Finished, Loaded
from exporter.core.outcome import Failure, Reason
from exporter.core.target import Quirks
from exporter.dialects.ollama import OllamaChat, OllamaReading
from tests.dialects.transcripts import TOOL, target

DIALECT = OllamaChat()
PLAIN = {
    "model": "gemma3:1b",
    "messages": [{"role": "user", "content": "Hi"}],
    "stream": True,
    "think": False,
    "options": {"num_predict": 32},
}
FUNCTION = {"name": "weather", "description": "Tells it.", "parameters": TOOL}


@pytest.mark.parametrize(
    ("ask", "quirks", "path", "expected"),
    [
        pytest.param(Complete("Hi"), Quirks(), "/api/chat", PLAIN, id="streamed"),
        pytest.param(Complete("Hi", streamed=False), Quirks(), "/api/chat", {**PLAIN, "stream": False}, id="whole"),
        pytest.param(
            Complete("Hi"),
            Quirks(minimum_cap=64, extra={"options": {"seed": 1}, "think": "low"}),
            "/api/chat",
            {**PLAIN, "options": {"num_predict": 64, "seed": 1}, "think": "low"},
            id="a floor and extras",
        ),
        pytest.param(Complete("Hi", schema=TOOL), Quirks(), "/api/chat", {**PLAIN, "format": TOOL}, id="a schema"),
        pytest.param(
            CallTool("Hi", "weather", "Tells it.", TOOL),
            Quirks(),
            "/api/chat",
            {**PLAIN, "options": {"num_predict": 128}, "tools": [{"type": "function", "function": FUNCTION}]},
            id="a tool",
        ),
        pytest.param(Embed("Hi"), Quirks(), "/api/embed", {"model": "gemma3:1b", "input": "Hi"}, id="an embedding"),
        pytest.param(
            Embed("Hi", 64),
            Quirks(),
            "/api/embed",
            {"model": "gemma3:1b", "input": "Hi", "dimensions": 64},
            id="an embedding of a size",
        ),
    ],
)
def test_requests(ask: Ask, quirks: Quirks, path: str, expected: dict[str, Any]) -> None:
    request = DIALECT.encode(ask, target("ollama-chat", quirks, model="gemma3:1b"))
    assert request.body is not None
    assert orjson.loads(request.body) == expected
    assert (request.method, request.path, request.streamed) == ("POST", path, ask.streamed)


def test_what_is_installed() -> None:
    assert DIALECT.encode(ListModels(), target("ollama-chat")).path == "/api/tags"


def test_what_it_cannot_ask() -> None:
    with pytest.raises(TypeError, match="ollama-chat cannot ask Rerank"):
        DIALECT.encode(Rerank("a", ("b",)), target("ollama-chat"))


def test_there_is_one_form_of_question() -> None:
    assert DIALECT.adapt_quirks(Quirks(), Failure(reason=Reason.BAD_REQUEST, detail="unknown field think")) is None


@pytest.mark.parametrize(
    ("line", "events"),
    [
        pytest.param({"done": True}, [Finished(Finish.OTHER)], id="nothing but the end"),
        pytest.param(
            {"done": True, "done_reason": "stop", "load_duration": 2_500_000_000},
            [Loaded(2.5), Finished(Finish.STOP, "stop")],
            id="nanoseconds",
        ),
        pytest.param(
            {"done": True, "done_reason": "stop", "load_duration": "long"},
            [Finished(Finish.STOP, "stop")],
            id="a time that is none",
        ),
        pytest.param({"done": False}, [], id="a line without a word"),
    ],
)
def test_last_lines(line: dict[str, Any], events: list[Any]) -> None:
    assert OllamaReading().read_message("", line) == events


def test_nothing_counts_after_the_end() -> None:
    reading = OllamaReading()
    reading.read_message("", {"done": True})
    assert reading.read_message("", {"message": {"content": "more"}, "done": False}) == []
