"""The judgement all probes share: reason, fault and flags of one exchange."""

from dataclasses import replace
from typing import Any

import pytest

from exporter.core.ask import Complete, ListModels
from exporter.core.exchange import (
    Delta,
    Embedded,
    Exchange,
    Finish,
    Finished,
    Headroom,
    RemoteError,
    ServedBy,
    Stamped,
    Thinking,
    ToolCall,
    Usage,
)
from exporter.core.outcome import FAULTS, Failure, Fault, Flag, Limit, Outcome, Reason, Tokens
from exporter.core.target import Check, Kind, Quirks
from exporter.probes.evaluation.answer import fold_events
from exporter.probes.evaluation.judgement import judge_exchange
from tests.probes.samples import a_check, a_provider, an_exchange, at

STREAMED = Complete("hello")
WHOLE = Complete("hello", streamed=False)
STOP = Finished(Finish.STOP)
GREETING = at(0.5, Delta("hi"))
EIGHT = Usage(Tokens(input=9, output=8))


def judged(exchange: Exchange, check: Check | None = None, ask: Complete | ListModels = STREAMED) -> Outcome:
    return judge_exchange(check or a_check(), ask, exchange, fold_events(exchange.events))


class TestReason:
    @pytest.mark.parametrize(
        ("events", "reason"),
        [
            pytest.param([*GREETING, *at(0.9, STOP)], Reason.OK, id="an answer"),
            pytest.param([*GREETING, *at(0.9, Finished(Finish.LENGTH))], Reason.OK, id="an answer up to the cap"),
            pytest.param([*GREETING, *at(0.9, Finished(Finish.OTHER, "new"))], Reason.OK, id="an unknown way to stop"),
            pytest.param(at(0.5, ToolCall(0, "f", "{}"), Finished(Finish.TOOL)), Reason.OK, id="a tool call"),
            pytest.param(at(0.5, Embedded((0.1,))), Reason.OK, id="a vector"),
            pytest.param([*at(0.5, Thinking("hm")), *at(0.9, STOP)], Reason.OK, id="all thinking is alive"),
            pytest.param(
                at(0.9, STOP, Usage(Tokens(output=9, reasoning=9))), Reason.OK, id="all hidden thinking is alive"
            ),
            pytest.param(at(0.9, Finished(Finish.LENGTH)), Reason.OK, id="the cap was reached in silence"),
            pytest.param([], Reason.EMPTY_RESPONSE, id="nothing"),
            pytest.param(at(0.9, STOP), Reason.EMPTY_RESPONSE, id="an end without an answer"),
            pytest.param(at(0.9, Delta(" \n"), STOP), Reason.EMPTY_RESPONSE, id="nothing but white space"),
            pytest.param(at(0.9, Finished(Finish.FILTERED)), Reason.CONTENT_FILTERED, id="filtered"),
            pytest.param([*GREETING, *at(0.9, Finished(Finish.FILTERED))], Reason.CONTENT_FILTERED, id="filtered late"),
            pytest.param(at(0.9, Finished(Finish.REFUSED)), Reason.REFUSED, id="refused"),
            pytest.param([*GREETING, *at(0.9, Finished(Finish.ERROR))], Reason.SERVER_ERROR, id="stopped by an error"),
            pytest.param(
                [*GREETING, *at(0.9, RemoteError(Failure(reason=Reason.OVERLOADED)))],
                Reason.OVERLOADED,
                id="an error after output",
            ),
            pytest.param(
                [*GREETING, *at(0.8, RemoteError(Failure(reason=Reason.SERVER_ERROR))), *at(0.9, STOP)],
                Reason.SERVER_ERROR,
                id="an end after an error does not heal it",
            ),
        ],
    )
    def test_of_events(self, events: list[Stamped], reason: Reason) -> None:
        assert judged(an_exchange(events)).reason is reason

    @pytest.mark.parametrize("reason", set(Reason) - {Reason.OK})
    def test_a_failure_of_the_exchange_is_kept_even_after_output(self, reason: Reason) -> None:
        outcome = judged(an_exchange(GREETING, failure=Failure(reason=reason)))

        assert outcome.reason is reason
        assert outcome.fault is FAULTS[reason]

    def test_a_failure_of_the_exchange_outweighs_the_answer(self) -> None:
        outcome = judged(an_exchange(at(0.5, Finished(Finish.REFUSED)), failure=Failure(reason=Reason.TIMEOUT_TOTAL)))

        assert outcome.reason is Reason.TIMEOUT_TOTAL

    def test_a_list_of_models_needs_no_output(self) -> None:
        assert judged(an_exchange(), ask=ListModels()).ok

    def test_the_vendors_own_word_is_told(self) -> None:
        assert judged(an_exchange(at(0.9, Finished(Finish.FILTERED, "SAFETY")))).detail == (
            "a content filter stopped the answer (SAFETY)"
        )

    def test_what_the_failure_told_is_kept(self) -> None:
        failure = Failure(
            reason=Reason.OVERLOADED,
            detail="no deployments",
            fault=Fault.GATEWAY,
            http_status=429,
            retry_after=7.0,
            code="429",
        )
        outcome = judged(an_exchange(status=429, failure=failure))

        assert (outcome.fault, outcome.detail, outcome.code) == (Fault.GATEWAY, "no deployments", "429")
        assert (outcome.http_status, outcome.retry_after) == (429, 7.0)

    def test_a_success_has_no_fault(self) -> None:
        outcome = judged(an_exchange(GREETING))

        assert (outcome.fault, outcome.detail, outcome.code, outcome.retry_after) == (None, "", None, None)


