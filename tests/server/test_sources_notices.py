"""The exporter's own troubles: said when they are there, and only then."""

from collections.abc import Mapping
from typing import Any

import pytest

from exporter.server.sources import list_notices


@pytest.mark.parametrize(
    ("known", "said"),
    [
        pytest.param({}, [], id="nothing is known"),
        pytest.param(
            {"network_up": True, "budgets": {("all", "day"): (1.0, 0.5)}, "reload_problems": ()}, [], id="all is well"
        ),
        pytest.param(
            {"network_up": False},
            ["The network is down here: What fails below may be our own connection, not the vendors."],
            id="network",
        ),
        pytest.param(
            {"reload_problems": ["a.yml:1: no", "a.yml:2: no", "a.yml:3: no", "a.yml:4: no"]},
            [
                (
                    "The configuration was not reloaded, the one before stays in use: "
                    "a.yml:1: no; a.yml:2: no; a.yml:3: no (and 1 more)"
                )
            ],
            id="reload",
        ),
        pytest.param(
            {"budgets": {("all", "day"): (1.0, 1.0), ("openai", "month"): (9.0, 1.0)}},
            ["The budget is used up (all, day): $1.00 of $1.00 are spent; paid probes rest until the period ends."],
            id="budget",
        ),
    ],
)
def test_notices(known: Mapping[str, Any], said: list[str]) -> None:
    assert [f"{notice.what}: {notice.detail}" for notice in list_notices(**known)] == said
