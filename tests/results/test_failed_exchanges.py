"""Exchanges of last failures: the newest of each check, not too many, never a secret."""

from pydantic import SecretStr

from exporter.core.exchange import Exchange, Moments
from exporter.core.outcome import Reason
from exporter.core.redaction import Redactor
from exporter.results.failed_exchanges import FailedExchanges
from tests.metrics.make import STARTED, answered, check, failed

KEY = "sk-verysecretkey"


def exchange(body: str) -> Exchange:
    return Exchange(
        started_at=STARTED,
        moments=Moments(),
        ended=0.1,
        headers={"echo": body},
        sent_bytes=body.encode(),
        received_bytes=body.encode(),
    )


def kept(most: int = 2) -> FailedExchanges:
    return FailedExchanges(Redactor(lambda: [SecretStr(KEY)]), most)


def test_the_last_failure_is_kept_whatever_succeeds_after_it() -> None:
    made = kept()
    made.record(check(), failed(), (exchange("first"),))
    made.record(check(), failed(Reason.AUTH), (exchange("second"),))
    made.record(check(), answered(), (exchange("third"),))
    found = made.last_failed_run(check())
    assert found is not None
    assert found.outcome.reason is Reason.AUTH
    assert [each.sent_bytes for each in found.exchanges] == [b"second"]


def test_what_is_shown_holds_no_secret() -> None:
    made = kept()
    made.record(check(), failed(), (exchange(f"Bearer {KEY}"),))
    assert KEY not in str(made.last_failed_run(check()))
    assert "Bearer ***" in str(made.last_failed_run(check()))


def test_the_oldest_goes_first() -> None:
    made = kept(most=2)
    for name in ("a", "b", "a", "c"):
        made.record(check(name), failed(), ())
    assert [made.last_failed_run(check(name)) is not None for name in ("a", "b", "c")] == [True, False, True]


def test_nothing_is_kept_of_what_never_failed() -> None:
    made = kept()
    made.record(check(), answered(), (exchange("fine"),))
    assert made.last_failed_run(check()) is None