class TestFlags:
    @pytest.mark.parametrize(
        ("exchange", "expected"),
        [
            pytest.param(an_exchange(GREETING, at(0.9, STOP)), set(), id="none"),
            pytest.param(
                an_exchange(at(0.5, Thinking("hm")), at(0.9, Finished(Finish.LENGTH))),
                {Flag.STARVED},
                id="reasoning ate the cap",
            ),
            pytest.param(
                an_exchange(at(0.3, Finished(Finish.LENGTH)), status=400), {Flag.STARVED}, id="the 400 that says so"
            ),
            pytest.param(
                an_exchange(at(0.5, Delta("<think>hm")), at(0.9, Finished(Finish.LENGTH))),
                {Flag.STARVED},
                id="reasoning between tags ate the cap",
            ),
            pytest.param(an_exchange(GREETING, at(0.9, Finished(Finish.LENGTH))), set(), id="cut text is not starved"),
            pytest.param(
                an_exchange(at(0.5, Finished(Finish.LENGTH)), failure=Failure(reason=Reason.TIMEOUT_TOTAL)),
                set(),
                id="a failure is not starved",
            ),
            pytest.param(
                an_exchange(at(0.5, Delta("a")), at(0.5009, Delta("b"), EIGHT, STOP)), {Flag.BUFFERED}, id="all at once"
            ),
            pytest.param(an_exchange(at(0.5, Delta("a")), at(0.5011, Delta("b"), EIGHT, STOP)), set(), id="in time"),
            pytest.param(
                an_exchange(at(0.5, Delta("a"), Usage(Tokens(output=7)), STOP)), set(), id="few tokens may come at once"
            ),
            pytest.param(an_exchange(at(0.5, Delta("a"), STOP)), set(), id="tokens nobody counted prove nothing"),
            pytest.param(
                an_exchange(at(0.5, ToolCall(0, "f", '{"city":"Oslo"}'), EIGHT, STOP)),
                set(),
                id="a tool call may come in one piece",
            ),
            pytest.param(
                an_exchange(at(0.5, ToolCall(0, "f", '{"city":'), ToolCall(0, "", '"Oslo"}'), EIGHT, STOP)),
                {Flag.BUFFERED},
                id="a tool call in pieces that came at once",
            ),
            pytest.param(
                an_exchange(at(0.5, Delta("a"), Usage(Tokens(output=70, reasoning=65)), STOP)),
                set(),
                id="hidden reasoning could not have come piece by piece",
            ),
            pytest.param(
                an_exchange(at(0.5, EIGHT, Finished(Finish.LENGTH))), {Flag.STARVED}, id="nothing came at all"
            ),
            pytest.param(
                an_exchange(at(0.5, Delta("a"), EIGHT, STOP), stall=0.001), set(), id="the loop was held meanwhile"
            ),
            pytest.param(
                an_exchange(at(0.5, Delta("a"), EIGHT, STOP), stall=0.0009), {Flag.BUFFERED}, id="it was held briefly"
            ),
            pytest.param(an_exchange(at(0.2, ServedBy(cached=True)), GREETING), {Flag.CACHED}, id="from a cache"),
            pytest.param(
                an_exchange(at(0.2, ServedBy(model="model-2")), GREETING), {Flag.MISMATCHED}, id="another model"
            ),
            pytest.param(
                an_exchange(at(0.2, ServedBy(model="model-1-2025-01-31")), GREETING), set(), id="a snapshot of it"
            ),
            pytest.param(
                an_exchange(at(0.2, ServedBy(model="public-name")), GREETING), set(), id="the model by its alias"
            ),
            pytest.param(an_exchange(GREETING, ended=2.0), set(), id="just in time"),
            pytest.param(an_exchange(GREETING, ended=2.001), {Flag.SLOW}, id="slow"),
        ],
    )
    def test_of_an_exchange(self, exchange: Exchange, expected: set[Flag]) -> None:
        outcome = judged(exchange, a_check(model="model-1", alias="public-name", degraded_above=2.0))

        assert outcome.flags == expected

    def test_nothing_is_slow_without_a_limit(self) -> None:
        assert judged(an_exchange(GREETING, ended=29.0)).flags == frozenset()

    def test_an_answer_in_one_piece_is_not_buffered(self) -> None:
        assert judged(an_exchange(at(0.5, Delta("a"), EIGHT, STOP)), ask=WHOLE).flags == frozenset()

    @pytest.mark.parametrize(
        ("alias", "flags"),
        [
            pytest.param("our-deployment", set(), id="nobody says what should answer"),
            pytest.param("model-1", {Flag.MISMATCHED}, id="an alias says it, and another answers"),
            pytest.param("model-2", set(), id="an alias says it, and it answers"),
        ],
    )
    def test_a_deployments_name_says_nothing_of_the_model(self, alias: str, flags: set[Flag]) -> None:
        check = a_check(model="our-deployment", alias=alias)
        check = replace(check, target=check.target.with_quirks(Quirks(names_deployments=True)))

        assert judged(an_exchange(at(0.2, ServedBy(model="model-2")), GREETING), check).flags == flags

    def test_without_a_model_asked_for_none_can_mismatch(self) -> None:
        exchange = an_exchange(at(0.2, ServedBy(model="model-2")))

        assert judged(exchange, a_check("models", model=""), ListModels()).flags == frozenset()


