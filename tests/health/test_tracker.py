"""The tracker: who is told what, and whose health moves."""

import pytest

from exporter.core.health_state import Grade, Health, State
from exporter.core.outcome import Outcome, Reason, Timing
from exporter.core.sink import Observation, RestoredState, Skip
from exporter.core.target import HealthPolicy
from exporter.health.tracker import HealthTracker
from tests.health.tracking import a_tracker
from tests.probes.recording import RecordingSink
from tests.probes.samples import a_check

ONE_IS_ENOUGH = HealthPolicy(failures=1, window=1)


def outcome(reason: Reason = Reason.OK) -> Outcome:
    return Outcome(reason=reason, started_at=1000.0, timing=Timing(duration=2.0))


class TestObserve:
    def test_moves_health_and_tells_the_run(self) -> None:
        check = a_check()
        tracker, sink = a_tracker(check)
        seen = tracker.record_run(check, outcome())

        assert seen == Observation(
            check=check,
            outcome=outcome(),
            before=Health(),
            after=Health(state=State.UP, since=1002.0, recent=(Grade.CLEAN,), last_run_at=1002.0),
            model_health=True,
        )
        assert sink.observations == [seen]
        assert tracker.health_of(check) == seen.after

    def test_goes_on_from_the_health_before(self) -> None:
        check = a_check()
        tracker, _ = a_tracker(check)
        first = tracker.record_run(check, outcome(Reason.DNS))
        second = tracker.record_run(check, outcome(Reason.DNS))

        assert second.before == first.after
        assert (first.after.state, second.after.state) == (State.UNKNOWN, State.DOWN)

    def test_uses_the_checks_own_policy(self) -> None:
        check = a_check(health=ONE_IS_ENOUGH)
        tracker, _ = a_tracker(check)

        assert tracker.record_run(check, outcome(Reason.DNS)).after.state is State.DOWN

    def test_checks_are_apart(self) -> None:
        one, other = a_check(model="m-1"), a_check(model="m-2")
        tracker, _ = a_tracker(one, other)
        tracker.record_run(one, outcome())

        assert tracker.health_of(other) == Health()

    def test_a_run_that_outlived_its_check_moves_nothing(self) -> None:
        check = a_check()
        tracker, sink = a_tracker(check)
        tracker.remove_check(check)
        sink.told.clear()
        seen = tracker.record_run(check, outcome())

        assert seen.after.state is State.UP
        assert sink.told == []
        assert tracker.health_of(check) == Health()

    def test_a_run_that_outlived_a_change_is_told_of_the_check_as_it_is_now(self) -> None:
        before, now = a_check(interval=60.0), a_check(interval=5.0)
        tracker, sink = a_tracker(before)
        tracker.add_check(now)
        tracker.record_run(before, outcome())

        assert sink.observations[0].check is now


class TestSinks:
    def test_are_told_in_their_order(self) -> None:
        told: list[tuple[object, ...]] = []
        tracker = HealthTracker([RecordingSink(told, "first"), RecordingSink(told, "second")])
        check = a_check()
        tracker.add_check(check)
        tracker.restore_checks({check.id: RestoredState(health=Health())})
        tracker.record_start(check)
        tracker.record_run(check, outcome())
        tracker.record_skip(check, Skip.OVERLAP)
        tracker.expire_stale_checks(9999.0)
        tracker.remove_check(check)

        words = ["declare", "recalled", "started", "observed", "skipped", "expired", "forget"]
        assert [(name, what) for name, what, *_ in told] == [
            (name, word) for word in words for name in ("first", "second")
        ]

    def test_hear_nothing_of_a_check_nobody_declared(self) -> None:
        tracker, sink = a_tracker()
        tracker.record_start(a_check())
        tracker.record_skip(a_check(), Skip.BUDGET)
        tracker.record_run(a_check(), outcome())
        tracker.remove_check(a_check())
        tracker.expire_stale_checks(9999.0)

        assert sink.told == []

    def test_hear_why_a_run_was_skipped(self) -> None:
        check = a_check()
        tracker, sink = a_tracker(check)
        tracker.record_skip(check, Skip.BUDGET)

        assert sink.told == [("sink", "skipped", check, Skip.BUDGET)]


class TestReload:
    def test_a_check_that_did_not_change_is_not_told_again(self) -> None:
        tracker, sink = a_tracker(a_check())
        tracker.add_check(a_check())

        assert sink.told == []

    def test_a_check_configured_differently_is_told_again_and_keeps_its_health(self) -> None:
        before, now = a_check(interval=60.0), a_check(interval=5.0)
        tracker, sink = a_tracker(before)
        known = tracker.record_run(before, outcome()).after
        sink.told.clear()
        tracker.add_check(now)

        assert sink.told == [("sink", "declare", now)]
        assert tracker.health_of(now) == known

    def test_a_check_that_was_forgotten_begins_anew(self) -> None:
        check = a_check()
        tracker, _ = a_tracker(check)
        tracker.record_run(check, outcome())
        tracker.remove_check(check)
        tracker.add_check(check)

        assert tracker.health_of(check) == Health()


