"""How llmock is asked: its dialects, each with the preset that speaks it and the path at which llmock does."""

from tests.conformance.asking import Way

MAIN = (
    Way(dialect="openai-chat", preset="openai", path="/v1"),
    Way(dialect="openai-responses", preset="openai", path="/v1"),
    Way(dialect="anthropic-messages", preset="anthropic", path="/anthropic"),
    Way(dialect="gemini-generate", preset="gemini", path="/gemini"),
    Way(dialect="cohere-chat", preset="cohere", path="/cohere"),
)
"""One of each protocol: these are asked under every fault."""

EMBEDDINGS = Way(dialect="openai-embeddings", preset="openai", path="/v1")

RELATED = (
    Way(dialect="openai-chat", preset="mistral", path="/mistral/v1"),
    Way(dialect="openai-chat", preset="groq", path="/groq/openai/v1"),
    Way(dialect="openai-chat", preset="together", path="/together/v1"),
    Way(dialect="openai-chat", preset="xai", path="/xai/v1"),
)
"""Vendors that speak OpenAI's protocol with habits of their own."""
