"""Requests that OpenAI's dialects share: where their methods are, and the list of models.

A method is below the base URL, or at Azure below a deployment and with a version in the query. Azure's form is that of
the OpenAI SDK 2.54: chat and embeddings belong to a deployment, responses and the list of models do not.
"""

from typing import Any
from urllib.parse import quote

from exporter.core.exchange import Event, Listed
from exporter.core.target import Target
from exporter.dialects.fields import as_list, as_object, read_model_rows


def read_models(document: Any) -> list[Event] | None:
    """Read `{"data": [...]}`, or a bare array (Together). Ollama sends null for an empty list."""
    rows = document
    if isinstance(document, dict):
        known = "data" in document and (document["data"] is not None or document.get("object") == "list")
        rows = as_list(as_object(document).get("data")) if known else None
    return None if not isinstance(rows, list) else [Listed(read_model_rows(rows))]


def make_model_path(target: Target, method: str) -> str:
    """Make the path of a method that Azure has below each deployment."""
    deployment = f"/deployments/{quote(target.model, safe='')}" if target.quirks.deployment_paths else ""
    return make_account_path(target, f"{deployment}{method}")


def make_account_path(target: Target, method: str) -> str:
    """Make the path of a method that belongs to no deployment."""
    version = target.quirks.api_version
    return f"{method}?api-version={quote(version, safe='')}" if version else method
