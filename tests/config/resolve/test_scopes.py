"""Nearest wins, and what follows from it."""

import pytest

from exporter.config.resolve.scopes import DEFAULTS, Scope, Scopes
from exporter.config.schema.blocks import Tunables
from exporter.config.yaml.problems import Trouble
from exporter.core.target import Deadlines, HealthPolicy


def scopes(*blocks: dict[str, object]) -> Scopes:
    """From far to near, each at a place named by its position."""
    return Scopes(tuple(Scope(Tunables.model_validate(block), (f"level{n}",)) for n, block in enumerate(blocks)))


def test_the_nearest_wins() -> None:
    assert scopes({"interval": "1m"}, {}, {"interval": "5s"}, {}).find_nearest("interval") == 5
    assert scopes({"required": True}, {"required": False}).find_nearest("required") is False


def test_defaults() -> None:
    bare = scopes({}, {})
    assert {name: bare.find_nearest(name) for name in DEFAULTS} == dict(DEFAULTS)
    assert bare.find_nearest("degraded_above") is None
    assert bare.find_nearest("required") is None


@pytest.mark.parametrize(
    ("block", "deadlines"),
    [
        pytest.param({}, Deadlines(connect=10, first_token=20, total=30), id="defaults"),
        pytest.param({"timeout": "5s"}, Deadlines(connect=5, first_token=5, total=5), id="short"),
        pytest.param({"timeout": "60s"}, Deadlines(connect=10, first_token=20, total=60), id="long"),
        pytest.param(
            {"timeout": "15s", "connect_timeout": "2s", "first_token_timeout": "40s"},
            Deadlines(connect=2, first_token=15, total=15),
            id="own",
        ),
    ],
)
def test_deadlines(block: dict[str, object], deadlines: Deadlines) -> None:
    assert scopes(block).make_deadlines() == deadlines


@pytest.mark.parametrize(
    ("block", "policy"),
    [
        pytest.param({}, HealthPolicy(failures=2, window=3, successes=1, confirm_interval=10), id="defaults"),
        pytest.param({"failures": 5}, HealthPolicy(failures=5, window=5), id="the window grows"),
        pytest.param({"failures": 1, "window": 1}, HealthPolicy(failures=1, window=1), id="own"),
        pytest.param(
            {"successes": 3, "confirm_interval": "1s"}, HealthPolicy(successes=3, confirm_interval=1), id="up"
        ),
    ],
)
def test_health(block: dict[str, object], policy: HealthPolicy) -> None:
    assert scopes(block).make_health_policy() == policy
    assert list(scopes(block).find_contradictions()) == []


def test_a_contradiction_is_told_at_the_nearer_place() -> None:
    text = "failures (4) is more than window (3), so it could never be down"
    found = Scopes(
        (Scope(Tunables(window=3), ()), Scope(Tunables(failures=4), ("models", 0)), Scope(Tunables(), ("models", 0, 1)))
    ).find_contradictions()
    assert list(found) == [Trouble(("models", 0, "failures"), text, "raise window or lower failures")]
