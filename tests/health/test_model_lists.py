"""No list of models is not an outage: what counts as none, and when it counts all the same."""

from dataclasses import replace

import pytest

from exporter.core.health_state import Health, State
from exporter.core.outcome import Outcome, Reason, Timing
from exporter.core.sink import RestoredState
from exporter.health.model_lists import is_list_missing
from tests.health.tracking import a_tracker
from tests.probes.samples import a_check

LIST = a_check("models", model="")
CHAT, OTHER = a_check(), a_check(model="model-2")


def outcome(reason: Reason = Reason.OK, status: int | None = 200) -> Outcome:
    return Outcome(reason=reason, started_at=1000.0, timing=Timing(duration=2.0), http_status=status)


MISSING = outcome(Reason.BAD_REQUEST, 404)


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        (Reason.BAD_REQUEST, 404),
        (Reason.MODEL_NOT_FOUND, 404),
        (Reason.BAD_REQUEST, 405),
        (Reason.MODEL_NOT_FOUND, 410),
        (Reason.SERVER_ERROR, 501),
        (Reason.BAD_REQUEST, 302),
        (Reason.INVALID_RESPONSE, 200),
        (Reason.SERVER_ERROR, 200),
    ],
)
def test_what_is_no_list(reason: Reason, status: int) -> None:
    assert is_list_missing(LIST, outcome(reason, status))


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        (Reason.OK, 200),
        (Reason.AUTH, 401),
        (Reason.PERMISSION, 403),
        (Reason.RATE_LIMITED, 429),
        (Reason.SERVER_ERROR, 500),
        (Reason.OVERLOADED, 503),
        (Reason.TIMEOUT_TOTAL, None),
        (Reason.STREAM_INTERRUPTED, 200),
    ],
)
def test_what_says_something_of_the_vendor(reason: Reason, status: int | None) -> None:
    assert not is_list_missing(LIST, outcome(reason, status))


def test_an_error_within_a_200_that_has_a_code_says_something_of_the_vendor() -> None:
    assert not is_list_missing(LIST, replace(outcome(Reason.SERVER_ERROR), code="internal_error"))


def test_a_model_that_is_not_found_is_another_matter() -> None:
    assert not is_list_missing(CHAT, outcome(Reason.MODEL_NOT_FOUND, 404))


def test_a_list_may_be_missing_while_a_model_answers() -> None:
    tracker, sink = a_tracker(LIST, CHAT)
    tracker.record_run(CHAT, outcome())
    seen = tracker.record_run(LIST, MISSING)

    assert seen.after == Health(since=1002.0, last_run_at=1002.0, offered=False)
    assert seen.model_health is None
    assert sink.words == ["observed", "not offered"]


def test_the_list_is_not_judged_before_the_models_were_asked() -> None:
    tracker, _ = a_tracker(LIST, CHAT, OTHER)
    tracker.record_run(CHAT, outcome(Reason.BAD_REQUEST, 404))

    assert not tracker.record_run(LIST, MISSING).after.offered
    tracker.record_run(OTHER, outcome(Reason.BAD_REQUEST, 404))
    assert tracker.record_run(LIST, MISSING).after.offered


def test_a_list_that_is_all_there_is_to_ask_is_judged() -> None:
    tracker, sink = a_tracker(LIST)
    tracker.record_run(LIST, MISSING)

    assert tracker.record_run(LIST, MISSING).after.state is State.DOWN
    assert sink.words == ["observed", "observed"]


def test_a_list_that_was_there_is_missed_once_no_model_answers() -> None:
    tracker, _ = a_tracker(LIST, CHAT)
    tracker.record_run(CHAT, outcome())
    tracker.record_run(LIST, outcome())
    assert not tracker.record_run(LIST, MISSING).after.offered

    for _ in range(3):
        tracker.record_run(CHAT, outcome(Reason.BAD_REQUEST, 404))
    assert tracker.record_run(LIST, MISSING).after.offered


def test_a_list_that_never_was_stays_out_of_an_outage() -> None:
    tracker, _ = a_tracker(LIST, CHAT)
    tracker.record_run(CHAT, outcome())
    for _ in range(3):
        tracker.record_run(CHAT, outcome(Reason.SERVER_ERROR, 500))

    assert not tracker.record_run(LIST, MISSING).after.offered


def test_a_success_of_an_earlier_process_counts() -> None:
    tracker, _ = a_tracker(LIST, CHAT)
    tracker.restore_checks({CHAT.id: RestoredState(health=Health(), succeeded=900.0)})
    tracker.record_run(CHAT, outcome(Reason.SERVER_ERROR, 500))

    assert not tracker.record_run(LIST, MISSING).after.offered


def test_what_an_address_offers_says_nothing_of_another() -> None:
    tracker, _ = a_tracker(LIST, CHAT)
    tracker.record_run(CHAT, outcome())
    moved = replace(CHAT.target.provider, base_url="https://elsewhere.example/v1")
    there = [replace(each, target=replace(each.target, provider=moved)) for each in (LIST, CHAT)]
    for check in there:
        tracker.add_check(check)
    tracker.record_run(there[1], outcome(Reason.BAD_REQUEST, 404))

    assert tracker.record_run(there[0], MISSING).after.offered


def test_a_list_that_comes_is_judged_from_then_on() -> None:
    tracker, sink = a_tracker(LIST, CHAT)
    tracker.record_run(CHAT, outcome())
    tracker.record_run(LIST, MISSING)
    seen = tracker.record_run(LIST, outcome())

    assert seen.after.offered
    assert seen.after.state is State.UP
    assert sink.words[-1] == "observed"


def test_what_is_not_offered_never_grows_stale() -> None:
    tracker, sink = a_tracker(LIST, CHAT)
    tracker.record_run(CHAT, outcome())
    tracker.record_run(LIST, MISSING)
    tracker.expire_stale_checks(1e6)

    assert [check for _, what, check, *_ in sink.told if what == "expired"] == [CHAT]


def test_no_trace_of_a_provider_is_left() -> None:
    tracker, _ = a_tracker(LIST, CHAT)
    tracker.record_run(CHAT, outcome())
    for check in (LIST, CHAT):
        tracker.remove_check(check)
        tracker.add_check(check)
    tracker.record_run(CHAT, outcome())
    for check in (LIST, CHAT):
        tracker.remove_check(check)
    for check in (LIST, CHAT):
        tracker.add_check(check)
    tracker.record_run(CHAT, outcome(Reason.BAD_REQUEST, 404))

    assert tracker.record_run(LIST, MISSING).after.offered
