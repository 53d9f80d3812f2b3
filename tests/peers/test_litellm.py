"""A LiteLLM proxy between us and llmock: what it passes on, what it makes of its upstream's faults, its own faults."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from exporter.core.outcome import Fault, Outcome, Reason
from tests.conformance.asking import Way, run, signs
from tests.conformance.faults import CASES, COUNTING, Case
from tests.conformance.llmock import Llmock
from tests.conformance.report import Report

CHAT = Way(dialect="openai-chat", preset="litellm", path="/v1")
RESPONSES = Way(dialect="openai-responses", preset="litellm", path="/v1")
MESSAGES = Way(dialect="anthropic-messages", preset="litellm", path="")
EMBEDDINGS = Way(dialect="openai-embeddings", preset="litellm", path="/v1")
UPSTREAMS = ("by-openai", "by-anthropic", "by-gemini")
WORDS = "^one two (.+ )fifteen sixteen$"

EXPECTED: Mapping[str, str] = {
    "400": "bad_request (us)",
    "401": "auth (gateway)",  # the gateway's key, not ours
    "402": "quota_exhausted (us)",
    "403": "permission (us)",
    "404": "model_not_found (us)",
    "408": "timeout_total (provider)",
    "413": "bad_request (us)",
    "422": "server_error (gateway)",  # this version of the proxy fails over it itself
    "429": "rate_limited (us)",
    "500": "server_error (provider)",
    "502": "server_error (provider)",
    "503": "overloaded (provider)",
    "504": "timeout_total (provider)",
    "529": "overloaded (provider)",
    "disconnect after 1 events": "server_error (provider)",
    "malformed after 0 events": "server_error (provider)",
    "malformed after 10 events": "stream_interrupted (provider)",
    "truncate after 1 events": "empty_response (provider)",
    "slow first token without an end": "timeout_first_token (provider)",
    "stall without an end": "timeout_total (provider)",
}
"""What the proxy makes of a fault behind it, by the name of llmock's case."""

FAULTS = [pytest.param(case, id=case.name) for case in CASES if case.name in EXPECTED]


@pytest.mark.parametrize("way", [pytest.param(way, id=way.dialect) for way in (CHAT, RESPONSES, MESSAGES)])
@pytest.mark.parametrize("upstream", UPSTREAMS)
async def test_answers_pass_through(  # noqa: PLR0917 (pytest passes them by name)
    litellm: str, llmock: Llmock, tmp_path: Path, report: Report, way: Way, upstream: str
) -> None:
    await llmock.script(upstream, COUNTING)
    seen: dict[str, Outcome] = {}
    for probe, tunables in {"chat": {"assert": {"regex": WORDS}}, "throughput": {}, "canary": {}}.items():
        seen[probe] = (await run(way.written(litellm, upstream, probe, **tunables), tmp_path, probe)).outcome
    told = {probe: signs(outcome) for probe, outcome in seen.items()}
    report.add("LiteLLM in front of llmock: healthy", dialect=way.dialect, upstream=upstream, **told)
    assert told == {"chat": "ok", "throughput": "ok", "canary": "assertion_failed (provider)"}
    assert seen["canary"].canary_correct is False
    assert seen["chat"].served_model == upstream
    assert seen["chat"].tokens is not None
    assert seen["chat"].tokens.output > 0


async def test_models_and_embeddings_pass_through(litellm: str, tmp_path: Path) -> None:
    listed = (await run(CHAT.written(litellm, "", "models"), tmp_path, "models")).outcome
    assert {"by-openai", "spent"} <= {model.id for model in listed.models or ()}
    asked = EMBEDDINGS.written(litellm, "embedding", "embeddings", dimensions=1536)
    embedded = (await run(asked, tmp_path, "embeddings")).outcome
    assert signs(embedded) == "ok", embedded.detail
    assert embedded.cost_usd, "the proxy tells what it cost in a header"


@pytest.mark.parametrize("case", FAULTS)
async def test_faults_behind_it_are_named(
    litellm: str, llmock: Llmock, tmp_path: Path, report: Report, case: Case
) -> None:
    await llmock.script(case.model, *case.behaviours)
    configuration = CHAT.written(litellm, case.model, case.probe, **case.tunables)
    outcome = (await run(configuration, tmp_path, case.probe)).outcome
    report.add("LiteLLM in front of llmock: faults behind it", fault=case.name, result=signs(outcome))
    assert signs(outcome) == EXPECTED[case.name], outcome.detail
    if case.name in {"429", "503"}:
        assert outcome.retry_after == 7.0


