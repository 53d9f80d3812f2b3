"""The log of one run on demand, for a person: where its time went, what was exchanged (redacted), what it shows."""

from collections.abc import Iterator

from exporter.core.outcome import Outcome, Phase
from exporter.core.target import Check
from exporter.results.exchange_text import render_exchange
from exporter.results.text import FAULTS, REASONS, format_duration
from exporter.run.runner import OnDemandRun
from exporter.server.status import format_time


def render_log(check: Check, run: OnDemandRun, metrics: str) -> str:
    """Render the whole log as plain text; `run` is redacted already."""
    parts = [*_render_verdict(check, run.outcome), "", *_render_timeline(run.outcome)]
    for number, exchange in enumerate(run.exchanges, start=1):
        parts += ["", f"Exchange {number} of {len(run.exchanges)}", render_exchange(exchange)]
    return "\n".join([*parts, "", "Metrics of this run", metrics])


def _render_verdict(check: Check, outcome: Outcome) -> Iterator[str]:
    yield f"Check      {check.id}"
    yield f"Asked      {format_time(outcome.started_at)}"
    yield f"Outcome    {outcome.reason}: {REASONS[outcome.reason]}"
    if outcome.blamed is not None:
        yield f"Fault      {FAULTS[outcome.blamed]}"
    if outcome.detail:
        yield f"Detail     {outcome.detail}"
    if outcome.flags:
        yield f"Flags      {', '.join(sorted(outcome.flags))}"


def _render_timeline(outcome: Outcome) -> Iterator[str]:
    """Render when each phase began, and how long it took."""
    begun = 0.0
    yield "Begun at        Took  Phase"
    for phase in Phase:
        if phase in outcome.timing.phases:
            took = outcome.timing.phases[phase]
            yield f"{begun * 1000:9.1f} ms {format_duration(took):>9}  {phase}"
            begun += took
    yield f"{outcome.timing.duration * 1000:9.1f} ms            end"
