"""What every request of a dialect says, and that a provider's quirks outrank what the dialect would send."""

import orjson
import pytest

from exporter.core.target import Quirks
from exporter.dialects.request_forms import make_get, make_post
from tests.dialects.transcripts import target


def test_a_list_is_got() -> None:
    request = make_get("/models", {"version": "1"}, "https://b.example")
    assert (request.method, request.path, request.body, request.streamed) == ("GET", "/models", None, False)
    assert request.headers == {"accept": "application/json", "version": "1"}
    assert request.origin == "https://b.example"


@pytest.mark.parametrize(
    ("streamed", "accept"), [pytest.param(True, "application/x-ndjson"), pytest.param(False, "application/json")]
)
def test_a_question_is_posted(streamed: bool, accept: str) -> None:
    at = target("ollama-chat", Quirks(extra={"options": {"seed": 1}, "model": "another"}))
    body = {"model": "m", "options": {"num_predict": 2}}
    request = make_post("/ask", body, at, streamed=streamed, stream="application/x-ndjson", headers={"version": "1"})
    assert (request.method, request.path, request.streamed) == ("POST", "/ask", streamed)
    assert request.headers == {"accept": accept, "content-type": "application/json", "version": "1"}
    assert orjson.loads(request.body or b"") == {"model": "another", "options": {"num_predict": 2, "seed": 1}}
