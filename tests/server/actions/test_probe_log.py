"""The log of a run on demand, as a person reads it."""

from dataclasses import replace

from exporter.core.exchange import Delta, RemoteError
from exporter.core.outcome import Failure, Reason
from exporter.results.exchange_text import SHOWN_BYTES
from exporter.run.runner import OnDemandRun
from exporter.server.actions.probe_log import render_log
from tests.metrics.make import answered, check, failed
from tests.probes.samples import an_exchange, at


def test_a_success_tells_where_its_time_went() -> None:
    lines = render_log(check(), OnDemandRun(outcome=answered(), exchanges=()), "the metrics").splitlines()
    assert "Outcome    ok: answered" in lines
    assert [line.split()[-1] for line in lines if line.split()[1:2] == ["ms"]] == [
        "resolve",
        "connect",
        "tls",
        "send",
        "wait",
        "first_token",
        "generate",
        "finish",
        "end",
    ]
    assert "    750.0 ms            end" in lines
    assert lines[-2:] == ["Metrics of this run", "the metrics"]


def test_a_failure_tells_whose_it_is() -> None:
    text = render_log(check(), OnDemandRun(outcome=failed(Reason.AUTH), exchanges=()), "")
    assert "Outcome    auth: the key was rejected" in text
    assert "Fault      our side (key, quota or request)" in text
    assert "Detail     the vendor is sorry" in text


def test_events_stand_at_their_moments() -> None:
    refusal = RemoteError(Failure(reason=Reason.OVERLOADED, detail="busy"))
    exchange = an_exchange(at(0.25, Delta("hello")), at(0.5, refusal))
    text = render_log(check(), OnDemandRun(outcome=answered(), exchanges=(exchange, exchange)), "")
    assert '    250.0 ms  delta: "hello"' in text
    assert "    500.0 ms  remote error: " in text
    assert "Exchange 2 of 2" in text


def test_what_would_move_a_terminals_cursor_is_not_written() -> None:
    exchange = replace(an_exchange(), received_bytes=b"red \x1b[31m\r\nnext \x00")
    text = render_log(check(), OnDemandRun(outcome=answered(), exchanges=(exchange,)), "")
    assert "\x1b" not in text
    assert "\x00" not in text
    assert "< next \N{REPLACEMENT CHARACTER}" in text


def test_a_long_body_is_cut_and_says_so() -> None:
    exchange = replace(an_exchange(), received_bytes=b"x" * (SHOWN_BYTES + 5))
    assert "< (5 bytes more)" in render_log(check(), OnDemandRun(outcome=answered(), exchanges=(exchange,)), "")
