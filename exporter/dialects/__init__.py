"""The dialects. A new one is one file beside this one, one line below, and its transcripts."""

from exporter.dialects.anthropic_messages import AnthropicMessages
from exporter.dialects.base import Dialect
from exporter.dialects.bedrock_converse import BedrockConverse
from exporter.dialects.cohere_chat import CohereChat
from exporter.dialects.cohere_rerank import CohereRerank
from exporter.dialects.gemini_generate import GeminiGenerate
from exporter.dialects.ollama_chat import OllamaChat
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
        BedrockConverse(),
        CohereChat(),
        CohereRerank(),
        OllamaChat(),
    )
)
