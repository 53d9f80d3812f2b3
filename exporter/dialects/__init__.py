"""The dialects. A new one is one file beside this one, one line below, and its transcripts."""

from exporter.core.registry import Registry
from exporter.dialects.anthropic import AnthropicMessages
from exporter.dialects.base import Dialect
from exporter.dialects.bedrock import BedrockConverse
from exporter.dialects.cohere import CohereChat
from exporter.dialects.cohere_rerank import CohereRerank
from exporter.dialects.gemini import GeminiGenerate
from exporter.dialects.ollama import OllamaChat
from exporter.dialects.openai.chat import OpenAIChat
from exporter.dialects.openai.embeddings import OpenAIEmbeddings
from exporter.dialects.openai.responses import OpenAIResponses

DIALECTS: Registry[Dialect] = Registry(
    (
        OpenAIChat(),
        OpenAIResponses(),
        OpenAIEmbeddings(),
        AnthropicMessages(),
        GeminiGenerate(),
        BedrockConverse(),
        CohereChat(),
        CohereRerank(),
        OllamaChat(),
    )
)
