"""Where generateContent is: at the Gemini API by model, at Vertex AI below a project and a location.

The base URL of Vertex AI ends in `publishers/google`, its version and project before it; the list of what there is to
have stands beside the projects, not in one (google-genai SDK 3.4).
"""

from urllib.parse import quote

from exporter.core.exchange import Request
from exporter.core.target import Target
from exporter.dialects.request_forms import make_get

VERSION = "v1beta"
"""Serves preview models and thinking settings that v1 does not know."""

PUBLISHERS = "/publishers/"


def make_method_path(target: Target, method: str) -> str:
    """Make the path of a model's method."""
    version = "" if PUBLISHERS in target.provider.base_url else f"/{target.quirks.api_version or VERSION}"
    return f"{version}/{_make_resource_name(target.model)}:{method}"


def make_list_request(target: Target) -> Request:
    """Make the request for the list of models."""
    before, found, _ = target.provider.base_url.partition(PUBLISHERS)
    origin = before.partition("/projects/")[0] if found else None
    return make_get(make_page_path(target), origin=origin)


def make_page_path(target: Target, token: str = "") -> str:
    """Make the path of one page of the list; the first without a token."""
    _, found, publisher = target.provider.base_url.partition(PUBLISHERS)
    if found:
        path, size = f"{PUBLISHERS}{publisher}/models", ""
    else:
        path, size = f"/{target.quirks.api_version or VERSION}/models", "pageSize=1000"
    query = "&".join(filter(None, (size, f"pageToken={quote(token, safe='')}" if token else "")))
    return f"{path}?{query}" if query else path


def _make_resource_name(model: str) -> str:
    """`models/...` unless the name says another collection (tuned models); users may write the prefix or not."""
    collection, _, rest = model.partition("/")
    if rest and collection in {"models", "tunedModels"}:
        return f"{collection}/{quote(rest, safe='')}"
    return f"models/{quote(model, safe='')}"
