"""What the exporter tells of itself."""

from collections.abc import Callable

import pytest

from exporter import __version__
from exporter.core.outcome import FAULTS, Reason
from exporter.metrics.families import Scope, families_of
from exporter.metrics.own import ExporterMetrics
from tests.metrics.read import body, families, names, series, told


def exercised() -> ExporterMetrics:
    own = ExporterMetrics()
    own.set_clock_source("kernel")
    own.set_budgets({("all", "day"): (1.0, 0.25)})
    own.set_network_up(up=True)
    return own


def test_every_family_of_the_table_is_there() -> None:
    ours = {name for name in names(exercised()) if name.startswith("ai_api_")}
    assert ours == {family.name for family in families_of(Scope.EXPORTER)}


def test_labels_and_texts_are_those_of_the_table() -> None:
    rows = {family.bare_name: family for family in families_of(Scope.EXPORTER)}
    for family in families(body(exercised(), openmetrics=True), openmetrics=True):
        row = rows.get(family.name)
        if row is not None:
            assert family.documentation == row.text
            assert {label for sample in family.samples for label in sample.labels} - {"le"} == set(row.labels)


def test_the_process_is_told_of_too() -> None:
    assert names(exercised()) >= {"process_cpu_seconds_total", "process_resident_memory_bytes", "python_info"}


def test_budgets_that_are_no_more_are_not_told() -> None:
    own = exercised()
    assert told(own, "ai_api_budget_spent_usd", scope="all", period="day") == 0.25
    own.set_budgets({("openai", "month"): (9.0, 0.0)})
    assert told(own, "ai_api_budget_usd") == 9
    assert told(own, "ai_api_budget_spent_usd", scope="all") is None


def test_whether_the_network_is_up_is_told_only_while_it_is_known() -> None:
    own = ExporterMetrics()
    for up, value in ((None, None), (True, 1.0), (False, 0.0), (None, None)):
        own.set_network_up(up=up)
        assert told(own, "ai_api_exporter_network_up") == value


def test_each_error_type_has_its_fault() -> None:
    found = {
        (dict(labels)["error_type"], dict(labels)["fault"])
        for name, labels in series(body(exercised()))
        if name == "ai_api_error_fault_info"
    }
    assert found == {(reason.value, fault.value) for reason, fault in FAULTS.items()}
    assert len(found) == len(Reason) - 1


def test_the_build_is_named() -> None:
    assert told(exercised(), "ai_api_exporter_build_info", version=__version__) == 1


@pytest.mark.parametrize(
    ("happens", "name", "labels", "value"),
    [
        pytest.param(lambda own: own.set_check_count(7), "checks", {}, 7, id="checks"),
        pytest.param(lambda own: own.set_in_flight(3), "probes_in_flight", {}, 3, id="in flight"),
        pytest.param(
            lambda own: own.observe_schedule_lag(0.002), "schedule_lag_seconds_sum", {}, 0.002, id="schedule lag"
        ),
        pytest.param(
            lambda own: own.observe_loop_lag(0.5), "event_loop_lag_seconds_bucket", {"le": "0.5"}, 1, id="loop lag"
        ),
        pytest.param(
            lambda own: own.observe_loop_lag(0.5), "event_loop_lag_seconds_bucket", {"le": "0.25"}, 0, id="under it"
        ),
        pytest.param(lambda own: own.observe_scrape(0.1, 512), "scrape_bytes", {}, 512, id="size of a scrape"),
        pytest.param(
            lambda own: own.observe_scrape(0.1, 5), "scrape_duration_seconds_count", {}, 1, id="time of a scrape"
        ),
        pytest.param(lambda own: own.set_clock_source("user"), "clock_source", {"source": "user"}, 1, id="clock"),
        pytest.param(
            lambda own: own.set_clock_source("user"), "clock_source", {"source": "kernel"}, 0, id="other clock"
        ),
        pytest.param(lambda own: own.count_internal_error(), "internal_errors_total", {}, 1, id="an error of ours"),
        pytest.param(lambda own: own.count_store_error(), "store_errors_total", {}, 1, id="trouble with the store"),
        pytest.param(
            lambda own: own.count_lost_outcomes(7), "store_lost_outcomes_total", {}, 7, id="outcomes that are lost"
        ),
        pytest.param(
            lambda own: own.count_log_line("warning"), "log_messages_total", {"level": "warning"}, 1, id="a warning"
        ),
        pytest.param(
            lambda own: own.count_log_line("warning"), "log_messages_total", {"level": "error"}, 0, id="no error"
        ),
    ],
)
def test_a_figure_follows_what_happens(
    happens: Callable[[ExporterMetrics], None], name: str, labels: dict[str, str], value: float
) -> None:
    own = exercised()
    happens(own)
    assert told(own, f"ai_api_exporter_{name}", **labels) == value


def test_a_bad_reload_is_told_and_keeps_the_time_of_the_good_one() -> None:
    own = exercised()
    own.record_reload(ok=True, at=100.0)
    assert told(own, "ai_api_exporter_config_last_reload_successful") == 1
    own.record_reload(ok=False, at=200.0)
    assert told(own, "ai_api_exporter_config_last_reload_successful") == 0
    assert told(own, "ai_api_exporter_config_last_reload_success_timestamp_seconds") == 100


def test_two_of_them_do_not_share_anything() -> None:
    first, second = exercised(), exercised()
    first.set_check_count(5)
    assert told(second, "ai_api_exporter_checks") == 0
