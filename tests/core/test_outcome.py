"""The words of a result: closed sets, and whose fault each error is."""

import pytest

from exporter.core.outcome import FAULTS, Failure, Fault, Flag, Outcome, Phase, Reason, Timing


def outcome(reason: Reason, fault: Fault | None = None) -> Outcome:
    return Outcome(reason=reason, started_at=0.0, timing=Timing(duration=0.0), fault=fault)


def test_every_error_has_a_fault_and_success_has_none() -> None:
    assert set(FAULTS) == set(Reason) - {Reason.OK}


def test_reasons_are_the_label_values_of_the_contract() -> None:
    assert [reason.value for reason in Reason] == [
        "ok", "dns", "connect", "tls", "timeout_connect", "timeout_first_token", "timeout_total", "auth",
        "permission", "quota_exhausted", "rate_limited", "overloaded", "server_error", "model_not_found",
        "bad_request", "content_filtered", "refused", "stream_interrupted", "invalid_response", "empty_response",
        "too_large", "assertion_failed", "paused", "internal",
    ]  # fmt: skip


def test_phases_stand_in_the_order_they_are_passed() -> None:
    assert [phase.value for phase in Phase] == [
        "resolve", "connect", "tls", "send", "wait", "first_token", "generate", "finish",
    ]  # fmt: skip


def test_flags_are_the_label_values_of_the_contract() -> None:
    assert {flag.value for flag in Flag} == {"starved", "buffered", "cached", "mismatched", "slow"}


@pytest.mark.parametrize("reason", FAULTS)
def test_a_failure_is_whose_the_table_says(reason: Reason) -> None:
    assert Failure(reason=reason).blamed is FAULTS[reason]
    assert outcome(reason).blamed is FAULTS[reason]


def test_unless_the_answer_itself_shows_another() -> None:
    assert Failure(reason=Reason.OVERLOADED, fault=Fault.GATEWAY).blamed is Fault.GATEWAY
    assert outcome(Reason.OVERLOADED, Fault.GATEWAY).blamed is Fault.GATEWAY


def test_only_ok_is_a_success_and_nobodys_fault() -> None:
    assert [reason for reason in Reason if outcome(reason).ok] == [Reason.OK]
    assert outcome(Reason.OK).blamed is None
