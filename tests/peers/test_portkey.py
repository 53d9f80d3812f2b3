"""Portkey's gateway between us and llmock: whose fault a failure is, and what its own failures look like."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.conformance.asking import Way, run, signs
from tests.conformance.faults import COUNTING
from tests.conformance.llmock import Llmock
from tests.conformance.report import Report, report_of
from tests.parts.process import free_port
from tests.peers.portkey import portkey_version, route_to, running_portkey

TABLE = "Portkey in front of llmock"
BROKE = {"message": "You exceeded your current quota, please check your plan.", "code": "insufficient_quota"}
UPSTREAM: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "healthy": (COUNTING, "ok"),
    "401": ({"type": "fail", "status": 401}, "auth (us)"),  # it passes our own key on
    "429": ({"type": "fail", "status": 429}, "rate_limited (us)"),
    "429, the account is empty": ({"type": "fail", "status": 429, **BROKE}, "quota_exhausted (us)"),
    "500": ({"type": "fail", "status": 500}, "server_error (provider)"),
    "529": ({"type": "fail", "status": 529}, "overloaded (provider)"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def portkey(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> AsyncIterator[str]:
    report_of(pytestconfig).part("Portkey gateway", portkey_version())
    async with running_portkey(tmp_path_factory.mktemp("portkey")) as address:
        yield address


def make_way(headers: Mapping[str, str]) -> Way:
    settings = {"kind": "gateway", "headers": dict(headers)}
    return Way(dialect="openai-chat", preset="openai-compatible", path="/v1", settings=settings)


@pytest.mark.parametrize("name", UPSTREAM)
async def test_what_its_upstream_says(portkey: str, llmock: Llmock, tmp_path: Path, report: Report, name: str) -> None:
    behaviour, expected = UPSTREAM[name]
    model = f"portkey-{len(name)}-{name[:3]}"
    await llmock.script(model, behaviour)
    way = make_way(route_to(f"{llmock.url}/v1"))
    outcome = (await run(way.written(portkey, model, "chat"), tmp_path, "chat")).outcome
    report.add(TABLE, fault=name, result=signs(outcome))
    assert signs(outcome) == expected, outcome.detail
    assert outcome.gateway


async def test_an_upstream_that_cannot_be_reached_is_the_gateways_trouble(
    portkey: str, tmp_path: Path, report: Report
) -> None:
    way = make_way(route_to(f"http://127.0.0.1:{free_port()}/v1"))
    outcome = (await run(way.written(portkey, "m", "chat"), tmp_path, "chat")).outcome
    report.add(TABLE, fault="upstream not there", result=signs(outcome))
    assert signs(outcome) == "server_error (gateway)", outcome.detail
    assert "fetch failed" in outcome.detail


async def test_a_route_that_was_not_given_is_ours(portkey: str, tmp_path: Path, report: Report) -> None:
    outcome = (await run(make_way({}).written(portkey, "m", "chat"), tmp_path, "chat")).outcome
    report.add(TABLE, fault="no route given", result=signs(outcome))
    assert signs(outcome) == "bad_request (us)", outcome.detail
    assert "x-portkey-provider" in outcome.detail
