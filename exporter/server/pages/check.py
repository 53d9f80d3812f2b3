"""One check as its page shows it: what it is, its last runs phase by phase, its day, its failures, outcomes in full."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from exporter.core.outcome import Outcome, Phase
from exporter.results.diagnosis import Cause, explain_state
from exporter.results.exchange_text import render_exchange
from exporter.results.failed_exchanges import FailedRun
from exporter.results.history import Column, Past, Run, Series
from exporter.results.status_cache import Entry
from exporter.results.text import FAULT_NAMES, FAULTS, REASONS, SKIPS, format_age, format_duration, format_money
from exporter.server.pages.plots import draw_bars, draw_day, draw_waterfall
from exporter.server.pages.routes import describe_share, find_longest
from exporter.server.status import format_time

SHOWN_RUNS = 20

Facts = tuple[tuple[str, str], ...]
"""Terms and what they are, in words, in the order of the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One run as a row. `phases` are in the order of `Phase`, "" where one was not reached."""

    at: str
    clock: str
    ok: bool
    reason: str
    fault: str
    duration: str
    plot: Markup
    phases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlot:
    """A day as a plot with the figures beside it."""

    title: str
    plot: Markup
    mean: str
    slowest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureView:
    """One kept failure: its headline, and the outcome in full."""

    at: str
    since: str
    reason: str
    fault: str
    detail: str
    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckView:
    """All that the page of one check shows."""

    id: str
    state: str
    offered: bool
    since: str
    since_at: str
    why: Cause
    whose: str
    skip: str
    facts: Facts
    last: Facts
    bars: tuple[tuple[str, Markup, str, int], ...]
    courses: tuple[DayPlot, ...]
    runs: tuple[RunRow, ...]
    failures: tuple[FailureView, ...]


def make_check_view(entry: Entry, past: Past, now: float, cost: float | None) -> CheckView:
    """Make the view of a check; `now` is Unix seconds, `cost` USD today if it is known."""
    health, why = entry.health, explain_state(entry, past)
    shown = past.recent[: -SHOWN_RUNS - 1 : -1]
    interval = entry.check.interval
    return CheckView(
        id=entry.check.id,
        state=health.state,
        offered=health.offered,
        since=format_age(now - health.since) if health.since else "",
        since_at=format_time(health.since) if health.since else "",
        why=why,
        whose=FAULTS[why.fault] if why.fault else "",
        skip=SKIPS[entry.last_skip] if entry.last_skip else "",
        facts=tuple(_list_check_facts(entry, cost)),
        last=tuple(list_outcome_facts(entry.last)) if entry.last else (),
        bars=tuple(
            (name, draw_bars(series, now, interval), *describe_share(series, now))
            for name, series in (("Last hour, by minutes", past.hour), ("Last day, by quarters of an hour", past.day))
        ),
        courses=tuple(_make_day_plots(past.day, now)),
        runs=tuple(_make_run_row(run, find_longest(shown)) for run in shown),
        failures=tuple(_make_failure_view(outcome, now) for outcome in reversed(past.failures)),
    )


def list_outcome_facts(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """List the facts of an outcome; unknown ones are left out."""
    yield "reason", f"{outcome.reason.value}: {REASONS[outcome.reason]}"
    if outcome.blamed:
        yield "fault", f"{outcome.blamed.value}: {FAULTS[outcome.blamed]}"
    told: Mapping[str, object] = {
        "detail": outcome.detail,
        "vendor's code": outcome.code,
        "HTTP status": outcome.http_status,
        "started": format_time(outcome.started_at),
        "model that answered": outcome.served_model,
        "upstream": outcome.upstream,
        "fingerprint": outcome.fingerprint,
        "request id": outcome.request_id,
        "flags": ", ".join(sorted(outcome.flags)),
        "canary": {True: "right", False: "wrong", None: ""}[outcome.canary_correct],
        "models listed": None if outcome.models is None else len(outcome.models),
        "certificate ends": format_time(outcome.certificate_expires_at) if outcome.certificate_expires_at else None,
        "arrival stamps": outcome.clock_source,
    }
    yield from ((name, str(value)) for name, value in told.items() if value not in (None, ""))
    yield from _list_times(outcome)
    yield from _list_usage(outcome)


def render_exchanges(shown: FailedRun) -> str:
    """Render a run's redacted exchanges as text: what was sent, what came, when each event arrived."""
    return "\n\n".join(render_exchange(each) for each in shown.exchanges) or "No exchange took place."


