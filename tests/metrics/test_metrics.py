"""The sink as a whole: what stands in the exposition after each thing that can happen to a check."""

import subprocess
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.core.health_state import Health, State
from exporter.core.outcome import Limit, ListedModel, Reason
from exporter.core.plan import Buckets
from exporter.core.sink import Skip
from exporter.core.target import Price
from exporter.metrics.families import FAMILIES, Scope, families_of
from exporter.metrics.metrics import Metrics
from exporter.metrics.own import ExporterMetrics
from exporter.status_pages import Indicator
from tests.metrics.make import STARTED, StoppedClock, answered, check, failed, listing, provider, seen
from tests.metrics.read import body, families, names, series, told
from tests.metrics.surface import GOLDEN, KINDS, surface
from tests.parts.programs import program

ANY_TEXT = st.text(st.characters(), max_size=150)
UTF8 = st.text(st.characters(codec="utf-8"), max_size=150)


def fresh() -> Metrics:
    return Metrics(Buckets(), ("team",), StoppedClock())


def busy() -> Metrics:
    """Metrics of every kind of probe, after a good run and a failed one."""
    metrics = fresh()
    for each, outcome in KINDS.values():
        metrics.add_check(each)
        metrics.record_start(each)
        metrics.record_run(seen(each, outcome))
    metrics.record_run(seen(KINDS["chat"][0], failed(), State.DOWN, model_health=False))
    metrics.set_provider_status("openai", Indicator.MINOR)
    list(metrics.set_prices({("openai", "gpt-4o"): Price(input=Decimal("2.5"), output=Decimal(10))}))
    return metrics


@pytest.mark.parametrize("kind", KINDS)
def test_the_surface_of_a_probe(kind: str) -> None:
    """Changed on purpose? `python -m tests.metrics.surface` writes the golden files anew."""
    assert surface(kind) == (GOLDEN / f"{kind}.txt").read_text()


def test_every_family_of_the_table_is_filled() -> None:
    assert names(busy()) == {family.name for family in families_of(Scope.CHECK, Scope.MODEL, Scope.PROVIDER)}


@pytest.mark.parametrize("openmetrics", [False, True], ids=["text", "OpenMetrics"])
def test_families_are_announced_as_the_table_has_them(openmetrics: bool) -> None:
    announced = {
        family.name: (family.type, family.documentation)
        for family in families(body(busy(), openmetrics=openmetrics), openmetrics=openmetrics)
    }
    for row in families_of(Scope.CHECK, Scope.MODEL, Scope.PROVIDER):
        name = row.bare_name if openmetrics or row.kind == "counter" else row.name
        kind = "gauge" if row.kind == "info" and not openmetrics else row.kind
        assert announced[name] == (kind, row.text)


def test_counters_stand_at_zero_once_a_check_is_declared() -> None:
    metrics = fresh()
    metrics.add_check(check())
    assert set(series(body(metrics)).values()) == {0.0, 1.0, 60.0}
    assert told(metrics, "ai_api_requests_total", status="success") == 0
    assert told(metrics, "ai_api_errors_total", error_type="rate_limited") == 0
    assert told(metrics, "ai_api_probes_skipped_total", reason="budget") == 0
    assert told(metrics, "ai_api_time_to_first_token_seconds_count") == 0
    assert told(metrics, "ai_api_probe_last_success_timestamp_seconds") == 0
    assert told(metrics, "ai_api_active_requests") == 0
    assert told(metrics, "ai_api_probe_interval_seconds") == 60
    assert told(metrics, "ai_api_check_info", alias="gpt-4o", team="") == 1


def test_success_and_state_appear_with_the_first_run() -> None:
    metrics = fresh()
    metrics.add_check(check())
    for name in ("success", "state", "flag", "last_run_timestamp_seconds", "duration_seconds"):
        assert f"ai_api_probe_{name}" not in names(metrics)
    metrics.record_start(check())
    assert told(metrics, "ai_api_active_requests") == 1
    metrics.record_run(seen(check(), failed(Reason.OVERLOADED), State.UNKNOWN, model_health=None))
    assert told(metrics, "ai_api_active_requests") == 0
    assert told(metrics, "ai_api_probe_success") == 0
    assert told(metrics, "ai_api_probe_state", state="unknown") == 1
    assert told(metrics, "ai_api_probe_failure_info", error_type="overloaded", fault="provider") == 1
    assert told(metrics, "ai_api_model_health") is None


