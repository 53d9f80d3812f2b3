"""The list of models of OpenAI and those who followed: one free request that chat, responses and embeddings share."""

from typing import Any

from exporter.core.exchange import Event, Listed
from exporter.dialects.fields import as_list, as_object
from exporter.dialects.model_rows import read_model_rows


def read_models(document: Any) -> list[Event] | None:
    """Read `{"data": [...]}`, or a bare array (Together). Ollama sends null for an empty list."""
    rows = document
    if isinstance(document, dict):
        known = "data" in document and (document["data"] is not None or document.get("object") == "list")
        rows = as_list(as_object(document).get("data")) if known else None
    return None if not isinstance(rows, list) else [Listed(read_model_rows(rows, retires="deprecation"))]
