"""Runs of a `models` probe as sinks are told of them, and a log that remembers what it was told."""

from typing import Any

import structlog
from structlog.testing import CapturingLogger
from structlog.typing import FilteringBoundLogger

from exporter.core.health_state import Health
from exporter.core.outcome import ListedModel, Outcome, Reason, Timing
from exporter.core.sink import Observation
from exporter.core.target import Check, Provider
from tests.probes.samples import a_check, a_provider

START = 1_700_000_000.0


def remembered() -> tuple[FilteringBoundLogger, CapturingLogger]:
    """A log, and where what it was told can be read."""
    kept = CapturingLogger()
    log: FilteringBoundLogger = structlog.wrap_logger(
        kept, processors=[_as_it_is], wrapper_class=structlog.make_filtering_bound_logger(0)
    )
    return log, kept


def _as_it_is(_: Any, __: str, event: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    said = event.pop("event")
    return (said,), event


def lister(provider: Provider | None = None) -> Check:
    """The check that brings the list of a provider, each minute."""
    return a_check("models", model="", provider=provider or a_provider(), interval=60.0)


def a_list(
    *models: str | ListedModel,
    at: float = 0.0,
    check: Check | None = None,
    reason: Reason = Reason.OK,
    told: bool = True,
) -> Observation:
    """A list that came `at` seconds after the start; with `told` False there was none."""
    rows = tuple(each if isinstance(each, ListedModel) else ListedModel(id=each) for each in models)
    outcome = Outcome(reason=reason, started_at=START + at, timing=Timing(duration=0.1), models=rows if told else None)
    return Observation(check=check or lister(), outcome=outcome, before=Health(), after=Health(), model_health=None)
