"""Phases and figures of one exchange."""

from collections.abc import Mapping

import pytest
from hypothesis import given

from exporter.core.exchange import (
    Delta,
    Exchange,
    Finish,
    Finished,
    Listed,
    Moments,
    RemoteError,
    Stamped,
    Thinking,
    Usage,
)
from exporter.core.outcome import Failure, Phase, Reason, Tokens
from exporter.probes.evaluation.answer import fold_events
from exporter.probes.evaluation.measurement import (
    count_shown_tokens,
    measure_phases,
    measure_seconds_per_token,
    measure_timing,
)
from tests.probes.samples import ALL_REACHED, an_exchange, at
from tests.probes.strategies import exchanges

TIMED_OUT = Failure(reason=Reason.TIMEOUT_TOTAL)
CUT = Failure(reason=Reason.STREAM_INTERRUPTED)
UP_TO_WAIT = {Phase.RESOLVE: 0.01, Phase.CONNECT: 0.02, Phase.TLS: 0.04, Phase.SEND: 0.01, Phase.WAIT: 0.12}
STOP = Finished(Finish.STOP)


class TestPhases:
    @pytest.mark.parametrize(
        ("exchange", "expected"),
        [
            pytest.param(
                an_exchange(at(0.5, Delta("a")), at(0.8, Delta("b")), at(0.9, STOP)),
                {**UP_TO_WAIT, Phase.FIRST_TOKEN: 0.3, Phase.GENERATE: 0.3, Phase.FINISH: 0.2},
                id="a streamed answer",
            ),
            pytest.param(
                an_exchange(at(1.0, Delta("a b"), STOP)),
                {**UP_TO_WAIT, Phase.FIRST_TOKEN: 0.8, Phase.GENERATE: 0.0, Phase.FINISH: 0.0},
                id="an answer in one piece",
            ),
            pytest.param(
                an_exchange(at(0.5, Thinking("a")), at(0.9, Finished(Finish.LENGTH))),
                {**UP_TO_WAIT, Phase.FIRST_TOKEN: 0.3, Phase.GENERATE: 0.0, Phase.FINISH: 0.5},
                id="reasoning ends the wait for the first token",
            ),
            pytest.param(
                an_exchange(at(0.9, Finished(Finish.LENGTH))),
                {**UP_TO_WAIT, Phase.FINISH: 0.8},
                id="a whole answer without output",
            ),
            pytest.param(
                an_exchange(moments=Moments(), ended=0.5, status=None, failure=Failure(reason=Reason.DNS)),
                {Phase.RESOLVE: 0.5},
                id="no such host",
            ),
            pytest.param(
                an_exchange(
                    moments=Moments(resolved=0.1),
                    ended=5.0,
                    status=None,
                    failure=Failure(reason=Reason.TIMEOUT_CONNECT),
                ),
                {Phase.RESOLVE: 0.1, Phase.CONNECT: 4.9},
                id="no connection in time",
            ),
            pytest.param(
                an_exchange(
                    moments=Moments(resolved=0.1, connected=0.2),
                    ended=0.3,
                    status=None,
                    failure=Failure(reason=Reason.TLS),
                ),
                {Phase.RESOLVE: 0.1, Phase.CONNECT: 0.1, Phase.TLS: 0.1},
                id="no TLS",
            ),
            pytest.param(
                an_exchange(
                    moments=Moments(resolved=0.0, connected=0.0, secured=0.0, sent=0.1),
                    ended=30.1,
                    status=None,
                    failure=TIMED_OUT,
                ),
                {Phase.RESOLVE: 0.0, Phase.CONNECT: 0.0, Phase.TLS: 0.0, Phase.SEND: 0.1, Phase.WAIT: 30.0},
                id="not a byte, on a reused connection",
            ),
            pytest.param(
                an_exchange(ended=20.0, failure=Failure(reason=Reason.TIMEOUT_FIRST_TOKEN)),
                {**UP_TO_WAIT, Phase.FIRST_TOKEN: 19.8},
                id="headers at once, no token",
            ),
            pytest.param(
                an_exchange(ended=0.25, status=401, failure=Failure(reason=Reason.AUTH)),
                {**UP_TO_WAIT, Phase.FIRST_TOKEN: 0.05},
                id="an error status",
            ),
            pytest.param(
                an_exchange(at(0.5, Delta("a")), at(0.8, Delta("b")), failure=CUT),
                {**UP_TO_WAIT, Phase.FIRST_TOKEN: 0.3, Phase.GENERATE: 0.5},
                id="cut while generating",
            ),
            pytest.param(
                an_exchange(at(0.5, Delta("a")), at(0.8, Delta("b")), at(1.0, RemoteError(CUT))),
                {**UP_TO_WAIT, Phase.FIRST_TOKEN: 0.3, Phase.GENERATE: 0.5},
                id="an error event while generating",
            ),
            pytest.param(
                an_exchange(at(0.5, Delta("a")), at(0.6, STOP), failure=CUT),
                {**UP_TO_WAIT, Phase.FIRST_TOKEN: 0.3, Phase.GENERATE: 0.0, Phase.FINISH: 0.5},
                id="all said, but the end marker is missing",
            ),
            pytest.param(
                an_exchange(at(0.5, Delta("a"), STOP), moments=Moments(sent=0.1, first_byte=0.4)),
                {
                    Phase.SEND: 0.1,
                    Phase.WAIT: 0.3,
                    Phase.FIRST_TOKEN: 0.1,
                    Phase.GENERATE: 0.0,
                    Phase.FINISH: 0.5,
                },
                id="steps nobody stamped are part of the next",
            ),
            pytest.param(
                an_exchange(at(0.1999, Delta("a")), at(1.0002, STOP, Delta("b"))),
                {**UP_TO_WAIT, Phase.FIRST_TOKEN: 0.0, Phase.GENERATE: 0.8, Phase.FINISH: 0.0},
                id="stamps of two clocks, a little apart",
            ),
        ],
    )
    def test_of_a_run(self, exchange: Exchange, expected: Mapping[Phase, float]) -> None:
        parts = measure_phases(exchange, fold_events(exchange.events), output_expected=True)

        assert dict(parts) == pytest.approx(dict(expected))

    @pytest.mark.parametrize(
        ("exchange", "last"),
        [
            pytest.param(an_exchange(at(0.5, Listed(()))), Phase.FINISH, id="the list came"),
            pytest.param(an_exchange(failure=TIMED_OUT), Phase.FINISH, id="the list was cut"),
            pytest.param(
                an_exchange(moments=Moments(resolved=0.1), failure=TIMED_OUT), Phase.CONNECT, id="there was no answer"
            ),
        ],
    )
    def test_without_output_to_wait_for(self, exchange: Exchange, last: Phase) -> None:
        parts = measure_phases(exchange, fold_events(exchange.events), output_expected=False)

        assert list(parts)[-1] is last
        assert Phase.FIRST_TOKEN not in parts

    @given(exchanges())
    def test_always_contiguous_and_whole(self, exchange: Exchange) -> None:
        parts = measure_phases(exchange, fold_events(exchange.events), output_expected=True)

        assert sum(parts.values()) == pytest.approx(exchange.ended)
        assert all(part >= 0.0 for part in parts.values())
        assert list(parts) == [phase for phase in Phase if phase in parts]


