"""The JSON API: what is told of a check, and that what is not known is null."""

import pytest

from exporter.core.health_state import State
from exporter.core.outcome import Flag, Limit, Outcome, Reason
from exporter.server.api.answers import compute_availability, make_detail, make_status
from exporter.server.sources import Notice
from tests.metrics.make import PHASES, STARTED, answered, check, failed
from tests.server.reading import known, past_of

NOW = STARTED + 60


def test_all_checks_as_they_stand() -> None:
    shown = [known(check("a"), answered()), known(check("b"), failed(), state=State.DOWN)]
    told = make_status(shown, NOW, {"openai/a/chat": 0.25}, [Notice("budget exhausted", "openai, today")])
    assert (told.status, told.as_of) == (State.DOWN, "2023-11-14T22:14:20.000Z")
    assert told.counts.model_dump() == {"unknown": 0, "up": 1, "degraded": 0, "down": 1}
    assert [(each.id, each.state, each.cost_today_usd) for each in told.checks] == [
        ("openai/a/chat", State.UP, 0.25),
        ("openai/b/chat", State.DOWN, None),
    ]
    assert [each.model_dump() for each in told.notices] == [{"what": "budget exhausted", "detail": "openai, today"}]


def test_a_check_that_has_not_run() -> None:
    (told,) = make_status([known(check())], NOW, {}, []).checks
    assert told.model_dump(exclude_none=True) == {
        "id": "openai/gpt-4o/chat",
        "provider": "openai",
        "kind": "direct",
        "model": "gpt-4o",
        "alias": "gpt-4o",
        "probe": "chat",
        "required": True,
        "interval_seconds": 60.0,
        "effective_interval_seconds": 60.0,
        "state": "unknown",
        "offered": True,
        "why": "has not run yet",
        "running": 0,
    }


def test_a_run_in_full() -> None:
    limit = Limit(resource="requests", window="minute", limit=10, remaining=3, reset_at=STARTED)
    entry, past = known(check(), answered(flags=frozenset({Flag.SLOW, Flag.CACHED}), limits=(limit,)))
    run = make_detail(entry, past, NOW, {}).last_run
    assert run is not None
    assert (run.reason, run.fault, run.http_status, run.duration_seconds) == (Reason.OK, None, 200, 0.75)
    assert run.phases_seconds == PHASES
    assert run.flags == [Flag.CACHED, Flag.SLOW]
    assert run.tokens is not None
    assert run.tokens.model_dump() == {"input": 12, "output": 17, "cached_input": 4, "reasoning": 3}
    assert run.limits[0].reset_at == "2023-11-14T22:13:20.000Z"


def test_a_check_with_its_history() -> None:
    entry, past = known(check(), answered(), failed(Reason.AUTH, started_at=STARTED + 60), state=State.DOWN)
    told = make_detail(entry, past, NOW, {})
    assert (told.why, told.fault) == ("the key was rejected", "us")
    assert [(run.reason, run.grade) for run in told.recent] == [("ok", "clean"), ("auth", "hard")]
    assert [run.detail for run in told.failures] == ["the vendor is sorry"]
    assert (told.availability_hour, told.availability_day) == (0.5, 0.5)
    assert (len(told.hour), len(told.day)) == (60, 96)
    before, last = told.hour[-2:]
    assert (before.runs, before.failed, before.mean_duration_seconds) == (1, 0, 0.75)
    assert (last.runs, last.failed, last.mean_duration_seconds) == (1, 1, None)
    assert last.begins_at == "2023-11-14T22:14:00.000Z"


@pytest.mark.parametrize(("outcomes", "share"), [([], None), ([answered()], 1.0), ([failed()], 0.0)])
def test_availability(outcomes: list[Outcome], share: float | None) -> None:
    assert compute_availability(past_of(check(), outcomes).day, NOW) == share
