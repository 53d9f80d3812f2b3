"""The exposition of one run: gauges and info of that run, nothing that would be summed twice."""

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families

from exporter.core.outcome import ListedModel, Outcome, Reason
from exporter.core.target import Check
from exporter.metrics.families import FAMILIES, Kind
from exporter.metrics.one_run import render_one_run
from tests.metrics.make import answered, check, failed, listing


def shown(of: Check, outcome: Outcome, keys: tuple[str, ...] = ()) -> dict[str, list[float]]:
    text = render_one_run(of, outcome, keys, openmetrics=False).decode()
    families = text_string_to_metric_families(text)
    return {family.name: [sample.value for sample in family.samples] for family in families}


def test_a_success() -> None:
    seen = shown(check(), answered(certificate_expires_at=1_800_000_000.0))
    assert seen["ai_api_probe_success"] == [1]
    assert seen["ai_api_probe_duration_seconds"] == [0.75]
    assert seen["ai_api_probe_time_to_first_token_seconds"] == [0.3]
    assert seen["ai_api_check_info"] == [1]
    assert seen["ai_api_probe_interval_seconds"] == [60]
    assert seen["ai_api_tls_certificate_expiry_timestamp_seconds"] == [1_800_000_000]
    assert "ai_api_probe_failure_info" not in seen


def test_a_failure() -> None:
    seen = shown(check(), failed(Reason.SERVER_ERROR))
    assert seen["ai_api_probe_success"] == [0]
    assert seen["ai_api_probe_http_status_code"] == [500]
    assert seen["ai_api_probe_failure_info"] == [1]
    assert "ai_api_probe_time_to_first_token_seconds" not in seen


def test_a_list_of_models() -> None:
    assert shown(listing(), answered(models=(ListedModel(id="a"), ListedModel(id="b"))))["ai_api_provider_models"] == [
        2
    ]


@pytest.mark.parametrize("outcome", [answered(), failed()], ids=["success", "failure"])
def test_nothing_is_counted_or_remembered(outcome: Outcome) -> None:
    kinds = {family.name: family.kind for family in FAMILIES}
    seen = shown(check(), outcome)
    assert {kinds[name] for name in seen} <= {Kind.GAUGE, Kind.INFO}
    assert seen.keys().isdisjoint(
        {"ai_api_active_requests", "ai_api_probe_state", "ai_api_model_health"}
        | {"ai_api_probe_last_success_timestamp_seconds"}
    )


def test_the_labels_of_the_user_are_on_the_info() -> None:
    text = render_one_run(check(labels={"team": "search"}), answered(), ("team", "tier"), openmetrics=False).decode()
    (info,) = [line for line in text.splitlines() if line.startswith("ai_api_check_info{")]
    assert 'team="search",tier=""' in info.replace('tier="",team="search"', 'team="search",tier=""')


def test_openmetrics_is_whole() -> None:
    text = render_one_run(check(), answered(), (), openmetrics=True).decode()
    assert text.endswith("# EOF\n")
    families = {family.name for family in parse_openmetrics(text)}  # type: ignore[no-untyped-call]
    assert {"ai_api_probe_success", "ai_api_check"} <= families
