"""What each gauge says of the last run, and when it says nothing."""

import math
from functools import partial

import pytest

from exporter.core.health_state import State
from exporter.core.outcome import Fault, Flag, Limit, Outcome, Phase, Reason
from exporter.core.target import Check
from exporter.metrics.check_metrics import CheckMetrics
from exporter.metrics.gauges import AFTER_A_RUN, read_info
from tests.metrics.make import LADDERS, PHASES, STARTED, answered, check, failed, timing

ALWAYS = {"ai_api_active_requests", "ai_api_probe_last_success_timestamp_seconds"}
AFTER_ANY_RUN = ALWAYS | {
    "ai_api_probe_success",
    "ai_api_probe_duration_seconds",
    "ai_api_probe_state",
    "ai_api_probe_phase_seconds",
    "ai_api_probe_flag",
    "ai_api_probe_last_run_timestamp_seconds",
}
MINUTE = partial(Limit, resource="requests", window="minute")


def record(outcome: Outcome | None = None, state: State = State.UP) -> CheckMetrics:
    made = CheckMetrics(check(), LADDERS)
    if outcome is not None:
        made.record_run(outcome, state, 0)
    return made


def read(family: str, of: CheckMetrics) -> dict[str, float]:
    return dict(AFTER_A_RUN[f"ai_api_{family}"](of))


def telling(of: CheckMetrics) -> set[str]:
    return {family for family, reader in AFTER_A_RUN.items() if list(reader(of))}


def test_before_the_first_run_little_is_known() -> None:
    assert telling(record()) == ALWAYS
    assert read("probe_last_success_timestamp_seconds", record()) == {"": 0.0}


def test_a_failure_tells_no_figure_it_did_not_reach() -> None:
    assert telling(record(failed(http_status=None))) == AFTER_ANY_RUN | {"ai_api_probe_failure_info"}


def test_what_is_too_old_leaves_the_state_and_the_times() -> None:
    old = record(answered())
    old.expire(State.UNKNOWN)
    assert telling(old) == ALWAYS | {"ai_api_probe_state", "ai_api_probe_last_run_timestamp_seconds"}
    assert read("probe_state", old)[',state="unknown"'] == 1


@pytest.mark.parametrize(
    ("family", "outcome", "value"),
    [
        pytest.param("probe_success", answered(), 1, id="success"),
        pytest.param("probe_success", failed(), 0, id="failure"),
        pytest.param("probe_duration_seconds", answered(), 0.75, id="duration"),
        pytest.param("probe_duration_seconds", failed(), 0.25, id="duration of a failure"),
        pytest.param("probe_time_to_first_token_seconds", answered(), 0.3, id="first token"),
        pytest.param("probe_time_to_first_token_seconds", failed(), None, id="no first token"),
        pytest.param("probe_http_status_code", failed(), 500, id="status"),
        pytest.param("probe_http_status_code", failed(http_status=None), None, id="no answer"),
        pytest.param("stream_longest_gap_seconds", answered(), 0.05, id="longest gap"),
        pytest.param("output_tokens_per_second", answered(), 40.0, id="speed"),
        pytest.param("output_tokens_per_second", answered(timing=timing(per_output_token=0.0)), None, id="no time"),
        pytest.param("output_tokens_per_second", answered(flags={Flag.STARVED}), None, id="speed of a starved run"),
        pytest.param("output_tokens_per_second", answered(flags={Flag.BUFFERED}), None, id="speed of a buffered run"),
        pytest.param("served_model_match", answered(), 1, id="the model asked for"),
        pytest.param("served_model_match", answered(flags={Flag.MISMATCHED}), 0, id="another model"),
        pytest.param("served_model_match", answered(served_model=None), None, id="who answered is not told"),
        pytest.param("canary_correct", answered(canary_correct=True), 1, id="right"),
        pytest.param("canary_correct", answered(canary_correct=False), 0, id="wrong"),
        pytest.param("canary_correct", answered(), None, id="no verdict"),
        pytest.param("probe_last_run_timestamp_seconds", failed(), STARTED + 0.25, id="end of the run"),
        pytest.param("probe_last_success_timestamp_seconds", answered(), STARTED + 0.75, id="end of the success"),
    ],
)
def test_a_figure_of_the_last_run(family: str, outcome: Outcome, value: float | None) -> None:
    assert read(family, record(outcome)) == ({} if value is None else {"": value})


@pytest.mark.parametrize("state", State)
def test_one_state_is_one(state: State) -> None:
    told = read("probe_state", record(answered(), state))
    assert told == {f',state="{each}"': int(each is state) for each in State}


