"""Exchanges of last failures: the newest of each check, not too many, never a secret."""

from pydantic import SecretStr

from exporter.core.exchange import Exchange, Moments
from exporter.core.outcome import Reason
from exporter.core.redaction import Redactor
from exporter.results.failed_exchanges import KeptExchanges
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


def kept(most: int = 2) -> KeptExchanges:
    return KeptExchanges(Redactor(lambda: [SecretStr(KEY)]), most)


def test_the_last_failure_is_kept_whatever_succeeds_after_it() -> None:
    made = kept()
    made.brought(check(), failed(), (exchange("first"),))
    made.brought(check(), failed(Reason.AUTH), (exchange("second"),))
    made.brought(check(), answered(), (exchange("third"),))
    found = made.of(check())
    assert found is not None
    assert found.outcome.reason is Reason.AUTH
    assert [each.sent_bytes for each in found.exchanges] == [b"second"]


def test_what_is_shown_holds_no_secret() -> None:
    made = kept()
    made.brought(check(), failed(), (exchange(f"Bearer {KEY}"),))
    assert KEY not in str(made.of(check()))
    assert "Bearer ***" in str(made.of(check()))


def test_the_oldest_goes_first() -> None:
    made = kept(most=2)
    for name in ("a", "b", "a", "c"):
        made.brought(check(name), failed(), ())
    assert [made.of(check(name)) is not None for name in ("a", "b", "c")] == [True, False, True]


def test_nothing_is_kept_of_what_never_failed() -> None:
    made = kept()
    made.brought(check(), answered(), (exchange("fine"),))
    assert made.of(check()) is None