def test_a_success_takes_the_failure_away() -> None:
    metrics = fresh()
    metrics.add_check(check())
    metrics.record_run(seen(check(), failed(Reason.AUTH), State.DOWN))
    metrics.record_run(seen(check(), failed(Reason.DNS), State.DOWN))
    assert told(metrics, "ai_api_probe_failure_info") == 1
    assert told(metrics, "ai_api_probe_failure_info", error_type="dns", fault="network") == 1
    metrics.record_run(seen(check(), answered()))
    assert "ai_api_probe_failure_info" not in names(metrics)
    assert told(metrics, "ai_api_errors_total", error_type="auth") == 1


def test_a_skip_is_counted() -> None:
    metrics = fresh()
    metrics.add_check(check())
    metrics.record_skip(check(), Skip.OVERLAP)
    assert told(metrics, "ai_api_probes_skipped_total", reason="overlap") == 1


def test_an_old_run_leaves_counts_times_and_an_unknown_state() -> None:
    metrics = fresh()
    metrics.add_check(check())
    metrics.record_run(seen(check(), answered(limits=(Limit(resource="requests", window="day", limit=5),))))
    before = names(metrics)
    metrics.expire_check(check(), Health(state=State.UNKNOWN), model_health=None)
    assert before - names(metrics) == {
        "ai_api_model_health",
        "ai_api_output_tokens_per_second",
        "ai_api_probe_duration_seconds",
        "ai_api_probe_flag",
        "ai_api_probe_http_status_code",
        "ai_api_probe_phase_seconds",
        "ai_api_probe_success",
        "ai_api_probe_time_to_first_token_seconds",
        "ai_api_ratelimit_limit",
        "ai_api_served_model_info",
        "ai_api_served_model_match",
        "ai_api_stream_longest_gap_seconds",
    }
    assert told(metrics, "ai_api_probe_state", state="unknown") == 1
    assert told(metrics, "ai_api_probe_state", state="up") == 0
    assert told(metrics, "ai_api_requests_total", status="success") == 1
    assert told(metrics, "ai_api_probe_last_run_timestamp_seconds") == STARTED + 0.75


def test_nothing_is_left_of_a_check_that_is_forgotten() -> None:
    metrics = busy()
    for each, _ in KINDS.values():
        metrics.remove_check(each)
    list(metrics.set_prices({}))
    assert body(metrics) == ""


def test_others_stay_when_one_is_forgotten() -> None:
    metrics, alone = fresh(), fresh()
    for each in (check("a"), check("b")):
        metrics.add_check(each)
        metrics.record_run(seen(each, answered()))
    metrics.remove_check(check("a"))
    alone.add_check(check("b"))
    alone.record_run(seen(check("b"), answered()))
    assert body(metrics) == body(alone)


def test_what_happens_to_a_check_that_is_not_configured_is_not_told() -> None:
    metrics = fresh()
    metrics.record_start(check())
    metrics.record_run(seen(check(), answered()))
    metrics.record_skip(check(), Skip.OVERLAP)
    metrics.expire_check(check(), Health(), model_health=True)
    metrics.remove_check(check())
    assert body(metrics) == ""


def test_a_check_that_is_declared_again_keeps_its_counts_and_tells_what_changed() -> None:
    metrics = fresh()
    metrics.add_check(check(labels={"team": "red"}))
    metrics.record_run(seen(check(), answered()))
    metrics.add_check(check(labels={"team": "blue"}, required=False))
    assert told(metrics, "ai_api_requests_total", status="success") == 1
    assert told(metrics, "ai_api_check_info") == 1
    assert told(metrics, "ai_api_check_info", team="blue", required="false") == 1


def test_a_scrape_writes_nothing_and_gathers_nothing_twice() -> None:
    metrics = fresh()
    for name in ("a", "b"):
        metrics.add_check(check(name))
        metrics.record_run(seen(check(name), answered()))
    writes = metrics.writes
    first = tuple(metrics.render(openmetrics=True))
    text = b"".join(piece() for piece in first)
    again = tuple(metrics.render(openmetrics=True))
    assert metrics.writes == writes
    assert all(new is old for new, old in zip(again, first, strict=True))
    assert b"".join(piece() for piece in again) == text


