"""The dialect `cohere-rerank`: how it asks Cohere and those who followed."""

from dataclasses import replace

import orjson
import pytest

from exporter.core.ask import Complete, Rerank
from exporter.core.outcome import Failure, Reason
from exporter.core.target import Quirks
from exporter.dialects.cohere_rerank import CohereRerank
from tests.dialects.transcripts import target

DIALECT = CohereRerank()
ASK = Rerank("A greeting?", ("Good night.", "Hello."))


@pytest.mark.parametrize(
    ("base_url", "path"),
    [
        pytest.param("https://api.cohere.com", "/v2/rerank", id="Cohere"),
        pytest.param("https://relay.example/cohere", "/v2/rerank", id="Cohere behind a relay"),
        pytest.param("https://api.jina.ai/v1", "/rerank", id="the base URL has the version"),
    ],
)
def test_requests(base_url: str, path: str) -> None:
    asked = target("cohere-rerank", model="m")
    request = DIALECT.encode(ASK, replace(asked, provider=replace(asked.provider, base_url=base_url)))
    assert request.body is not None
    assert orjson.loads(request.body) == {
        "model": "m",
        "query": "A greeting?",
        "documents": ["Good night.", "Hello."],
    }
    assert (request.method, request.path, request.streamed) == ("POST", path, False)


def test_extras() -> None:
    request = DIALECT.encode(ASK, target("cohere-rerank", Quirks(extra={"top_n": 1}), model="m"))
    assert request.body is not None
    assert orjson.loads(request.body)["top_n"] == 1


def test_what_it_cannot_ask() -> None:
    with pytest.raises(TypeError, match="cohere-rerank cannot ask Complete"):
        DIALECT.encode(Complete("Hi"), target("cohere-rerank"))


def test_there_is_one_form_of_question() -> None:
    assert DIALECT.adapt_quirks(Quirks(), Failure(reason=Reason.BAD_REQUEST, detail="unknown field: top_n")) is None
