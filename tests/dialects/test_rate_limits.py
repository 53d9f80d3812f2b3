"""Rate-limit headroom: every family of headers, and no sentinel ever."""

import pytest

from exporter.core.outcome import Limit
from exporter.dialects.rate_limits import FAMILIES, read_limits

NOW = 1_763_899_200.0  # 2025-11-23T12:00:00Z


def limit(resource: str, window: str, *told: float | None) -> Limit:
    """A limit from limit, remaining and seconds until it resets."""
    most, left, reset = told
    return Limit(
        resource=resource,
        window=window,
        limit=most,
        remaining=left,
        reset_at=None if reset is None else pytest.approx(NOW + reset, abs=1e-3),  # type: ignore[arg-type]  # compares as a float
    )


VENDORS = [
    pytest.param(
        {
            "x-ratelimit-limit-requests": "500",
            "x-ratelimit-remaining-requests": "499",
            "x-ratelimit-reset-requests": "120ms",
            "x-ratelimit-limit-tokens": "200000",
            "x-ratelimit-remaining-tokens": "199982",
            "x-ratelimit-reset-tokens": "6m0s",
            "x-ratelimit-limit-project-tokens": "1000000",
            "x-ratelimit-remaining-project-tokens": "999000",
            "x-ratelimit-reset-project-tokens": "1s",
        },
        [
            limit("requests", "minute", 500, 499, 0.12),
            limit("tokens", "minute", 200_000, 199_982, 360),
            limit("project_tokens", "minute", 1_000_000, 999_000, 1),
        ],
        id="OpenAI",
    ),
    pytest.param(
        {
            "anthropic-ratelimit-requests-limit": "50",
            "anthropic-ratelimit-requests-remaining": "49",
            "anthropic-ratelimit-requests-reset": "2025-11-23T12:00:01Z",
            "anthropic-ratelimit-tokens-limit": "60000",
            "anthropic-ratelimit-tokens-remaining": "60000",
            "anthropic-ratelimit-tokens-reset": "2025-11-23T12:00:00Z",
            "anthropic-ratelimit-input-tokens-limit": "50000",
            "anthropic-ratelimit-input-tokens-remaining": "50000",
            "anthropic-ratelimit-input-tokens-reset": "2025-11-23T12:00:00Z",
            "anthropic-ratelimit-output-tokens-limit": "10000",
            "anthropic-ratelimit-output-tokens-remaining": "9000",
            "anthropic-ratelimit-output-tokens-reset": "2025-11-23T12:00:06Z",
            "anthropic-priority-input-tokens-limit": "10000",
            "anthropic-priority-input-tokens-remaining": "9618",
            "anthropic-priority-input-tokens-reset": "2025-11-23T12:00:30Z",
            "anthropic-priority-output-tokens-limit": "1000",
            "anthropic-priority-output-tokens-remaining": "900",
        },
        [
            limit("requests", "minute", 50, 49, 1),
            limit("tokens", "minute", 60_000, 60_000, 0),
            limit("input_tokens", "minute", 50_000, 50_000, 0),
            limit("output_tokens", "minute", 10_000, 9_000, 6),
            limit("priority_input_tokens", "minute", 10_000, 9_618, 30),
            limit("priority_output_tokens", "minute", 1_000, 900, None),
        ],
        id="Anthropic",
    ),
    pytest.param(
        {
            "x-ratelimit-limit-requests": "250",
            "x-ratelimit-remaining-requests": "249",
            "x-ratelimit-limit-tokens": "250000",
            "x-ratelimit-remaining-tokens": "249900",
            "x-ratelimit-reset-tokens": "37",
        },
        [limit("requests", "minute", 250, 249, None), limit("tokens", "minute", 250_000, 249_900, 37)],
        id="Azure",
    ),
    pytest.param(
        {
            "x-ratelimit-limit-tokens-minute": "5000000",
            "x-ratelimit-remaining-tokens-minute": "4999948",
            "x-ratelimit-tokens-query-cost": "52",
            "x-ratelimit-limit-req-minute": "720",
            "x-ratelimit-remaining-req-minute": "719",
            "x-ratelimit-limit-tokens-month": "10000000000",
            "x-ratelimit-remaining-tokens-month": "9999999948",
            "x-ratelimit-reset-tokens-month": "604800",
        },
        [
            limit("requests", "minute", 720, 719, None),
            limit("tokens", "minute", 5_000_000, 4_999_948, None),
            limit("tokens", "month", 10_000_000_000, 9_999_999_948, 604_800),
        ],
        id="Mistral",
    ),
    pytest.param(
        {
            "x-ratelimit-limit-requests-day": "14400",
            "x-ratelimit-remaining-requests-day": "14399",
            "x-ratelimit-reset-requests-day": "33011.38",
            "x-ratelimit-limit-tokens-minute": "60000",
            "x-ratelimit-remaining-tokens-minute": "59000",
            "x-ratelimit-reset-tokens-minute": "11.4",
        },
        [limit("requests", "day", 14_400, 14_399, 33_011.38), limit("tokens", "minute", 60_000, 59_000, 11.4)],
        id="Cerebras",
    ),
    pytest.param(
        {
            "x-ratelimit-limit-requests": "600",
            "x-ratelimit-remaining-requests": "599",
            "x-ratelimit-limit-tokens-prompt": "60000",
            "x-ratelimit-remaining-tokens-prompt": "59000",
            "x-ratelimit-limit-tokens-generated": "6000",
            "x-ratelimit-remaining-tokens-generated": "5990",
        },
        [
            limit("requests", "minute", 600, 599, None),
            limit("input_tokens", "minute", 60_000, 59_000, None),
            limit("output_tokens", "minute", 6_000, 5_990, None),
        ],
        id="Fireworks",
    ),
    pytest.param(
        {"x-ratelimit-reset": "1763899230"},
        [limit("requests", "minute", None, None, 30)],
        id="Cohere, limited: the moment it resets",
    ),
    pytest.param(
        {
            "x-trial-endpoint-call-limit": "20",
            "x-trial-endpoint-call-remaining": "7",
            "x-ratelimit-reset": "1763899230",
        },
        [limit("requests", "minute", 20, 7, 30)],
        id="Cohere, a limited trial key",
    ),
    pytest.param(
        {
            "x-trial-endpoint-call-limit": "20",
            "x-trial-endpoint-call-remaining": "7",
            "x-endpoint-monthly-call-limit": "1000",
        },
        [limit("requests", "minute", 20, 7, None), limit("requests", "month", 1_000, None, None)],
        id="Cohere, a trial key",
    ),
    pytest.param(
        {"x-ratelimit-limit": "20", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1763899260000"},
        [limit("requests", "minute", 20, 0, 60)],
        id="OpenRouter",
    ),
    pytest.param(
        {
            "llm_provider-x-ratelimit-limit-requests": "500",
            "llm_provider-x-ratelimit-remaining-requests": "499",
            "llm_provider-anthropic-ratelimit-input-tokens-remaining": "1000",
            "x-litellm-key-rpm-limit": "60",
            "x-litellm-key-tpm-limit": "None",
        },
        [
            limit("key_requests", "minute", 60, None, None),
            limit("requests", "minute", 500, 499, None),
            limit("input_tokens", "minute", None, 1_000, None),
        ],
        id="LiteLLM, with what it re-exports",
    ),
    pytest.param(
        {
            "x-ratelimit-remaining-requests": "9",
            "llm_provider-x-ratelimit-remaining-requests": "499",
            "llm_provider-x-ratelimit-remaining-tokens": "100",
        },
        [limit("requests", "minute", None, 9, None), limit("tokens", "minute", None, 100, None)],
        id="the gateway's own goes before what it re-exports",
    ),
    pytest.param({"content-type": "application/json", "x-request-id": "r"}, [], id="Gemini, DeepSeek: nothing"),
]


@pytest.mark.parametrize(("headers", "limits"), VENDORS)
def test_families(headers: dict[str, str], limits: list[Limit]) -> None:
    assert list(read_limits(headers, NOW)) == limits


def test_groq_counts_requests_by_the_day() -> None:
    headers = {
        "x-ratelimit-limit-requests": "14400",
        "x-ratelimit-remaining-requests": "14370",
        "x-ratelimit-reset-requests": "2m59.56s",
        "x-ratelimit-limit-tokens": "18000",
        "x-ratelimit-remaining-tokens": "17997",
        "x-ratelimit-reset-tokens": "7.66s",
    }
    assert list(read_limits(headers, NOW, requests_window="day")) == [
        limit("requests", "day", 14_400, 14_370, 179.56),
        limit("tokens", "minute", 18_000, 17_997, 7.66),
    ]


def test_together_counts_by_the_second() -> None:
    headers = {
        "x-ratelimit-limit": "10",
        "x-ratelimit-remaining": "9",
        "x-ratelimit-reset": "1",
        "x-tokenlimit-limit": "3000",
        "x-tokenlimit-remaining": "2900",
        "x-tokenlimit-reset": "1",
    }
    assert list(read_limits(headers, NOW, requests_window="second")) == [
        limit("requests", "second", 10, 9, 1),
        limit("tokens", "second", 3_000, 2_900, 1),
    ]


@pytest.mark.parametrize(
    ("most", "left"),
    [
        pytest.param("-1", "0", id="Azure's unknown limit with nothing left"),
        pytest.param("1000", "-1", id="an unknown rest"),
        pytest.param("0", "0", id="no limit at all"),
        pytest.param("2147483647", "2147483647", id="the largest integer of 32 bits"),
        pytest.param("4294967295", "1", id="the same without sign"),
        pytest.param("9223372036854775807", "9223372036854775807", id="the largest integer of 64 bits"),
        pytest.param("1e18", "1e18", id="absurd"),
        pytest.param("None", "", id="words"),
        pytest.param("nan", "inf", id="not numbers"),
    ],
)
def test_sentinels_are_nothing(most: str, left: str) -> None:
    headers = {"x-ratelimit-limit-tokens": most, "x-ratelimit-remaining-tokens": left}
    assert read_limits(headers, NOW) == ()


@pytest.mark.parametrize("reset", ["-1", "0001-01-01T00:00:00Z", "9223372036854775807", "soon", ""])
def test_a_reset_that_is_none_leaves_the_rest(reset: str) -> None:
    headers = {"x-ratelimit-remaining-tokens": "5", "x-ratelimit-reset-tokens": reset}
    assert read_limits(headers, NOW) == (Limit(resource="tokens", window="minute", remaining=5),)


def test_nothing_left_is_told() -> None:
    assert read_limits({"x-ratelimit-remaining-requests": "0"}, NOW) == (
        Limit(resource="requests", window="minute", remaining=0),
    )


def test_each_amount_belongs_to_one_family() -> None:
    names = [name for family in FAMILIES for name in (family.limit, family.remaining) if name]
    assert len(names) == len(set(names))