class TestFigures:
    def test_a_speed_for_a_streamed_answer(self) -> None:
        exchange = an_exchange(at(0.2, Delta("a")), at(0.9, Delta("b"), EIGHT, STOP))

        assert judged(exchange).timing.per_output_token == pytest.approx(0.1)

    @pytest.mark.parametrize(
        ("exchange", "ask"),
        [
            pytest.param(an_exchange(at(0.2, Delta("a")), at(0.9, Delta("b"), EIGHT, STOP)), WHOLE, id="not streamed"),
            pytest.param(an_exchange(at(0.5, Delta("a")), at(0.5009, Delta("b"), EIGHT)), STREAMED, id="buffered"),
            pytest.param(
                an_exchange(at(0.2, ServedBy(cached=True), Delta("a")), at(0.9, Delta("b"), EIGHT, STOP)),
                STREAMED,
                id="cached",
            ),
            pytest.param(
                an_exchange(at(0.2, Thinking("a")), at(0.9, Thinking("b"), EIGHT, Finished(Finish.LENGTH))),
                STREAMED,
                id="starved",
            ),
        ],
    )
    def test_no_speed(self, exchange: Exchange, ask: Complete) -> None:
        assert judged(exchange, ask=ask).timing.per_output_token is None

    @pytest.mark.parametrize("text", [Thinking("hm"), Delta("<think>hm")])
    def test_a_starved_run_has_no_first_answer(self, text: Thinking | Delta) -> None:
        outcome = judged(an_exchange(at(0.5, text), at(0.9, Finished(Finish.LENGTH))))

        assert outcome.timing.first_token is not None
        assert outcome.timing.first_answer is None


def test_everything_told_reaches_the_outcome() -> None:
    limit = Limit(resource="requests", window="minute", remaining=3.0)
    exchange = an_exchange(
        at(0.2, ServedBy(model="model-1", fingerprint="fp", upstream="azure", request_id="req-1"), Headroom((limit,))),
        GREETING,
        at(0.9, Usage(Tokens(input=9, output=2), cost_usd=0.5), STOP),
        clock_source="kernel",
    )
    outcome = judged(exchange)

    assert outcome.started_at == exchange.started_at
    assert outcome.tokens == Tokens(input=9, output=2)
    assert (outcome.served_model, outcome.fingerprint, outcome.upstream) == ("model-1", "fp", "azure")
    assert (outcome.request_id, outcome.cost_usd, outcome.clock_source) == ("req-1", 0.5, "kernel")
    assert outcome.limits == (limit,)


@pytest.mark.parametrize(
    ("kind", "failure", "fault"),
    [
        pytest.param(Kind.GATEWAY, {"http_status": 502, "bare": True}, Fault.GATEWAY, id="a gateway's own page"),
        pytest.param(Kind.GATEWAY, {"http_status": 502, "bare": False}, Fault.PROVIDER, id="an error handed on"),
        pytest.param(Kind.GATEWAY, {"http_status": 418, "bare": True}, Fault.PROVIDER, id="a page that is no 5xx"),
        pytest.param(Kind.DIRECT, {"http_status": 502, "bare": True}, Fault.PROVIDER, id="a vendor's own front"),
    ],
)
def test_a_gateways_own_failure_is_its_own_fault(kind: Kind, failure: dict[str, Any], fault: Fault) -> None:
    check = a_check(provider=replace(a_provider(), kind=kind))
    outcome = judged(an_exchange(failure=Failure(reason=Reason.SERVER_ERROR, **failure)), check)

    assert (outcome.reason, outcome.fault) == (Reason.SERVER_ERROR, fault)
