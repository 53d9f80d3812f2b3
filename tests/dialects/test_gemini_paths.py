"""Where generateContent is, at the Gemini API and at Vertex AI."""

from dataclasses import replace

import pytest

from exporter.core.ask import Complete, ListModels
from exporter.core.exchange import Listed
from exporter.core.outcome import ListedModel
from exporter.core.target import Quirks, Target
from exporter.dialects.gemini import GeminiGenerate
from tests.dialects.transcripts import target

DIALECT = GeminiGenerate()
GEMINI = "https://generativelanguage.googleapis.com"
HOST = "https://europe-west4-aiplatform.googleapis.com"
VERTEX = f"{HOST}/v1beta1/projects/mine/locations/europe-west4/publishers/google"
EXPRESS = "https://aiplatform.googleapis.com/v1/publishers/google"


def at(base_url: str, quirks: Quirks | None = None) -> Target:
    asked = target("gemini-generate", quirks, model="gemini-2.5-flash")
    return replace(asked, provider=replace(asked.provider, base_url=base_url))


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        pytest.param(at(GEMINI), "/v1beta/models/gemini-2.5-flash:generateContent", id="Gemini"),
        pytest.param(at(GEMINI, Quirks(api_version="v1")), "/v1/models/gemini-2.5-flash:generateContent", id="v1"),
        pytest.param(at(VERTEX), "/models/gemini-2.5-flash:generateContent", id="Vertex: the version stands before"),
        pytest.param(at(EXPRESS), "/models/gemini-2.5-flash:generateContent", id="Vertex without a project"),
    ],
)
def test_models(asked: Target, path: str) -> None:
    assert DIALECT.encode(Complete("Hi", streamed=False), asked).path == path


@pytest.mark.parametrize(
    ("asked", "origin", "path"),
    [
        pytest.param(at(GEMINI), None, "/v1beta/models?pageSize=1000", id="Gemini"),
        pytest.param(at(VERTEX), f"{HOST}/v1beta1", "/publishers/google/models", id="Vertex: beside the projects"),
        pytest.param(
            at(EXPRESS), "https://aiplatform.googleapis.com/v1", "/publishers/google/models", id="without a project"
        ),
    ],
)
def test_the_list(asked: Target, origin: str | None, path: str) -> None:
    request = DIALECT.encode(ListModels(), asked)
    assert (request.method, request.origin, request.path) == ("GET", origin, path)


def test_pages_of_vertex() -> None:
    decoder = DIALECT.make_decoder(ListModels(), at(VERTEX))
    decoder.feed(
        b'{"publisherModels": [{"name": "publishers/google/models/gemini-2.5-flash"}], "nextPageToken": "a/b"}'
    )
    more = "/publishers/google/models?pageToken=a%2Fb"
    assert list(decoder.close()) == [Listed((ListedModel(id="gemini-2.5-flash"),), more)]
