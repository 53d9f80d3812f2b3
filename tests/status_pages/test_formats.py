"""Status pages of every kind, well and unwell, and pages that are none."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.status_pages.formats import GEMINI_PRODUCT, READERS, Indicator, read_page

NONE, MAINTENANCE, MINOR, MAJOR, CRITICAL = Indicator
PAGE = {
    "id": "01JMDK9XYR",
    "name": "Vendor",
    "url": "https://status.vendor.example",
    "updated_at": "2026-11-23T09:00:00Z",
}


def statuspage(indicator: Any, **more: Any) -> dict[str, Any]:
    return {"page": PAGE, "status": {"indicator": indicator, "description": "as it says"}, **more}


def components(*statuses: str) -> list[dict[str, Any]]:
    return [{"id": f"c{number}", "name": f"API {number}", "status": each} for number, each in enumerate(statuses)]


def better_stack(state: Any) -> dict[str, Any]:
    return {"data": {"id": "1", "type": "status_page", "attributes": {"aggregate_state": state}}, "included": []}


def online_or_not(statuses: list[str], *impacts: str) -> dict[str, Any]:
    incidents = [{"id": "i", "title": "Slow", "impact": each} for each in impacts]
    return {
        "success": True,
        "result": {"components": components(*statuses), "active_incidents": incidents, "scheduled_maintenance": []},
    }


def instatus(status: Any, *impacts: str) -> dict[str, Any]:
    page = {"name": "Vendor", "url": "https://status.vendor.example", "status": status}
    return {"page": page, "activeIncidents": [{"name": "Slow", "impact": each} for each in impacts]}


def google(**incident: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {"begin": "2026-11-23T08:00:00+00:00", "affected_products": [{"id": GEMINI_PRODUCT}]}
    return usual | incident


ENDED, OTHER = "2026-11-23T09:00:00+00:00", [{"id": "a-database"}]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        pytest.param(statuspage("none"), NONE, id="Statuspage: well"),
        pytest.param(statuspage("minor"), MINOR, id="Statuspage: minor"),
        pytest.param(statuspage("major"), MAJOR, id="Statuspage: major"),
        pytest.param(statuspage("critical"), CRITICAL, id="Statuspage: critical"),
        pytest.param(statuspage("maintenance"), MAINTENANCE, id="Statuspage: maintenance"),
        pytest.param(
            statuspage("none", components=components("partial_outage")), NONE, id="Statuspage: its own word counts"
        ),
        pytest.param(
            {"page": PAGE, "components": components("operational", "partial_outage", "degraded_performance")},
            MAJOR,
            id="imitation without a status",
        ),
        pytest.param(statuspage("new-word", components=components("major_outage")), CRITICAL, id="a word not known"),
        pytest.param(statuspage(None), None, id="Statuspage: no word at all"),
        pytest.param(better_stack("operational"), NONE, id="Better Stack: well"),
        pytest.param(better_stack("degraded"), MINOR, id="Better Stack: degraded"),
        pytest.param(better_stack("downtime"), MAJOR, id="Better Stack: down"),
        pytest.param(better_stack("maintenance"), MAINTENANCE, id="Better Stack: maintenance"),
        pytest.param(better_stack(None), None, id="Better Stack: no word"),
        pytest.param(online_or_not(["OPERATIONAL", "NO_IMPACT"]), NONE, id="OnlineOrNot: well"),
        pytest.param(online_or_not(["OPERATIONAL", "DEGRADED_PERFORMANCE"]), MINOR, id="OnlineOrNot: degraded"),
        pytest.param(online_or_not(["OPERATIONAL"], "CRITICAL"), CRITICAL, id="OnlineOrNot: an incident"),
        pytest.param(online_or_not(["UNDER_MAINTENANCE"]), MAINTENANCE, id="OnlineOrNot: maintenance"),
        pytest.param(instatus("UP"), NONE, id="Instatus: well"),
        pytest.param(instatus("HASISSUES"), MINOR, id="Instatus: issues"),
        pytest.param(instatus("HASISSUES", "MAJOROUTAGE"), CRITICAL, id="Instatus: an outage"),
        pytest.param(instatus("UNDERMAINTENANCE"), MAINTENANCE, id="Instatus: maintenance"),
        pytest.param([], NONE, id="Google: no incidents"),
        pytest.param([google(end=ENDED, severity="high")], NONE, id="Google: over"),
        pytest.param([google(affected_products=OTHER, severity="high")], NONE, id="Google: another product"),
        pytest.param([google(status_impact="SERVICE_OUTAGE")], CRITICAL, id="Google: an outage"),
        pytest.param([google(status_impact="SERVICE_DISRUPTION")], MAJOR, id="Google: a disruption"),
        pytest.param([google(severity="medium"), google(severity="low")], MAJOR, id="Google: by severity"),
        pytest.param([google()], MINOR, id="Google: no more said"),
        pytest.param(
            [google(status_impact="SERVICE_OUTAGE", most_recent_update={"status": "AVAILABLE"})],
            NONE,
            id="Google: available again",
        ),
        pytest.param({}, None, id="nothing"),
        pytest.param({"page": PAGE}, None, id="half a page"),
        pytest.param([{"id": 1}], None, id="some list"),
        pytest.param({"error": "not found"}, None, id="an error"),
        pytest.param("operational", None, id="a bare word"),
    ],
)
def test_what_a_page_says(page: Any, expected: Indicator | None) -> None:
    assert read_page(json.dumps(page).encode()) is expected


@pytest.mark.parametrize(
    "body", [b"", b"<html>All Systems Operational</html>", b"\xff\xfe[\x00]\x00", b'{"page":', b"[" * 5000]
)
def test_what_is_no_json_says_nothing(body: bytes) -> None:
    assert read_page(body) is None


KEYS = [
    *("page", "status", "indicator", "components", "data", "attributes", "aggregate_state", "result", "impact", "end"),
    *("active_incidents", "activeIncidents", "affected_products", "id", "severity", "most_recent_update"),
]
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["none", "UP", "degraded", GEMINI_PRODUCT, ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=20,
)


@given(ANY)
def test_no_page_is_too_odd(page: Any) -> None:
    assert read_page(json.dumps(page).encode()) in (None, *Indicator)
    for read in READERS:
        assert read(page) in (None, *Indicator)
