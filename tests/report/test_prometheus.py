"""What is asked of a Prometheus, and what is made of its answers; a real one answers in tests/end_to_end."""

from collections.abc import Sequence

import pytest

from exporter.errors import UsageError
from exporter.report.prometheus import Sample, from_prometheus, prometheus
from tests.fakes.script import reply
from tests.fakes.server import FakeServer

GPT = {"provider": "openai", "model": "gpt-4o"}
ANSWERS = {
    "ai_api_requests_total": [Sample(GPT, 9.98), Sample({**GPT, "model": "idle"}, 0.0)],
    "ai_api_errors_total": [Sample({**GPT, "error_type": "auth"}, 1.0), Sample({**GPT, "error_type": "dns"}, 0.0)],
    "ai_api_request_duration_seconds_sum": [Sample(GPT, 18.0)],
    "ai_api_request_duration_seconds_count": [Sample(GPT, 9.0)],
    "histogram_quantile": [Sample(GPT, float("nan"))],
    'token_type="input"': [Sample(GPT, 90.0)],
    "ai_api_check_info": [Sample({**GPT, "alias": "best-of-all"}, 1.0)],
}


def answers(promql: str) -> Sequence[Sample]:
    names = [name for name in ANSWERS if name in promql]
    return ANSWERS["histogram_quantile" if "histogram_quantile" in names else names[0]] if names else []


def test_figures_are_made_of_the_answers() -> None:
    (found,) = from_prometheus(answers, 3600.0)
    assert (found.provider, found.model, found.alias) == ("openai", "gpt-4o", "best-of-all")
    assert (found.requests, found.errors, found.mean, found.p95) == (10, {"auth": 1}, 2.0, None)
    assert (found.input, found.output, found.cost, found.first_token) == (90, 0, None, None)


def test_an_address_that_is_none() -> None:
    with pytest.raises(UsageError, match="write it like http://localhost:9090"):
        prometheus("file:///etc/passwd")


async def test_an_answer_that_is_none() -> None:
    async with FakeServer(lambda _: reply(b"not found", 404)) as server:
        url = server.url
    with pytest.raises(UsageError, match="gave no answer"):
        prometheus(url)("up")
