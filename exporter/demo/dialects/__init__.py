"""The server side of each wire protocol that simulated vendors speak. No I/O: bytes and words in, bytes out."""

from exporter.core.registry import Registry
from exporter.demo.dialects.anthropic_messages import AnthropicMessages
from exporter.demo.dialects.base import ServerDialect
from exporter.demo.dialects.gemini_generate import GeminiGenerate
from exporter.demo.dialects.openai_chat import OpenAIChat

SERVER_DIALECTS: Registry[ServerDialect] = Registry((OpenAIChat(), AnthropicMessages(), GeminiGenerate()))

__all__ = ["SERVER_DIALECTS", "ServerDialect"]