def test_a_run_renews_only_what_it_changed() -> None:
    metrics = fresh()
    for name in ("a", "b"):
        metrics.add_check(check(name))
        metrics.record_run(seen(check(name), answered()))
    before, writes = tuple(metrics.render(openmetrics=False)), metrics.writes
    metrics.record_skip(check("a"), Skip.OVERLAP)
    after = tuple(metrics.render(openmetrics=False))
    renewed = [new().split()[2].decode() for new, old in zip(after, before, strict=True) if new is not old]
    assert renewed == ["ai_api_probes_skipped_total"]
    assert metrics.writes == writes + 1


def test_both_formats_say_the_same_but_for_exemplars() -> None:
    metrics = busy()
    assert series(body(metrics)) == series(body(metrics, openmetrics=True), openmetrics=True)
    with_exemplars = {
        family.name
        for family in families(body(metrics, openmetrics=True), openmetrics=True)
        if any(sample.exemplar for sample in family.samples)
    }
    assert with_exemplars == {family.name for family in FAMILIES if family.exemplars}


def test_nothing_tells_when_it_was_created() -> None:
    for openmetrics in (False, True):
        assert "_created" not in body(busy(), openmetrics=openmetrics)
        assert "_created" not in body(ExporterMetrics(), openmetrics=openmetrics)


def test_promtool_finds_nothing_to_say() -> None:
    text = body(busy()) + body(ExporterMetrics())
    checked = subprocess.run(
        [program("promtool"), "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


@pytest.mark.parametrize("openmetrics", [False, True], ids=["text", "OpenMetrics"])
@settings(max_examples=60)
@given(said=st.lists(ANY_TEXT, min_size=7, max_size=7), configured=UTF8)
def test_no_text_breaks_the_exposition(openmetrics: bool, said: list[str], configured: str) -> None:
    metrics = fresh()
    each = check(configured, alias=said[0], labels={"team": said[1]})
    metrics.add_check(each)
    metrics.add_check(listing())
    limit = Limit(resource=said[2], window=said[3], limit=1, remaining=1, reset_at=1)
    outcome = answered(served_model=said[4], request_id=said[5], limits=(limit,), detail=said[6])
    metrics.record_run(seen(each, outcome))
    metrics.record_run(seen(listing(), answered(models=(ListedModel(id=said[6]), ListedModel(id=configured)))))
    text = body(metrics, openmetrics=openmetrics)
    found = series(text, openmetrics=openmetrics)
    success = ("ai_api_probe_success", frozenset({("provider", "openai"), ("model", configured), ("probe", "chat")}))
    assert found[success] == 1


def test_a_vendor_that_makes_up_names_fills_few_series() -> None:
    metrics = fresh()
    metrics.add_check(check())
    shown = set()
    for n in range(30):
        metrics.record_run(seen(check(), answered(served_model=f"model-{n}")))
        shown |= {key for key in series(body(metrics)) if key[0] == "ai_api_served_model_info"}
    assert len(shown) == 9
    assert told(metrics, "ai_api_served_model_info", served_model="other") == 1


def test_configured_buckets_are_used() -> None:
    metrics = Metrics(Buckets(duration=(1.0,), first_token=(2.5,), per_output_token=(0.5,)), (), StoppedClock())
    metrics.add_check(check())
    bounds = {
        (name.removeprefix("ai_api_").removesuffix("_seconds_bucket"), dict(labels)["le"])
        for name, labels in series(body(metrics))
        if name.endswith("_bucket") and dict(labels)["le"] != "+Inf"
    }
    assert bounds == {
        ("request_duration", "1.0"),
        ("time_to_first_token", "2.5"),
        ("time_to_first_answer_token", "2.5"),
        ("time_per_output_token", "0.5"),
    }


def test_models_without_checks_are_told_of_when_they_are_configured() -> None:
    metrics = fresh()
    metrics.add_check(listing())
    metrics.set_targets([check("bare", at=provider()).target])
    metrics.record_run(seen(listing(), answered(models=(ListedModel(id="bare"),))))
    assert told(metrics, "ai_api_model_listed", model="bare") == 1
