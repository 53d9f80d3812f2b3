"""The dialect `openai-embeddings`: how it asks."""

from typing import Any

import orjson
import pytest

from exporter.core.ask import Complete, Embed, ListModels
from exporter.core.outcome import Failure, Reason
from exporter.core.target import Quirks
from exporter.dialects.openai.embeddings import OpenAIEmbeddings
from tests.dialects.transcripts import target

DIALECT = OpenAIEmbeddings()


@pytest.mark.parametrize(
    ("ask", "quirks", "expected"),
    [
        pytest.param(Embed("Hi"), Quirks(), {"model": "m", "input": "Hi"}, id="the model's own size"),
        pytest.param(Embed("Hi", 256), Quirks(), {"model": "m", "input": "Hi", "dimensions": 256}, id="a size"),
        pytest.param(
            Embed("Hi"),
            Quirks(extra={"output_dimension": 256}),
            {"model": "m", "input": "Hi", "output_dimension": 256},
            id="Mistral's word for it",
        ),
    ],
)
def test_requests(ask: Embed, quirks: Quirks, expected: dict[str, Any]) -> None:
    request = DIALECT.encode(ask, target("openai-embeddings", quirks, model="m"))
    assert request.body is not None
    assert orjson.loads(request.body) == expected
    assert (request.method, request.path, request.streamed) == ("POST", "/embeddings", False)


def test_the_list_of_models() -> None:
    assert DIALECT.encode(ListModels(), target("openai-embeddings")).path == "/models"


def test_what_it_cannot_ask() -> None:
    with pytest.raises(TypeError, match="openai-embeddings cannot ask Complete"):
        DIALECT.encode(Complete("Hi"), target("openai-embeddings"))


def test_there_is_one_form_of_question() -> None:
    assert DIALECT.adapt_quirks(Quirks(), Failure(reason=Reason.BAD_REQUEST, detail="unsupported: dimensions")) is None
