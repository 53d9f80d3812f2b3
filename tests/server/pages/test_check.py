"""The page of one check as data: outcomes in full, runs phase by phase, failures, exchanges as text."""

from dataclasses import replace

from exporter.core.exchange import Delta, Exchange, Moments, SentRequest, Stamped
from exporter.core.health_state import State
from exporter.core.outcome import Limit, ListedModel, Phase, Reason
from exporter.results.diagnosis import Known
from exporter.results.exchange_text import SHOWN_BYTES
from exporter.results.failed_exchanges import FailedRun
from exporter.server.pages.check import (
    SHOWN_RUNS,
    CheckView,
    list_outcome_facts,
    make_check_view,
    render_exchanges,
)
from tests.metrics.make import STARTED, answered, check, failed
from tests.server.reading import known

NOW = STARTED + 60


def view(shown: Known, cost: float | None = None) -> CheckView:
    return make_check_view(*shown, NOW, cost)


def test_what_the_check_is() -> None:
    asked = replace(check(alias="4o", labels={"team": "search"}), degraded_above=3.0)
    assert view(known(asked), 0.25).facts == (
        ("provider", "openai (direct)"),
        ("model", "gpt-4o"),
        ("alias", "4o"),
        ("probe", "chat"),
        ("dialect", "openai-chat"),
        ("runs", "every 1 min, required"),
        ("degraded above", "3.00 s"),
        ("cost today", "$0.25"),
        ("team", "search"),
    )


def test_an_outcome_in_full() -> None:
    limit = Limit(resource="requests", window="minute", limit=100, remaining=97)
    facts = dict(list_outcome_facts(answered(limits=(limit,), canary_correct=True, cost_usd=0.5)))
    assert facts["reason"] == "ok: answered"
    assert facts["model that answered"] == "gpt-4o-2024-11-20"
    assert (facts["first token"], facts["per output token"]) == ("300 ms", "25 ms")
    assert (facts["tokens in"], facts["tokens out"]) == ("12 (4 cached)", "17 (3 reasoning)")
    assert (facts["canary"], facts["requests per minute"]) == ("right", "97 of 100 left")
    assert facts["cost told by the vendor"] == "$0.50"
    assert "fault" not in facts


def test_a_failure_in_full() -> None:
    facts = dict(list_outcome_facts(failed(Reason.RATE_LIMITED, retry_after=7.0, code="slow_down", models=())))
    assert facts["fault"] == "us: our side (key, quota or request)"
    assert (facts["detail"], facts["vendor's code"]) == ("the vendor is sorry", "slow_down")
    assert (facts["HTTP status"], facts["retry after"], facts["models listed"]) == ("500", "7.00 s", "0")
    assert dict(list_outcome_facts(answered(models=(ListedModel(id="a"),))))["models listed"] == "1"


def test_runs_are_shown_newest_first_phase_by_phase() -> None:
    outcomes = [answered(started_at=STARTED + n) for n in range(SHOWN_RUNS + 5)]
    shown = view(known(check(), *outcomes, failed(started_at=STARTED + 30), state=State.DOWN))
    assert len(shown.runs) == SHOWN_RUNS
    newest, before = shown.runs[:2]
    assert (newest.clock, newest.ok, newest.reason, newest.fault) == ("22:13:50", False, "server error", "provider")
    assert len(newest.phases) == len(Phase)
    assert newest.phases[list(Phase).index(Phase.FINISH)] == ""
    assert (before.ok, before.duration, before.phases[list(Phase).index(Phase.WAIT)]) == (True, "750 ms", "200 ms")


def test_failures_are_shown_newest_first_and_in_full() -> None:
    shown = view(known(check(), failed(), failed(Reason.DNS, started_at=STARTED + 30), answered()))
    assert [(each.reason, each.since) for each in shown.failures] == [
        ("the host name could not be resolved", "30 s"),
        ("server error", "1 min"),
    ]
    assert ("detail", "the vendor is sorry") in shown.failures[0].facts


def test_the_hour_and_the_day() -> None:
    shown = view(known(check(), answered(), failed()))
    assert [(share, runs) for _, _, share, runs in shown.bars] == [("50 %", 2), ("50 %", 2)]
    assert [(each.title, each.mean, each.slowest) for each in shown.courses] == [
        ("Time to first token", "300 ms", "300 ms"),
        ("Duration", "750 ms", "750 ms"),
    ]
    assert view(known(check(), failed(), state=State.DOWN)).courses == ()


def test_an_exchange_as_text() -> None:
    exchange = Exchange(
        started_at=STARTED,
        moments=Moments(),
        ended=0.5,
        status=200,
        headers={"x-request-id": "req_1"},
        events=(Stamped(0.0042, Delta("hi")),),
        sent=SentRequest(method="POST", url="https://vendor.example/v1/chat", headers={"authorization": "Bearer ***"}),
        sent_bytes=b'{"a": 1}',
        received_bytes=b"\xff" + b"y" * SHOWN_BYTES * 2,
    )
    text = render_exchanges(FailedRun(answered(), (exchange,)))
    assert text.startswith(
        "> POST https://vendor.example/v1/chat\n> authorization: Bearer ***\n>\n"
        '> {"a": 1}\n< HTTP 200\n< x-request-id: req_1\n'
    )
    assert '4.2 ms  delta: "hi"' in text
    assert text.count("y") == SHOWN_BYTES
    assert render_exchanges(FailedRun(failed(), ())) == "No exchange took place."
