"""What headers tell: request ids, response caches, a gateway's cost and upstream."""

import pytest

from exporter.core.exchange import Event, Headroom, ServedBy, Usage
from exporter.core.outcome import Limit
from exporter.core.target import Quirks
from exporter.dialects.response_headers import read_response_headers

NOW = 1_763_899_200.0
CALL = {"x-litellm-call-id": "c1"}
GATEWAY = ServedBy(gateway=True)
CACHED = ServedBy(cached=True, gateway=True)


@pytest.mark.parametrize(
    ("headers", "events"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"x-request-id": "req_1"}, [ServedBy(request_id="req_1")], id="OpenAI's request id"),
        pytest.param({"request-id": "req_1"}, [ServedBy(request_id="req_1")], id="Anthropic's"),
        pytest.param(
            {"apim-request-id": "a", "x-request-id": "x"},
            [ServedBy(request_id="x")],
            id="Azure's second where OpenAI's is there",
        ),
        pytest.param({"x-amzn-requestid": "a"}, [ServedBy(request_id="a")], id="Bedrock's"),
        pytest.param({"mistral-correlation-id": "m"}, [ServedBy(request_id="m")], id="Mistral's"),
        pytest.param({"x-generation-id": "gen-1"}, [ServedBy(request_id="gen-1")], id="OpenRouter's"),
        pytest.param(
            {**CALL, "llm_provider-x-request-id": "r"},
            [ServedBy(request_id="c1", gateway=True)],
            id="LiteLLM's before its upstream's",
        ),
        pytest.param({"llm_provider-request-id": "r"}, [ServedBy(request_id="r")], id="an upstream's alone"),
        pytest.param(
            {**CALL, "x-litellm-model-id": "azure-eu"},
            [ServedBy(request_id="c1", upstream="azure-eu", gateway=True)],
            id="LiteLLM's deployment",
        ),
        pytest.param(
            {**CALL, "x-litellm-model-id": "586b", "x-litellm-model-name": "azure/gpt-4o"},
            [ServedBy(request_id="c1", upstream="azure/gpt-4o", gateway=True)],
            id="LiteLLM's upstream by its name",
        ),
        pytest.param({"x-oneapi-request-id": "20261201"}, [GATEWAY], id="new-api's own request"),
        pytest.param(
            {**CALL, "x-litellm-cache-key": "586b"},
            [ServedBy(request_id="c1", cached=True, gateway=True)],
            id="LiteLLM's cache",
        ),
        pytest.param({"x-openrouter-cache-status": "HIT"}, [CACHED], id="OpenRouter's cache"),
        pytest.param({"cf-aig-cache-status": "HIT"}, [CACHED], id="Cloudflare's cache"),
        pytest.param({"x-portkey-cache-status": " hit"}, [CACHED], id="Portkey's cache"),
        pytest.param({"helicone-cache": "HIT"}, [CACHED], id="Helicone's cache"),
        pytest.param({"cf-aig-cache-status": "MISS", "x-litellm-cache-key": ""}, [GATEWAY], id="a miss"),
        pytest.param({"cf-cache-status": "DYNAMIC", "age": "3"}, [], id="a delivery network is no response cache"),
        pytest.param(
            {"x-litellm-response-cost": "1.2e-05"},
            [GATEWAY, Usage(None, cost_usd=1.2e-05)],
            id="LiteLLM's cost",
        ),
        pytest.param({"x-litellm-response-cost": "0.0"}, [GATEWAY, Usage(None, cost_usd=0.0)], id="a free answer"),
        pytest.param({"x-litellm-response-cost": "None"}, [GATEWAY], id="a cost it does not know"),
        pytest.param({"x-litellm-response-cost": "-1"}, [GATEWAY], id="a cost that is none"),
        pytest.param(
            {"x-litellm-response-cost": "0.0", "content-type": "text/event-stream; charset=utf-8"},
            [GATEWAY],
            id="a cost on a stream cannot be known yet",
        ),
        pytest.param(
            {"x-ratelimit-remaining-requests": "9", "x-request-id": "r"},
            [
                ServedBy(request_id="r"),
                Headroom((Limit(resource="requests", window="day", remaining=9),)),
            ],
            id="headroom, in the provider's own window",
        ),
    ],
)
def test_headers(headers: dict[str, str], events: list[Event]) -> None:
    assert list(read_response_headers(headers, NOW, Quirks(requests_window="day"))) == events