def test_all_flags_are_told() -> None:
    told = read("probe_flag", record(answered(flags=frozenset({Flag.SLOW, Flag.CACHED}))))
    assert told == {f',flag="{flag}"': int(flag in {Flag.SLOW, Flag.CACHED}) for flag in Flag}


def test_phases_end_where_the_run_failed() -> None:
    assert read("probe_phase_seconds", record(answered())) == {
        f',phase="{phase}"': seconds for phase, seconds in PHASES.items()
    }
    assert read("probe_phase_seconds", record(failed())) == {
        f',phase="{Phase.RESOLVE}"': 0.0,
        f',phase="{Phase.CONNECT}"': 0.01,
        f',phase="{Phase.WAIT}"': 0.24,
    }


@pytest.mark.parametrize(
    ("outcome", "labels"),
    [
        pytest.param(answered(), [], id="a success has none"),
        pytest.param(failed(Reason.AUTH), [',error_type="auth",fault="us"'], id="the fault of the table"),
        pytest.param(
            failed(Reason.OVERLOADED, fault=Fault.GATEWAY), [',error_type="overloaded",fault="gateway"'], id="told"
        ),
    ],
)
def test_the_last_failure_names_its_fault(outcome: Outcome, labels: list[str]) -> None:
    assert list(read("probe_failure_info", record(outcome))) == labels


def test_who_answered_last_is_kept_through_a_failure() -> None:
    made = record(answered(served_model="b"))
    made.record_run(failed(), State.DOWN, 0)
    assert list(read("served_model_info", made)) == [',served_model="b"']


def test_whom_a_gateway_asked_is_told_where_it_says() -> None:
    made = record(answered(served_model="b", upstream="Azure"))
    assert list(read("served_model_info", made)) == [',served_model="b",upstream="Azure"']

    made.record_run(answered(served_model="b"), State.UP, 0)
    assert list(read("served_model_info", made)) == [',served_model="b"']


def test_upstreams_are_bounded_like_models() -> None:
    made = record(answered(upstream="one"))
    for number in range(20):
        made.record_run(answered(upstream=f"upstream-{number}"), State.UP, 0)
    (labels,) = read("served_model_info", made)
    assert labels.endswith(',upstream="other"')


@pytest.mark.parametrize(
    ("limit", "figures"),
    [
        pytest.param(MINUTE(limit=100, remaining=25, reset_at=STARTED), (100, 25, 0.25, STARTED), id="all told"),
        pytest.param(MINUTE(remaining=25), (None, 25, None, None), id="only what is left"),
        pytest.param(MINUTE(limit=100), (100, None, None, None), id="only the limit"),
        pytest.param(MINUTE(limit=0, remaining=0), (0, 0, None, None), id="a limit of nothing"),
        pytest.param(MINUTE(limit=100, remaining=-1), (100, None, None, None), id="a sentinel"),
        pytest.param(MINUTE(limit=math.inf, remaining=math.nan), (None,) * 4, id="no numbers"),
    ],
)
def test_headroom_is_told_as_far_as_the_answer_told_it(limit: Limit, figures: tuple[float | None, ...]) -> None:
    made = record(answered(limits=(limit,)))
    names = ("limit", "remaining", "remaining_ratio", "reset_timestamp_seconds")
    told = tuple(read(f"ratelimit_{name}", made).get(',resource="requests",window="minute"') for name in names)
    assert told == figures


def test_headroom_is_absent_when_the_last_answer_did_not_tell() -> None:
    made = record(answered(limits=(MINUTE(limit=100),)))
    made.record_run(answered(), State.UP, 0)
    assert read("ratelimit_limit", made) == {}


def test_of_two_limits_by_one_name_the_later_counts_and_many_are_cut() -> None:
    twice = (MINUTE(limit=1), MINUTE(limit=2))
    assert list(read("ratelimit_limit", record(answered(limits=twice))).values()) == [2]
    many = tuple(Limit(resource=f"r{n}", window="minute", limit=n) for n in range(100))
    assert len(read("ratelimit_limit", record(answered(limits=many)))) == 16


@pytest.mark.parametrize(
    ("of", "labels"),
    [
        pytest.param(
            check(alias="mini"),
            ',alias="mini",dialect="openai-chat",kind="direct",required="true",team="",zone=""',
            id="an alias",
        ),
        pytest.param(
            check(required=False, labels={"team": 'a"b', "new": "x"}),
            ',alias="gpt-4o",dialect="openai-chat",kind="direct",required="false",team="a\\"b",zone="",new="x"',
            id="user labels, and one that a reload brought",
        ),
    ],
)
def test_a_check_is_described(of: Check, labels: str) -> None:
    assert list(read_info(CheckMetrics(of, LADDERS), ("team", "zone"))) == [(labels, 1)]
