"""The log of one run on demand, for a person: where its time went, what was exchanged (redacted), what it shows."""

from collections.abc import Iterator

from exporter.core.exchange import Exchange
from exporter.core.outcome import Outcome, Phase
from exporter.core.target import Check
from exporter.results.text import FAULTS, REASONS, format_duration
from exporter.run.runner import OnDemandRun
from exporter.server.status import format_time

SHOWN = 8000
"""Bytes of a request or an answer that are shown."""

LONGEST_EVENT = 240
"""Characters of an event that are shown."""


def render_log(check: Check, run: OnDemandRun, metrics: str) -> str:
    """Render the whole log as plain text; `run` is redacted already."""
    parts = [*_render_verdict(check, run.outcome), "", *_render_timeline(run.outcome)]
    for number, exchange in enumerate(run.exchanges, start=1):
        parts += ["", f"Exchange {number} of {len(run.exchanges)}", *_render_exchange(exchange)]
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


def _render_exchange(exchange: Exchange) -> Iterator[str]:
    yield from (f"> {line}" for line in _split_body(exchange.sent_bytes))
    yield f"< HTTP {exchange.status}" if exchange.status else "< no answer"
    yield from (f"< {name}: {value}" for name, value in exchange.headers.items())
    yield from (f"< {line}" for line in _split_body(exchange.received_bytes))
    for stamped in exchange.events:
        yield f"{stamped.at * 1000:9.1f} ms {stamped.event}"[:LONGEST_EVENT]
    if exchange.failure is not None:
        yield f"{exchange.ended * 1000:9.1f} ms {exchange.failure.reason}: {exchange.failure.detail}"


def _split_body(body: bytes) -> list[str]:
    """Split a body into lines, without what would move the cursor of a terminal."""
    shown = body[:SHOWN].decode(errors="replace")
    lines = [
        "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line.expandtabs())
        for line in shown.splitlines()
    ]
    return lines if len(body) <= SHOWN else [*lines, f"({len(body) - SHOWN} bytes more)"]
