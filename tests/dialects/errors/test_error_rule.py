"""When a row holds: every condition that is given, and no other."""

import pytest

from exporter.core.outcome import Reason
from exporter.dialects.errors.error_rule import CLIENT, SERVER, ErrorRule

MONEY = ErrorRule("money", Reason.QUOTA_EXHAUSTED, word=("*billing*",), says=("no*balance",), status=(*CLIENT, None))


@pytest.mark.parametrize(
    ("words", "message", "status", "holds"),
    [
        (("x", "billing_error"), "there is no balance left", 402, True),
        (("billing",), "no balance", None, True),
        (("billing",), "no balance", 500, False),
        (("quota",), "no balance", 402, False),
        (("billing",), "balance", 402, False),
        ((), "no balance", 402, False),
    ],
)
def test_every_condition_must_hold(words: tuple[str, ...], message: str, status: int | None, holds: bool) -> None:
    assert MONEY.matches(words, message, status, own=False) is holds


def test_what_is_not_given_is_not_asked_for() -> None:
    assert ErrorRule("any", Reason.SERVER_ERROR).matches((), "", None, own=False)
    assert not ErrorRule("5xx", Reason.SERVER_ERROR, status=SERVER).matches((), "", None, own=True)


def test_a_gateways_own_error_shows_no_upstream() -> None:
    row = ErrorRule("own", Reason.SERVER_ERROR, own=True)
    assert (row.matches((), "", 500, own=True), row.matches((), "", 500, own=False)) == (True, False)