class TestTiming:
    def test_tokens_are_timed_from_the_written_request(self) -> None:
        exchange = an_exchange(
            at(0.3, Thinking("hm")), at(0.5, Delta("a")), at(0.9, Delta("b")), at(0.95, Usage(Tokens(output=6)), STOP)
        )
        seen = measure_timing(exchange, fold_events(exchange.events), output_expected=True, speed_known=True)

        assert seen.duration == 1.0
        assert seen.first_token == pytest.approx(0.3 - 0.08)
        assert seen.first_answer == pytest.approx(0.5 - 0.08)
        assert seen.per_output_token == pytest.approx(0.6 / 5)
        assert seen.longest_gap == pytest.approx(0.4)

    def test_what_did_not_happen_has_no_figure(self) -> None:
        exchange = an_exchange(at(0.9, STOP))
        seen = measure_timing(exchange, fold_events(exchange.events), output_expected=True, speed_known=True)

        assert (seen.first_token, seen.first_answer, seen.per_output_token, seen.longest_gap) == (None,) * 4

    def test_one_output_has_no_gap(self) -> None:
        exchange = an_exchange(at(0.5, Delta("a"), STOP))

        assert (
            measure_timing(exchange, fold_events(exchange.events), output_expected=True, speed_known=True).longest_gap
            is None
        )

    def test_an_answer_before_the_request_was_written_took_no_time(self) -> None:
        exchange = an_exchange(at(0.05, Delta("a"), STOP), moments=ALL_REACHED)

        assert (
            measure_timing(exchange, fold_events(exchange.events), output_expected=True, speed_known=True).first_token
            == 0.0
        )

    def test_no_speed_where_the_arrivals_do_not_tell_it(self) -> None:
        exchange = an_exchange(at(0.5, Delta("a")), at(0.9, Delta("b")), at(0.95, Usage(Tokens(output=9)), STOP))

        assert (
            measure_timing(
                exchange, fold_events(exchange.events), output_expected=True, speed_known=False
            ).per_output_token
            is None
        )


class TestSecondsPerToken:
    @pytest.mark.parametrize(
        ("events", "expected"),
        [
            pytest.param([*at(0.5, Delta("a")), *at(1.0, Delta("b"), Usage(Tokens(output=6)))], 0.1, id="by usage"),
            pytest.param([*at(0.5, Delta("a")), *at(1.0, Delta("b"))], None, id="never by chunks"),
            pytest.param([*at(0.5, Delta("a")), *at(1.0, Delta("b"), Usage(Tokens(output=1)))], None, id="one token"),
            pytest.param([*at(0.5, Delta("a"), Delta("b"), Usage(Tokens(output=6)))], None, id="all at once"),
            pytest.param([*at(0.5, Usage(Tokens(output=6)))], None, id="no output"),
            pytest.param(
                [*at(0.5, Thinking("a")), *at(1.0, Delta("b"), Usage(Tokens(output=6, reasoning=4)))],
                0.1,
                id="reasoning shown was output",
            ),
            pytest.param(
                [*at(0.5, Delta("a")), *at(1.0, Delta("b"), Usage(Tokens(output=106, reasoning=100)))],
                0.1,
                id="reasoning kept hidden took its time before the first output",
            ),
        ],
    )
    def test_of_events(self, events: list[Stamped], expected: float | None) -> None:
        assert measure_seconds_per_token(fold_events(events)) == (None if expected is None else pytest.approx(expected))

    def test_without_usage_no_token_was_counted(self) -> None:
        assert count_shown_tokens(fold_events(at(0.1, Delta("a")))) == 0
