"""What the headers of any answer tell, whatever the dialect: gateways put theirs before every protocol."""

from collections.abc import Mapping

from exporter.core.exchange import Event, Headroom, ServedBy, Usage
from exporter.core.target import Quirks
from exporter.dialects.fields import find_first_text
from exporter.dialects.rate_limits import read_limits
from exporter.dialects.times import read_number

REQUEST_IDS = (
    "x-request-id",  # OpenAI and most that follow it
    "request-id",  # Anthropic
    "apim-request-id",  # Azure
    "x-amzn-requestid",  # Bedrock
    "mistral-correlation-id",
    "x-generation-id",  # OpenRouter
    "x-litellm-call-id",
    "llm_provider-x-request-id",  # what LiteLLM re-exports of its upstream
    "llm_provider-request-id",
)
"""In the order in which support asks for them."""

CACHE_STATUS = ("x-openrouter-cache-status", "cf-aig-cache-status", "x-portkey-cache-status", "helicone-cache")
"""Headers that say HIT when the whole answer came from a gateway's response cache."""

GATEWAYS = (
    "x-litellm-",
    "x-portkey-",
    "x-openrouter-",
    "x-oneapi-request-id",  # one-api, new-api
    "cf-aig-",  # Cloudflare's AI gateway
    "helicone-",
)
"""How headers begin that only a gateway sends."""

LITELLM_UPSTREAM = ("x-litellm-model-name", "x-litellm-model-id")
"""The upstream's model as LiteLLM routes to it; older versions tell only a hash of the deployment."""

LITELLM_CACHED = "x-litellm-cache-key"
"""LiteLLM documents this header as present on cache hits only."""


def read_response_headers(headers: Mapping[str, str], now: float, quirks: Quirks) -> tuple[Event, ...]:
    """Read request id, upstream, response cache, the gateway's cost and headroom; header names are lower-case."""
    events: list[Event] = []
    served = ServedBy(
        upstream=find_first_text(headers.get(name) for name in LITELLM_UPSTREAM) or None,
        request_id=find_first_text(headers.get(name) for name in REQUEST_IDS) or None,
        cached=_is_cached(headers),
        gateway=any(name.startswith(GATEWAYS) for name in headers),
    )
    if served != ServedBy():
        events.append(served)
    cost = _read_cost(headers)
    if cost is not None:
        events.append(Usage(None, cost_usd=cost))
    limits = read_limits(headers, now, quirks.requests_window)
    if limits:
        events.append(Headroom(limits))
    return tuple(events)


def _is_cached(headers: Mapping[str, str]) -> bool:
    if headers.get(LITELLM_CACHED):
        return True
    return any(headers.get(name, "").strip().lower() == "hit" for name in CACHE_STATUS)


def _read_cost(headers: Mapping[str, str]) -> float | None:
    """LiteLLM's price of this answer in US dollars. On a stream the header is written before the price is known."""
    if headers.get("content-type", "").startswith("text/event-stream"):
        return None
    cost = read_number(headers.get("x-litellm-response-cost", ""))
    return cost if cost is not None and cost >= 0 else None
