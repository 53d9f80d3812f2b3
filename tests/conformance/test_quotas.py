"""Real quotas, counted by llmock per vendor and key: headroom falls from answer to answer, then there is none."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from exporter.core.outcome import Limit, Outcome
from tests.conformance.asking import Way, run, signs
from tests.conformance.llmock import Llmock, running_llmock
from tests.conformance.report import Report
from tests.conformance.ways import MAIN

REQUESTS, TOKENS = 3, 1000
TELLING = [way for way in MAIN if way.dialect in {"openai-chat", "anthropic-messages"}]
"""One way per family of headers; llmock counts a vendor's dialects together."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bounded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Llmock]:
    words = ("--rpm", str(REQUESTS), "--tpm", str(TOKENS))
    async with running_llmock(tmp_path_factory.mktemp("bounded"), *words) as started:
        yield started


def limit(outcome: Outcome, resource: str) -> Limit:
    """What one answer told of one resource per minute."""
    (found,) = [each for each in outcome.limits if (each.resource, each.window) == (resource, "minute")]
    return found


@pytest.mark.parametrize("way", [pytest.param(way, id=way.dialect) for way in TELLING])
async def test_headroom_falls_until_there_is_none(bounded: Llmock, tmp_path: Path, report: Report, way: Way) -> None:
    configuration = way.written(bounded.url, "a-model", "chat")
    outcomes = [(await run(configuration, tmp_path, "chat")).outcome for _ in range(REQUESTS + 1)]
    report.add("llmock: quotas", dialect=way.dialect, results=", ".join(map(signs, outcomes)))
    assert [signs(each) for each in outcomes] == ["ok"] * REQUESTS + ["rate_limited (us)"]
    told = [limit(each, "requests") for each in outcomes]
    assert [each.limit for each in told] == [REQUESTS] * (REQUESTS + 1)
    assert [each.remaining for each in told] == [2, 1, 0, 0]
    assert limit(outcomes[0], "tokens").limit == TOKENS
    last = outcomes[-1]
    assert last.retry_after is not None
    assert 0 < last.retry_after <= 60 / REQUESTS
    reset = told[0].reset_at
    assert reset is not None
    assert abs(reset - outcomes[0].started_at) < 60


@pytest.mark.parametrize("way", [pytest.param(way, id=way.dialect) for way in MAIN])
async def test_more_tokens_than_there_are_is_a_rate_limit(bounded: Llmock, tmp_path: Path, way: Way) -> None:
    keyed = Way(dialect=way.dialect, preset=way.preset, path=way.path, settings={"api_key": f"sk-{way.dialect}"})
    configuration = keyed.written(bounded.url, "a-model", "throughput", tokens=4096)
    outcome = (await run(configuration, tmp_path, "throughput")).outcome
    assert signs(outcome) == "rate_limited (us)"
    assert outcome.retry_after is not None
