"""Whether the model that answered is the model asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.probes.evaluation.model_match import is_same_model

SAME = [
    ("gpt-4o", "gpt-4o"),
    ("gpt-4o", "gpt-4o-2024-08-06"),
    ("gpt-4o-mini", "gpt-4o-mini-2024-07-18"),
    ("gpt-4", "gpt-4-0613"),
    ("gpt-3.5-turbo", "gpt-3.5-turbo-0125"),
    ("GPT-4o", "gpt-4o"),
    ("openai/gpt-4o", "gpt-4o-2024-08-06"),
    ("gpt-4o", "openai/gpt-4o"),
    ("claude-sonnet-4", "claude-sonnet-4-20250514"),
    ("claude-sonnet-4-0", "claude-sonnet-4-20250514"),
    ("claude-sonnet-4@20250514", "claude-sonnet-4-20250514"),
    ("claude-3-5-sonnet-latest", "claude-3-5-sonnet-20241022"),
    ("anthropic/claude-sonnet-4.5", "claude-sonnet-4-5-20250929"),
    ("claude-sonnet-4", "us.anthropic.claude-sonnet-4-20250514-v1:0"),
    ("anthropic.claude-sonnet-4-20250514-v1:0", "claude-sonnet-4-20250514"),
    ("claude-sonnet-4@default", "claude-sonnet-4-20250514"),
    ("gpt-oss-120b", "openai.gpt-oss-120b-1:0"),
    ("gemini-2.0-flash", "gemini-2.0-flash-001"),
    ("gemini-2.5-flash", "models/gemini-2.5-flash"),
    ("gemini-2.5-pro-preview", "gemini-2.5-pro-preview-05-06"),
    ("accounts/fireworks/models/llama-v3p1-8b-instruct", "llama-v3p1-8b-instruct"),
    ("mistral-large-latest", "mistral-large-2411"),
    ("gemini-flash-latest", "gemini-2.5-flash-preview-09-2025"),
    ("gemini-flash-lite-latest", "gemini-2.5-flash-lite"),
    ("openai/gpt-oss-20b:groq", "openai/gpt-oss-20b"),
    ("MODEL#DEPLOYMENT", "MODEL"),
    ("provider,model", "model"),
    ("/models/Llama-3.1-8B", "Llama-3.1-8B"),
    ("../models/foo.gguf", "foo.gguf"),
    ("tgi", "meta-llama/Llama-3.1-8B-Instruct"),
    ("command-r", "command-r-08-2024"),
    ("grok-4", "grok-4-0709"),
    ("grok-3-latest", "grok-3"),
    ("llama3.2", "llama3.2:latest"),
    ("deepseek/deepseek-chat:free", "deepseek/deepseek-chat"),
    ("gemma-3-270m", "/models/gemma-3-270m.gguf"),
    ("gpt-4o-2024-08-06", "gpt-4o"),
]

DIFFERENT = [
    ("gpt-4o", "gpt-4o-mini"),
    ("gpt-4o-mini", "gpt-4o"),
    ("gpt-4o", "gpt-4o-mini-2024-07-18"),
    ("gpt-4o", "gpt-4o-audio-preview"),
    ("gpt-4", "gpt-4o"),
    ("gpt-4.1", "gpt-4.1-nano"),
    ("gpt-4.1", "gpt-4"),
    ("gpt-4o-2024-05-13", "gpt-4o-2024-08-06"),
    ("claude-sonnet-4", "claude-sonnet-4-5-20250929"),
    ("claude-sonnet-4", "claude-opus-4-20250514"),
    ("claude-3-5-sonnet", "claude-3-5-haiku-20241022"),
    ("gemini-2.5-flash", "gemini-2.5-flash-lite"),
    ("gemini-2.5-flash", "gemini-2.0-flash-001"),
    ("llama3.2:1b", "llama3.2:3b"),
    ("meta-llama/Llama-3.3-70B-Instruct", "meta-llama/Llama-3.1-8B-Instruct"),
    ("o3-mini", "o4-mini"),
    ("context-4k", "context-4k-8192"),
    ("ft:gpt-4o-mini-2024-07-18:acme::abc123", "gpt-4o-mini-2024-07-18"),
]


@pytest.mark.parametrize(("asked", "served"), SAME)
def test_the_same_model(asked: str, served: str) -> None:
    assert is_same_model(asked, served)


@pytest.mark.parametrize(("asked", "served"), DIFFERENT)
def test_another_model(asked: str, served: str) -> None:
    assert not is_same_model(asked, served)


@given(st.text(), st.text())
def test_takes_any_names_and_is_symmetric(one: str, other: str) -> None:
    assert is_same_model(one, one)
    assert is_same_model(one, other) == is_same_model(other, one)
