"""Where OpenAI's methods are, at Azure and elsewhere."""

import pytest

from exporter.core.ask import Ask, Complete, Embed, ListModels
from exporter.core.target import Quirks
from exporter.dialects import DIALECTS
from tests.dialects.transcripts import target

AZURE = Quirks(api_version="2024-10-21", deployment_paths=True)
VERSION = "?api-version=2024-10-21"


@pytest.mark.parametrize(
    ("dialect", "ask", "plain", "azure"),
    [
        ("openai-chat", Complete("Hi"), "/chat/completions", f"/deployments/my%20gpt%2F4/chat/completions{VERSION}"),
        ("openai-embeddings", Embed("Hi"), "/embeddings", f"/deployments/my%20gpt%2F4/embeddings{VERSION}"),
        ("openai-responses", Complete("Hi"), "/responses", f"/responses{VERSION}"),
        ("openai-chat", ListModels(), "/models", f"/models{VERSION}"),
        ("openai-responses", ListModels(), "/models", f"/models{VERSION}"),
        ("openai-embeddings", ListModels(), "/models", f"/models{VERSION}"),
    ],
)
def test_paths(dialect: str, ask: Ask, plain: str, azure: str) -> None:
    asked = target(dialect, model="my gpt/4")
    assert DIALECTS[dialect].encode(ask, asked).path == plain
    assert DIALECTS[dialect].encode(ask, asked.with_quirks(AZURE)).path == azure


def test_a_version_alone_stands_in_the_query() -> None:
    asked = target("openai-chat", Quirks(api_version="preview"))
    assert DIALECTS["openai-chat"].encode(Complete("Hi"), asked).path == "/chat/completions?api-version=preview"
