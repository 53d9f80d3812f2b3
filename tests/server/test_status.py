"""Health as JSON: one word for all, a count of each state, what is known of each check."""

import pytest

from exporter.core.health_state import Health, State
from exporter.core.outcome import Flag, Reason
from exporter.core.sink import Skip
from exporter.results.status_cache import Entry
from exporter.server.status import count_states, find_overall_state, format_time, make_health_report
from tests.metrics.make import STARTED, answered, check, failed


def entry(state: State, *, required: bool = True) -> Entry:
    return Entry(check=check(required=required), health=Health(state=state, since=STARTED))


UP, DEGRADED, DOWN, UNKNOWN = (entry(state) for state in (State.UP, State.DEGRADED, State.DOWN, State.UNKNOWN))
OPTIONAL_DOWN, OPTIONAL_UNKNOWN = entry(State.DOWN, required=False), entry(State.UNKNOWN, required=False)


@pytest.mark.parametrize(
    ("entries", "word"),
    [
        pytest.param([], State.UNKNOWN, id="nothing is checked"),
        pytest.param([UP, UP], State.UP, id="all up"),
        pytest.param([UP, OPTIONAL_UNKNOWN], State.UP, id="an optional one has not run"),
        pytest.param([UP, UNKNOWN], State.UNKNOWN, id="a required one has not run"),
        pytest.param([UP, DEGRADED, UNKNOWN], State.DEGRADED, id="one is degraded"),
        pytest.param([UP, OPTIONAL_DOWN], State.DEGRADED, id="an optional one is down"),
        pytest.param([UP, DEGRADED, DOWN, UNKNOWN], State.DOWN, id="a required one is down"),
    ],
)
def test_one_word_for_all(entries: list[Entry], word: State) -> None:
    assert find_overall_state(entries) is word


def test_every_state_is_counted() -> None:
    assert count_states([UP, UP, DOWN]) == {State.UNKNOWN: 0, State.UP: 2, State.DEGRADED: 0, State.DOWN: 1}


def test_a_check_that_has_not_run() -> None:
    told = make_health_report([Entry(check=check(), last_skip=Skip.BUDGET)])
    assert told["status"] == "unknown"
    assert told["checks"] == [
        {
            "id": "openai/gpt-4o/chat",
            "provider": "openai",
            "model": "gpt-4o",
            "probe": "chat",
            "required": True,
            "state": "unknown",
            "offered": True,
            "since": None,
            "last_run": None,
            "last_skip": "budget",
            "running": 0,
        }
    ]


def test_a_check_that_ran() -> None:
    last = answered(flags=frozenset({Flag.SLOW, Flag.CACHED}))
    (told,) = make_health_report([Entry(check=check(), health=Health(state=State.UP, since=STARTED), last=last)])[
        "checks"
    ]
    assert told["since"] == "2023-11-14T22:13:20.000Z"
    assert told["last_run"] == {
        "started_at": "2023-11-14T22:13:20.000Z",
        "reason": "ok",
        "fault": None,
        "detail": "",
        "http_status": 200,
        "duration_seconds": 0.75,
        "time_to_first_token_seconds": 0.3,
        "served_model": "gpt-4o-2024-11-20",
        "flags": ["cached", "slow"],
    }


def test_a_failure_names_its_fault() -> None:
    (told,) = make_health_report([Entry(check=check(), last=failed(Reason.AUTH, detail="no such key"))])["checks"]
    assert (told["last_run"]["reason"], told["last_run"]["fault"]) == ("auth", "us")
    assert told["last_run"]["detail"] == "no such key"


def test_a_moment_is_written_in_utc() -> None:
    assert format_time(STARTED + 0.25) == "2023-11-14T22:13:20.250Z"
