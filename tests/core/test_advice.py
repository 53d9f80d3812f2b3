"""Names that a model can be asked by, those that no label can hold, and addresses that are probably wrong."""

import pytest

from exporter.core.advice import LONGEST, find_name_problem, suggest_base_url
from exporter.dialects import DIALECTS


@pytest.mark.parametrize(
    "name",
    [
        "gpt-4o",
        "anthropic/claude-sonnet-4.5",
        "accounts/fireworks/models/gpt-oss-20b",
        "us.amazon.nova-lite-v1:0",
        "hf.co/bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M",
        "my model & friends",
        "modèle",
        "/models/Llama-3.1-8B",
        "../models/foo.gguf",
        "MODEL#DEPLOYMENT",
        "provider,model",
        "gpt-4o?variant=x",
        "a//b",
        "models/",
        "a" * LONGEST,
    ],
)
def test_a_name(name: str) -> None:
    assert find_name_problem(name) is None


@pytest.mark.parametrize(
    ("name", "mark"),
    [
        ("gpt\n4o", "control characters"),
        ("gpt\x1b[31m", "control characters"),
        ("gpt\u202e4o", "control characters"),
        ("", "empty"),
        (" gpt-4o", "space at its ends"),
        ("a" * (LONGEST + 1), "128 characters"),
    ],
)
def test_no_name(name: str, mark: str) -> None:
    assert mark in (find_name_problem(name) or "")


@pytest.mark.parametrize(
    ("base_url", "dialect", "better"),
    [
        ("http://localhost:8000", "openai-chat", "http://localhost:8000/v1"),
        ("https://api.openai.com/v1/chat/completions", "openai-chat", "https://api.openai.com/v1"),
        ("https://api.openai.com/chat/completions", "openai-chat", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1/models", "openai-chat", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1/responses", "openai-responses", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1/embeddings", "openai-embeddings", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1/v1", "openai-chat", "https://api.openai.com/v1"),
        ("https://gateway.example/openai/v1/completions", "openai-chat", "https://gateway.example/openai/v1"),
        ("https://api.anthropic.com/v1", "anthropic-messages", "https://api.anthropic.com"),
        ("https://api.anthropic.com/v1/messages", "anthropic-messages", "https://api.anthropic.com"),
        (
            "https://generativelanguage.googleapis.com/v1beta",
            "gemini-generate",
            "https://generativelanguage.googleapis.com",
        ),
        ("http://127.0.0.1:11434/v1", "ollama-chat", "http://127.0.0.1:11434"),
        ("http://127.0.0.1:11434/api/chat", "ollama-chat", "http://127.0.0.1:11434"),
        ("https://api.cohere.com/v2", "cohere-chat", "https://api.cohere.com"),
    ],
)
def test_a_suspicious_address(base_url: str, dialect: str, better: str) -> None:
    assert suggest_base_url(base_url, holds_version=DIALECTS[dialect].version_in_base_url) == better


@pytest.mark.parametrize(
    ("base_url", "dialect"),
    [
        ("https://api.openai.com/v1", "openai-chat"),
        ("https://open.bigmodel.cn/api/paas/v4", "openai-chat"),
        ("https://dashscope.aliyuncs.com/compatible-mode/v1", "openai-chat"),
        ("https://generativelanguage.googleapis.com/v1beta/openai", "openai-chat"),
        ("https://api.groq.com/openai/v1", "openai-chat"),
        ("https://gateway.example/team-a", "openai-chat"),
        ("https://api.anthropic.com", "anthropic-messages"),
        ("https://gateway.example/anthropic", "anthropic-messages"),
        ("https://openrouter.ai/api", "anthropic-messages"),
        ("http://vllm:8000/v1", "cohere-rerank"),
        ("https://api.cohere.com", "cohere-rerank"),
        ("https://gateway.example/ai/chat", "openai-chat"),
        ("https://gateway.example/generate", "openai-chat"),
        ("http://127.0.0.1:11434", "ollama-chat"),
    ],
)
def test_an_address_that_may_be_right(base_url: str, dialect: str) -> None:
    assert suggest_base_url(base_url, holds_version=DIALECTS[dialect].version_in_base_url) is None
