"""`/probe` over a real connection: what is run, how long it may take, what is answered and what refused."""

from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families
from yarl import URL

from exporter.core.exchange import SentRequest
from exporter.run.runner import OnDemandRun
from exporter.server.actions.probe import SCRAPE_TIMEOUT, read_scrape_timeout
from tests.metrics.make import check, failed
from tests.probes.samples import an_exchange
from tests.server.door import Runs, world_with
from tests.server.running import serving

CHECKS = (check(), check("meta/llama-3.1"), check("o3", "canary"))


@pytest.mark.parametrize(
    ("query", "run"),
    [
        pytest.param("target=openai/gpt-4o&probe=chat", "openai/gpt-4o/chat", id="target and probe"),
        pytest.param("target=openai/meta/llama-3.1&probe=chat", "openai/meta/llama-3.1/chat", id="a raw slash"),
        pytest.param("target=openai%2Fmeta%2Fllama-3.1", "openai/meta/llama-3.1/chat", id="an encoded slash"),
        pytest.param("target=openai/o3", "openai/o3/canary", id="without a probe"),
        pytest.param("debug=false&target=openai/gpt-4o", "openai/gpt-4o/chat", id="not in debug"),
    ],
)
async def test_a_check_is_run_and_its_last_run_shown(query: str, run: str) -> None:
    runs = Runs()
    # As written: a client may else put a raw slash for an encoded one.
    url = URL(f"/probe?{query}", encoded=True)
    async with serving(world_with(CHECKS, runs)) as session, session.get(url) as response:
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        families = {each.name: each for each in text_string_to_metric_families(await response.text())}
    assert [each.id for each in runs.checks] == [run]
    (success,) = families["ai_api_probe_success"].samples
    assert success.value == 1
    assert "/".join(success.labels[name] for name in ("provider", "model", "probe")) == run


async def test_a_failure_is_answered_with_200() -> None:
    runs = Runs(OnDemandRun(outcome=failed(), exchanges=()))
    async with serving(world_with(CHECKS, runs)) as session, session.get("/probe?target=openai/gpt-4o") as response:
        assert response.status == 200
        assert 'ai_api_probe_success{provider="openai",model="gpt-4o",probe="chat"} 0' in await response.text()


async def test_openmetrics_for_those_who_take_it() -> None:
    accept = {"Accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"}
    async with (
        serving(world_with(CHECKS, Runs())) as session,
        session.get("/probe?target=openai/gpt-4o", headers=accept) as response,
    ):
        assert response.content_type == "application/openmetrics-text"
        assert (await response.text()).endswith("# EOF\n")


@pytest.mark.parametrize(
    ("query", "status", "sentence"),
    [
        pytest.param("", 400, "the target is missing", id="nothing"),
        pytest.param("target=", 400, "the target is missing", id="an empty target"),
        pytest.param("probe=chat", 400, "the target is missing", id="no target"),
        pytest.param("target=openai/gpt-4o&module=chat", 400, "each once", id="a word of another exporter"),
        pytest.param("target=openai/gpt-4o&target=openai/o3", 400, "each once", id="two targets"),
        pytest.param("target=openai/gpt-4o&debug=yes", 400, "neither true nor false", id="a strange debug"),
        pytest.param("target=openai/gpt-9", 404, "no such target", id="an unknown model"),
        pytest.param("target=http://127.0.0.1:22/", 404, "no such target", id="an address"),
        pytest.param("target=openai/gpt-4o&probe=tools", 404, "it has: chat", id="an unknown probe"),
        pytest.param("target=%3Cscript%3E", 404, "no such target", id="markup"),
    ],
)
async def test_what_is_not_configured_is_refused_in_a_sentence(query: str, status: int, sentence: str) -> None:
    runs = Runs()
    async with serving(world_with(CHECKS, runs)) as session, session.get(f"/probe?{query}") as response:
        text = await response.text()
        assert (response.status, response.content_type) == (status, "text/plain")
    assert sentence in text
    assert text.count("\n") == 1
    assert "script" not in text
    assert runs.checks == []


async def test_what_the_budget_refuses_is_429() -> None:
    world = world_with(CHECKS, Runs(refusal="the share of on-demand runs is used up until midnight"))
    async with serving(world) as session, session.get("/probe?target=openai/gpt-4o") as response:
        assert response.status == 429
        assert await response.text() == "the share of on-demand runs is used up until midnight\n"


@pytest.mark.parametrize(
    ("header", "total"),
    [
        pytest.param("10", 9.5, id="less than the check's own"),
        pytest.param("60", 30, id="more than the check's own"),
        pytest.param("0.4", 0.2, id="less than the offset"),
        pytest.param(None, 30, id="not told"),
    ],
)
async def test_the_run_ends_before_the_scrape_does(header: str | None, total: float) -> None:
    runs = Runs()
    headers = {} if header is None else {SCRAPE_TIMEOUT: header}
    async with (
        serving(world_with(CHECKS, runs)) as session,
        session.get("/probe?target=openai/gpt-4o", headers=headers) as response,
    ):
        assert response.status == 200
    assert runs.checks[0].deadlines.total == total


@pytest.mark.parametrize("header", ["", "soon", "0", "-1", "nan", "inf"])
async def test_a_strange_scrape_timeout_is_refused(header: str) -> None:
    async with (
        serving(world_with(CHECKS, Runs())) as session,
        session.get("/probe?target=openai/gpt-4o", headers={SCRAPE_TIMEOUT: header}) as response,
    ):
        assert response.status == 400
        assert "not a number of seconds" in await response.text()


def test_half_a_second_is_left_for_the_answer() -> None:
    assert read_scrape_timeout("30") == 29.5


async def test_debug_shows_the_log_of_that_run() -> None:
    exchange = replace(
        an_exchange(status=500),
        sent=SentRequest(method="POST", url="https://vendor.example/v1/chat/completions", headers={}),
        sent_bytes=b'{"model": "gpt-4o"}',
        received_bytes=b"we are sorry",
    )
    runs = Runs(OnDemandRun(outcome=failed(), exchanges=(exchange,)))
    async with (
        serving(world_with(CHECKS, runs)) as session,
        session.get("/probe?target=openai/gpt-4o&debug=true") as response,
    ):
        text = await response.text()
        assert (response.status, response.content_type) == (200, "text/plain")
    assert 'ai_api_probe_success{provider="openai",model="gpt-4o",probe="chat"} 0' in text
    asked = "> POST https://vendor.example/v1/chat/completions"
    for line in ("Exchange 1 of 1", asked, '> {"model": "gpt-4o"}', "< HTTP 500", "< we are sorry"):
        assert line in text.splitlines()


@pytest.mark.parametrize("method", ["HEAD", "POST"])
async def test_only_get_runs_a_check(method: str) -> None:
    runs = Runs()
    async with (
        serving(world_with(CHECKS, runs)) as session,
        session.request(method, "/probe?target=openai/gpt-4o") as response,
    ):
        assert response.status == 405
    assert runs.checks == []