def _list_check_facts(entry: Entry, cost: float | None) -> Iterator[tuple[str, str]]:
    check, target = entry.check, entry.check.target
    yield "provider", f"{target.provider.name} ({target.provider.kind.value.replace('_', '-')})"
    yield "model", target.model or "none: the provider itself"
    if target.alias and target.alias != target.model:
        yield "alias", target.alias
    yield "probe", check.probe if check.probe == check.kind else f"{check.probe} ({check.kind})"
    yield "dialect", target.dialect
    yield "runs", f"every {format_age(check.interval)}, {'required' if check.required else 'optional'}"
    if entry.interval is not None:
        yield "runs now", f"every {format_age(entry.interval)}: a budget stretches the interval, so that it lasts"
    if check.degraded_above is not None:
        yield "degraded above", format_duration(check.degraded_above)
    if cost is not None:
        yield "cost today", format_money(cost)
    yield from sorted(check.labels.items())


def _list_times(outcome: Outcome) -> Iterator[tuple[str, str]]:
    timing = outcome.timing
    told = {
        "duration": timing.duration,
        "first token": timing.first_token,
        "first answer token": timing.first_answer,
        "per output token": timing.per_output_token,
        "longest gap": timing.longest_gap,
        "retry after": outcome.retry_after,
    }
    yield from ((name, format_duration(seconds)) for name, seconds in told.items() if seconds is not None)


def _list_usage(outcome: Outcome) -> Iterator[tuple[str, str]]:
    if (tokens := outcome.tokens) is not None:
        yield "tokens in", f"{tokens.input} ({tokens.cached_input} cached)"
        yield "tokens out", f"{tokens.output} ({tokens.reasoning} reasoning)"
    if outcome.cost_usd is not None:
        yield "cost told by the vendor", format_money(outcome.cost_usd)
    for limit in outcome.limits:
        left = "?" if limit.remaining is None else f"{limit.remaining:g}"
        most = "?" if limit.limit is None else f"{limit.limit:g}"
        yield f"{limit.resource.replace('_', ' ')} per {limit.window}", f"{left} of {most} left"


def _make_day_plots(day: Series, now: float) -> Iterator[DayPlot]:
    for title, tokens, first in (
        ("Time to first token", True, Column.TOKENS),
        ("Duration", False, Column.TIMED),
    ):
        mean = day.mean_of(Column(first + 1), first, now)
        if mean is not None:
            slowest = max(day.read_column(Column(first + 2), now))
            yield DayPlot(
                title=title,
                plot=draw_day(day, now, tokens=tokens),
                mean=format_duration(mean),
                slowest=format_duration(slowest),
            )


def _make_run_row(run: Run, longest: float) -> RunRow:
    phases = run.phases
    at = format_time(run.started_at)
    return RunRow(
        at=at,
        clock=at[11:19],
        ok=run.fault is None,
        reason=REASONS[run.reason],
        fault=FAULT_NAMES[run.fault] if run.fault else "",
        duration=format_duration(run.duration),
        plot=draw_waterfall(phases, longest),
        phases=tuple(format_duration(phases[phase]) if phase in phases else "" for phase in Phase),
    )


def _make_failure_view(outcome: Outcome, now: float) -> FailureView:
    return FailureView(
        at=format_time(outcome.started_at),
        since=format_age(now - outcome.started_at),
        reason=REASONS[outcome.reason],
        fault=FAULT_NAMES[outcome.blamed] if outcome.blamed else "",
        detail=outcome.detail,
        facts=tuple(list_outcome_facts(outcome)),
    )
