"""The dialects. A new one is one file beside this one, one line below, and its transcripts."""

from exporter.dialects.anthropic_messages import AnthropicMessages
from exporter.dialects.base import Dialect
from exporter.dialects.gemini_generate import GeminiGenerate
from exporter.dialects.openai_chat import OpenAIChat
from exporter.dialects.openai_embeddings import OpenAIEmbeddings
from exporter.dialects.openai_responses import OpenAIResponses
from exporter.registry import Registry

DIALECTS: Registry[Dialect] = Registry(
    (
        OpenAIChat(),
        OpenAIResponses(),
        OpenAIEmbeddings(),
        AnthropicMessages(),
        GeminiGenerate(),
    )
)
