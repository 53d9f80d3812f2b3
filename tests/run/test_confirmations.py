"""A first failure is confirmed once; nothing else asks for a run."""

import pytest

from exporter.core.health_state import Health
from exporter.core.outcome import Outcome, Reason, Timing
from exporter.core.sink import Observation, Skip
from exporter.run.confirmations import Confirmations
from tests.probes.samples import a_check


def seen(reason: Reason, *, retry_after: float | None = None) -> Observation:
    outcome = Outcome(reason=reason, started_at=0.0, timing=Timing(duration=1.0), retry_after=retry_after)
    return Observation(check=a_check(), outcome=outcome, before=Health(), after=Health(), model_health=None)


@pytest.mark.parametrize(
    ("observation", "asked"),
    [
        pytest.param(seen(Reason.OK), [], id="a success"),
        pytest.param(seen(Reason.SERVER_ERROR), [10.0], id="a first failure"),
        pytest.param(seen(Reason.OVERLOADED, retry_after=42.0), [42.0], id="not before the vendor says"),
        pytest.param(seen(Reason.AUTH), [], id="what a second call cannot change"),
    ],
)
def test_what_is_confirmed(observation: Observation, asked: list[float]) -> None:
    confirmed: list[tuple[str, float]] = []
    sink = Confirmations(lambda check, seconds: confirmed.append((check.id, seconds)))

    sink.record_run(observation)

    assert confirmed == [(observation.check.id, seconds) for seconds in asked]


def test_only_the_end_of_a_run_asks_for_another() -> None:
    confirmed: list[str] = []
    sink = Confirmations(lambda check, _: confirmed.append(check.id))
    check = a_check()

    sink.add_check(check)
    sink.record_start(check)
    sink.record_skip(check, Skip.OVERLAP)
    sink.expire_check(check, Health(), None)
    sink.remove_check(check)

    assert confirmed == []