class TestRecall:
    def test_health_known_from_before_is_taken_and_told(self) -> None:
        known = RestoredState(health=Health(state=State.DOWN, since=1.0, recent=(Grade.HARD,) * 2, last_run_at=2.0))
        tracker, sink = a_tracker(a_check())
        tracker.restore_checks({a_check().id: known})

        assert tracker.health_of(a_check()) == known.health
        assert sink.told == [("sink", "recalled", a_check(), known, False)]
        assert tracker.record_run(a_check(), outcome(Reason.DNS)).before == known.health

    def test_a_models_health_is_told_once_all_its_checks_are_known(self) -> None:
        """Told of the first before the second is known, it would be unknown for a moment."""
        chat, canary = a_check(), a_check(probe="canary")
        known = RestoredState(health=Health(state=State.UP, since=1.0, last_run_at=2.0))
        tracker, sink = a_tracker(chat, canary)
        tracker.restore_checks({chat.id: known, canary.id: known})

        assert [told[-1] for told in sink.told] == [True, True]


class TestSweep:
    @pytest.mark.parametrize(("later", "state"), [(180.0, State.UP), (180.1, State.UNKNOWN)], ids=str)
    def test_three_intervals_without_a_run(self, later: float, state: State) -> None:
        check = a_check(interval=60.0)
        tracker, _ = a_tracker(check)
        tracker.record_run(check, outcome())
        tracker.expire_stale_checks(1002.0 + later)

        assert tracker.health_of(check).state is state

    def test_tells_the_sinks_once(self) -> None:
        check = a_check(interval=60.0)
        tracker, sink = a_tracker(check)
        tracker.record_run(check, outcome())
        sink.told.clear()
        tracker.expire_stale_checks(2000.0)
        tracker.expire_stale_checks(3000.0)

        assert sink.told == [("sink", "expired", check, State.UNKNOWN, None)]

    def test_a_last_run_that_decided_nothing_goes_stale_too(self) -> None:
        check = a_check(interval=60.0)
        tracker, sink = a_tracker(check)
        tracker.record_run(check, outcome(Reason.DNS))
        tracker.expire_stale_checks(2000.0)

        assert sink.words == ["observed", "expired"]
        assert tracker.health_of(check).recent == ()

    def test_a_check_that_never_ran_has_nothing_to_lose(self) -> None:
        tracker, sink = a_tracker(a_check())
        tracker.expire_stale_checks(9_999_999.0)

        assert sink.told == []

    def test_time_in_which_the_process_stood_still_does_not_count(self) -> None:
        """After a pause every check looks stale, and none had its chance to run."""
        check = a_check()
        tracker, sink = a_tracker(check)
        tracker.record_run(check, outcome())
        sink.told.clear()
        tracker.record_pause(3600.0, 4700.0)
        tracker.expire_stale_checks(1002.0 + 3600.0 + 3 * check.interval)
        assert sink.told == []
        tracker.expire_stale_checks(1003.0 + 3600.0 + 3 * check.interval)
        assert len(sink.told) == 1

    def test_a_pause_before_the_last_run_changes_nothing(self) -> None:
        check = a_check()
        tracker, sink = a_tracker(check)
        tracker.record_pause(3600.0, 900.0)
        tracker.record_run(check, outcome())
        sink.told.clear()
        tracker.expire_stale_checks(1003.0 + 3 * check.interval)
        assert len(sink.told) == 1

    def test_the_effective_interval_counts(self) -> None:
        check = a_check(interval=60.0)
        tracker = HealthTracker([], interval=lambda each: each.interval * 10)
        tracker.add_check(check)
        tracker.record_run(check, outcome())
        tracker.expire_stale_checks(2000.0)

        assert tracker.health_of(check).state is State.UP


class TestModelHealth:
    def test_only_required_checks_count(self) -> None:
        chat, canary = a_check("chat"), a_check("canary", required=False, health=ONE_IS_ENOUGH)
        tracker, _ = a_tracker(chat, canary)
        tracker.record_run(chat, outcome())

        assert tracker.record_run(canary, outcome(Reason.DNS)).model_health is True

    def test_one_required_check_down_takes_the_model_down(self) -> None:
        chat, tools = a_check("chat"), a_check("tools", health=ONE_IS_ENOUGH)
        tracker, _ = a_tracker(chat, tools)
        tracker.record_run(chat, outcome())

        assert tracker.record_run(tools, outcome(Reason.DNS)).model_health is False
        assert tracker.model_health_of(chat) is False

    def test_not_known_while_a_required_check_has_not_run(self) -> None:
        chat, tools = a_check("chat"), a_check("tools")
        tracker, _ = a_tracker(chat, tools)

        assert tracker.record_run(chat, outcome()).model_health is None

    def test_a_forgotten_check_no_longer_counts(self) -> None:
        chat, tools = a_check("chat"), a_check("tools")
        tracker, _ = a_tracker(chat, tools)
        tracker.record_run(chat, outcome())
        tracker.remove_check(tools)

        assert tracker.model_health_of(chat) is True
        tracker.remove_check(chat)
        assert tracker.model_health_of(chat) is None

    def test_models_are_apart(self) -> None:
        one, other = a_check(model="m-1"), a_check(model="m-2")
        tracker, _ = a_tracker(one, other)

        assert tracker.record_run(one, outcome()).model_health is True
