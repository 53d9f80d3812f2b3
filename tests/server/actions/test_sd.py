"""`/sd` over a real connection: a target group per check, at the address it was asked by."""

import json

import pytest

from exporter.server.actions.sd import format_prometheus_duration, make_target_group
from tests.metrics.make import check, listing
from tests.server.door import Runs, world_with
from tests.server.running import serving

CHECKS = (check("meta/llama-3.1", labels={"team": "search"}), listing())


async def test_each_check_is_a_target_of_this_exporter() -> None:
    runs = Runs()
    async with serving(world_with(CHECKS, runs)) as session:
        async with session.get("/sd", headers={"Host": "exporter.monitoring:10115"}) as response:
            assert (response.status, response.content_type) == (200, "application/json")
            groups = json.loads(await response.read())
        assert [each["targets"] for each in groups] == [["exporter.monitoring:10115"]] * 2
        for each in groups:
            labels = each["labels"]
            query = {name: labels[f"__param_{name}"] for name in ("target", "probe")}
            async with session.get(labels["__metrics_path__"], params=query) as response:
                assert response.status == 200
    assert [each.id for each in runs.checks] == [each["labels"]["instance"] for each in groups]
    assert [each.id for each in runs.checks] == [each.id for each in CHECKS]


def test_the_labels_of_a_group() -> None:
    labels = make_target_group(CHECKS[0], "localhost:10115", "https")["labels"]
    assert all(isinstance(value, str) for value in labels.values())
    assert labels["__scheme__"] == "https"
    assert (labels["__scrape_interval__"], labels["__scrape_timeout__"]) == ("60000ms", "31000ms")
    assert labels["__meta_ai_api_label_team"] == "search"
    # A label that stays would collide with those of the metrics.
    assert [name for name in labels if not name.startswith("__")] == ["instance"]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:10115", 200),
        ("10.0.0.7", 200),
        ("[::1]:10115", 200),
        ("exporter_1.monitoring.svc.cluster.local:10115", 200),
        ("a b", 400),
        ("user@host", 400),
        ("host:port", 400),
        ("host/path", 400),
        ("-host", 400),
        ("a" * 300, 400),
    ],
)
async def test_the_address_is_one_that_a_target_could_have(host: str, status: int) -> None:
    async with serving(world_with(CHECKS, Runs())) as session, session.get("/sd", headers={"Host": host}) as response:
        assert response.status == status


@pytest.mark.parametrize(("seconds", "text"), [(60.0, "60000ms"), (0.25, "250ms"), (1e-9, "1ms")])
def test_a_duration(seconds: float, text: str) -> None:
    assert format_prometheus_duration(seconds) == text
