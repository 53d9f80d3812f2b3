"""A healthy llmock passes every probe in every dialect, streamed or not."""

from pathlib import Path

import pytest

from tests.conformance.asking import Way, run, signs
from tests.conformance.faults import COUNTING
from tests.conformance.llmock import Llmock
from tests.conformance.report import Report
from tests.conformance.ways import EMBEDDINGS, MAIN, RELATED

TABLE = "llmock: healthy"
WITHOUT = {
    ("cohere-chat", "models"): "llmock has Cohere's list at another path than Cohere",
    ("anthropic-messages", "json"): "llmock knows only the older name of Anthropic's structured output",
}
PROBES = ("models", "chat", "throughput", "tools", "json")
HEALTHY = [
    pytest.param(way, probe, id=f"{way.preset} {way.dialect} {probe}")
    for way in (*MAIN, *RELATED)
    for probe in PROBES
    if (way.dialect, probe) not in WITHOUT
]


@pytest.mark.parametrize(("way", "probe"), HEALTHY)
async def test_each_probe_passes(llmock: Llmock, tmp_path: Path, report: Report, way: Way, probe: str) -> None:
    outcome = (await run(way.written(llmock.url, "a-model", probe), tmp_path, probe)).outcome
    report.add(TABLE, preset=way.preset, dialect=way.dialect, probe=probe, result=signs(outcome))
    assert (signs(outcome), outcome.http_status) == ("ok", 200)
    if probe == "models":
        assert outcome.models
    elif way.dialect != "cohere-chat":
        assert outcome.served_model == "a-model"


@pytest.mark.parametrize("way", [pytest.param(way, id=way.dialect) for way in MAIN])
@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
async def test_an_answer_is_read_whole(llmock: Llmock, tmp_path: Path, way: Way, *, stream: bool) -> None:
    await llmock.script("counter", COUNTING)
    configuration = way.written(
        llmock.url, "counter", "chat", stream=stream, **{"assert": {"regex": "^one two (.+ )fifteen sixteen$"}}
    )
    outcome = (await run(configuration, tmp_path, "chat")).outcome
    assert signs(outcome) == "ok", outcome.detail
    assert outcome.tokens is not None
    assert outcome.tokens.output == len(COUNTING["text"]) // 4, "which is how llmock counts"
    assert outcome.tokens.input > 0
    assert not outcome.flags
    assert (outcome.timing.per_output_token is not None) == stream


@pytest.mark.parametrize("way", [pytest.param(way, id=way.dialect) for way in MAIN])
async def test_a_right_sum_is_right(llmock: Llmock, tmp_path: Path, way: Way) -> None:
    """With nothing drawn the canary asks for 101 + 101."""
    await llmock.script("calculator", {"type": "reply", "text": "101 + 101 = 202"})
    configuration = way.written(llmock.url, "calculator", "canary")
    outcome = (await run(configuration, tmp_path, "canary", source=lambda _: 0)).outcome
    assert (signs(outcome), outcome.canary_correct) == ("ok", True)


async def test_embeddings_are_vectors(llmock: Llmock, tmp_path: Path, report: Report) -> None:
    configuration = EMBEDDINGS.written(llmock.url, "text-embedding-3-small", "embeddings", dimensions=1536)
    outcome = (await run(configuration, tmp_path, "embeddings")).outcome
    report.add(TABLE, preset="openai", dialect="openai-embeddings", probe="embeddings", result=signs(outcome))
    assert signs(outcome) == "ok", outcome.detail
    shorter = EMBEDDINGS.written(llmock.url, "text-embedding-3-small", "embeddings", dimensions=256)
    assert signs((await run(shorter, tmp_path, "embeddings")).outcome) == "assertion_failed (provider)"