async def test_an_empty_account_of_the_gateway_is_not_ours(
    litellm: str, llmock: Llmock, tmp_path: Path, report: Report
) -> None:
    """OpenAI's own words for it arrive as a 429 of another kind; only the words tell."""
    broke = {"message": "You exceeded your current quota, please check your plan.", "code": "insufficient_quota"}
    await llmock.script("case-broke", {"type": "fail", "status": 429, **broke})
    outcome = (await run(CHAT.written(litellm, "case-broke", "chat"), tmp_path, "chat")).outcome
    report.add("LiteLLM in front of llmock: faults behind it", fault="an empty account", result=signs(outcome))
    assert signs(outcome) == "quota_exhausted (gateway)", outcome.detail


async def test_an_end_that_it_makes_up_is_seen_by_what_is_missing(
    litellm: str, llmock: Llmock, tmp_path: Path, report: Report
) -> None:
    """Cut upstream without a finish reason, the answer gets one from the proxy: only its content tells."""
    await llmock.script("case-made-up", COUNTING, {"type": "stream_fault", "kind": "truncate", "after_chunks": 5})
    plain = (await run(CHAT.written(litellm, "case-made-up", "chat"), tmp_path, "chat")).outcome
    asserted = CHAT.written(litellm, "case-made-up", "chat", **{"assert": {"regex": WORDS}})
    checked = (await run(asserted, tmp_path, "chat")).outcome
    table = "LiteLLM in front of llmock: faults behind it"
    report.add(table, fault="truncate after 5 events", result=signs(plain))
    report.add(table, fault="truncate after 5 events, content asserted", result=signs(checked))
    assert [signs(plain), signs(checked)] == ["ok", "assertion_failed (provider)"]


async def test_a_disconnect_in_the_middle_is_one_of_two(litellm: str, llmock: Llmock, tmp_path: Path) -> None:
    """Whether the proxy has begun to answer by then is a race inside it."""
    await llmock.script("case-cut", COUNTING, {"type": "stream_fault", "kind": "disconnect", "after_chunks": 10})
    outcome = (await run(CHAT.written(litellm, "case-cut", "chat"), tmp_path, "chat")).outcome
    assert outcome.reason in {Reason.STREAM_INTERRUPTED, Reason.SERVER_ERROR}


OWN = "LiteLLM: its own faults"


async def test_no_deployment_left_is_the_gateway_s_overload(
    litellm: str, llmock: Llmock, tmp_path: Path, report: Report
) -> None:
    for model, status in (("case-503", 503), ("case-500", 500)):
        await llmock.script(model, {"type": "fail", "status": status})
    asked = CHAT.written(litellm, "twice", "chat")
    outcomes = [(await run(asked, tmp_path, "chat")).outcome for _ in range(4)]
    report.add(OWN, fault="no deployment left", result=signs(outcomes[-1]))
    assert signs(outcomes[-1]) == "overloaded (gateway)", outcomes[-1].detail
    assert "No deployments available" in outcomes[-1].detail
    assert outcomes[0].blamed is Fault.PROVIDER


async def test_a_budget_that_is_spent_is_a_quota(litellm: str, tmp_path: Path, report: Report) -> None:
    asked = CHAT.written(litellm, "spent", "chat", stream=False)
    first, second = [(await run(asked, tmp_path, "chat")).outcome for _ in range(2)]
    report.add(OWN, fault="its budget for a deployment is spent", result=signs(second))
    assert [signs(first), signs(second)] == ["ok", "quota_exhausted (us)"], second.detail


async def test_a_wrong_key_is_ours(litellm: str, tmp_path: Path, report: Report) -> None:
    wrong = replace(CHAT, settings={"api_key": "sk-wrong-0123456789"})
    outcome = (await run(wrong.written(litellm, "by-openai", "chat"), tmp_path, "chat")).outcome
    report.add(OWN, fault="a wrong key", result=signs(outcome))
    assert signs(outcome) == "auth (us)", outcome.detail


async def test_an_unknown_model_is_not_found(litellm: str, tmp_path: Path, report: Report) -> None:
    outcome = (await run(CHAT.written(litellm, "no-such-model", "chat"), tmp_path, "chat")).outcome
    report.add(OWN, fault="an unknown model", result=signs(outcome))
    assert signs(outcome) == "model_not_found (us)", outcome.detail
