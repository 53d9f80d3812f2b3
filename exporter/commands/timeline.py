"""One outcome as a person reads it: the verdict in words, and a bar per phase on one scale."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from exporter.core.outcome import Outcome, Phase
from exporter.core.target import Check

WIDTH = 30
"""Columns of the longest bar: with the words beside it, a row fits a terminal of 80."""
WORDS = {
    Phase.RESOLVE: "name resolved",
    Phase.CONNECT: "TCP connected",
    Phase.TLS: "TLS agreed",
    Phase.SEND: "request written",
    Phase.WAIT: "first byte",
    Phase.FIRST_TOKEN: "first token",
    Phase.GENERATE: "last token",
    Phase.FINISH: "end of answer",
}


def render_timeline(check: Check, outcome: Outcome) -> RenderableType:
    """Render the verdict, the phases as bars and the figures of one run."""
    return Group(render_verdict(check, outcome), _render_phases(outcome), _render_figures(outcome))


def render_verdict(check: Check, outcome: Outcome) -> Text:
    """Render how one run ended, and why."""
    if outcome.ok:
        flags = f" ({', '.join(sorted(outcome.flags))})" if outcome.flags else ""
        return Text.assemble((f"{check.id}: ok", "bold green"), flags)
    status = f", HTTP {outcome.http_status}" if outcome.http_status else ""
    fault = f", fault: {outcome.fault}" if outcome.fault else ""
    return Text.assemble((f"{check.id}: {outcome.reason}", "bold red"), f"{status}{fault}\n{outcome.detail}")


def _render_phases(outcome: Outcome) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1))
    total = outcome.timing.duration or 1.0
    begin = 0.0
    for phase in Phase:
        if phase not in outcome.timing.phases:
            continue
        seconds = outcome.timing.phases[phase]
        left, long = round(begin / total * WIDTH), round(seconds / total * WIDTH)
        bar = " " * min(left, WIDTH - 1) + ("█" * long or "▏")
        table.add_row(str(phase), f"{seconds * 1000:9.1f} ms", bar, WORDS[phase])
        begin += seconds
    table.add_row("total", f"{outcome.timing.duration * 1000:9.1f} ms", "", "")
    return table


def _render_figures(outcome: Outcome) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1))
    timing, tokens = outcome.timing, outcome.tokens
    rows = [
        ("time to first token", _format_milliseconds(timing.first_token)),
        ("time to first answer token", _format_milliseconds(timing.first_answer)),
        ("time per output token", _format_milliseconds(timing.per_output_token)),
        ("longest gap", _format_milliseconds(timing.longest_gap)),
        ("tokens", f"{tokens.input} in, {tokens.output} out ({tokens.reasoning} reasoning)" if tokens else None),
        ("served model", outcome.served_model),
        ("fingerprint", outcome.fingerprint),
        ("upstream", outcome.upstream),
        ("models listed", str(len(outcome.models)) if outcome.models is not None else None),
        ("request id", outcome.request_id),
        ("arrival stamps", outcome.clock_source),
    ]
    for name, value in rows:
        if value:
            table.add_row(name, value)
    return table


def _format_milliseconds(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds * 1000:.1f} ms"
