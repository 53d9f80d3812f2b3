"""What is asked of a Prometheus, and what is made of its answers; a real one answers in tests/end_to_end."""

import asyncio
from collections.abc import Sequence

import pytest

from exporter.commands.http_client import HttpClient
from exporter.core.errors import UsageError
from exporter.report.prometheus import Sample, connect_prometheus, read_figures
from tests.fakes.script import Script, reply
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
    (found,) = read_figures(answers, 3600.0)
    assert (found.provider, found.model, found.alias) == ("openai", "gpt-4o", "best-of-all")
    assert (found.requests, found.errors, found.mean, found.p95) == (10, {"auth": 1}, 2.0, None)
    assert (found.input, found.output, found.cost, found.first_token) == (90, 0, None, None)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        pytest.param("file:///etc/passwd", "write it like http://localhost:9090", id="a file"),
        pytest.param("http://me:a-secret@localhost:9090", "without a user name", id="a password"),
        pytest.param("http://localhost:port", "http://localhost:port is not the address of a Prometheus", id="no port"),
        pytest.param("http://[::1", "is not the address of a Prometheus", id="half an address"),
    ],
)
def test_an_address_that_is_none(address: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as told:
        connect_prometheus(address, HttpClient().get)("up")
    assert "a-secret" not in str(told.value)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        pytest.param(reply(b"not found", 404), "gave no answer: Not Found", id="an error"),
        pytest.param(reply(b'{"data"'), "what answers there is no Prometheus", id="half of it"),
        pytest.param(reply(b"{}"), "what answers there is no Prometheus", id="another object"),
        pytest.param(reply(b"[]"), "what answers there is no Prometheus", id="a list"),
        pytest.param(reply(b'{"data": {"result": [1, "2"]}}'), "what answers there is no Prometheus", id="a number"),
    ],
)
async def test_an_answer_that_is_none(script: Script, said: str) -> None:
    async with FakeServer(lambda _: script) as server:
        with pytest.raises(UsageError, match=said):
            await asyncio.to_thread(connect_prometheus(server.url, HttpClient().get), "up")


async def test_nobody_there() -> None:
    async with FakeServer(lambda _: reply(b"")) as server:
        url = server.url
    with pytest.raises(UsageError, match=r"gave no answer: .*refused"):
        connect_prometheus(url, HttpClient().get)("up")


async def test_a_server_that_does_not_speak_http() -> None:
    def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0\r\n")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(UsageError, match=r"gave no answer: SSH-2\.0$"):
            await asyncio.to_thread(connect_prometheus(url, HttpClient().get), "up")
