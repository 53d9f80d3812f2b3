"""One check as its page shows it: what it is, its last runs phase by phase, its day, its failures, outcomes in full."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from exporter.core.exchange import Exchange
from exporter.core.outcome import Outcome, Phase
from exporter.results.diagnosis import Cause, cause
from exporter.results.failed_exchanges import Kept
from exporter.results.history import Column, Past, Run, Series
from exporter.results.status_cache import Entry
from exporter.results.text import FAULT_NAMES, FAULTS, REASONS, SKIPS, ago, money, span
from exporter.server.pages.plots import bars, course, waterfall
from exporter.server.pages.routes import share, worst
from exporter.server.status import moment

SHOWN_RUNS = 20
SHOWN_BYTES = 4000
SHOWN_EVENTS = 200

Facts = tuple[tuple[str, str], ...]
"""Terms and what they are, in words, in the order of the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
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
class Course:
    """A day as a plot with the figures beside it."""

    title: str
    plot: Markup
    mean: str
    slowest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
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
    since: str
    since_at: str
    why: Cause
    whose: str
    skip: str
    facts: Facts
    last: Facts
    bars: tuple[tuple[str, Markup, str, int], ...]
    courses: tuple[Course, ...]
    runs: tuple[Ran, ...]
    failures: tuple[Failed, ...]


def check_view(entry: Entry, past: Past, now: float, cost: float | None) -> CheckView:
    """The page of a check; `now` is Unix seconds, `cost` USD today if it is known."""
    health, why = entry.health, cause(entry, past)
    shown = past.recent[: -SHOWN_RUNS - 1 : -1]
    interval = entry.check.interval
    return CheckView(
        id=entry.check.id,
        state=health.state,
        since=ago(now - health.since) if health.since else "",
        since_at=moment(health.since) if health.since else "",
        why=why,
        whose=FAULTS[why.fault] if why.fault else "",
        skip=SKIPS[entry.last_skip] if entry.last_skip else "",
        facts=tuple(_check_facts(entry, cost)),
        last=tuple(outcome_facts(entry.last)) if entry.last else (),
        bars=tuple(
            (name, bars(series, now, interval), *share(series, now))
            for name, series in (("Last hour, by minutes", past.hour), ("Last day, by quarters of an hour", past.day))
        ),
        courses=tuple(_courses(past.day, now)),
        runs=tuple(_ran(run, worst(shown)) for run in shown),
        failures=tuple(_failed(outcome, now) for outcome in reversed(past.failures)),
    )


def outcome_facts(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """An outcome in full, what is not known left out."""
    yield "reason", f"{outcome.reason.value}: {REASONS[outcome.reason]}"
    if outcome.whose:
        yield "fault", f"{outcome.whose.value}: {FAULTS[outcome.whose]}"
    told: Mapping[str, object] = {
        "detail": outcome.detail,
        "vendor's code": outcome.code,
        "HTTP status": outcome.http_status,
        "started": moment(outcome.started_at),
        "model that answered": outcome.served_model,
        "upstream": outcome.upstream,
        "fingerprint": outcome.fingerprint,
        "request id": outcome.request_id,
        "flags": ", ".join(sorted(outcome.flags)),
        "canary": {True: "right", False: "wrong", None: ""}[outcome.canary_correct],
        "models listed": None if outcome.models is None else len(outcome.models),
        "certificate ends": moment(outcome.certificate_expires_at) if outcome.certificate_expires_at else None,
        "arrival stamps": outcome.clock_source,
    }
    yield from ((name, str(value)) for name, value in told.items() if value not in (None, ""))
    yield from _times(outcome)
    yield from _usage(outcome)


def exchange_text(shown: Kept) -> str:
    """A run's exchanges as text, already redacted: what was sent, what came, when each event arrived."""
    return "\n\n".join(_exchange(each) for each in shown.exchanges) or "No exchange took place."


def _check_facts(entry: Entry, cost: float | None) -> Iterator[tuple[str, str]]:
    check, target = entry.check, entry.check.target
    yield "provider", f"{target.provider.name} ({target.provider.kind.value.replace('_', '-')})"
    yield "model", target.model or "none: the provider itself"
    if target.alias and target.alias != target.model:
        yield "alias", target.alias
    yield "probe", check.probe if check.probe == check.kind else f"{check.probe} ({check.kind})"
    yield "dialect", target.dialect
    yield "runs", f"every {ago(check.interval)}, {'required' if check.required else 'optional'}"
    if check.degraded_above is not None:
        yield "degraded above", span(check.degraded_above)
    if cost is not None:
        yield "cost today", money(cost)
    yield from sorted(check.labels.items())


def _times(outcome: Outcome) -> Iterator[tuple[str, str]]:
    timing = outcome.timing
    told = {
        "duration": timing.duration,
        "first token": timing.first_token,
        "first answer token": timing.first_answer,
        "per output token": timing.per_output_token,
        "longest gap": timing.longest_gap,
        "retry after": outcome.retry_after,
    }
    yield from ((name, span(seconds)) for name, seconds in told.items() if seconds is not None)


def _usage(outcome: Outcome) -> Iterator[tuple[str, str]]:
    if (tokens := outcome.tokens) is not None:
        yield "tokens in", f"{tokens.input} ({tokens.cached_input} cached)"
        yield "tokens out", f"{tokens.output} ({tokens.reasoning} reasoning)"
    if outcome.cost_usd is not None:
        yield "cost told by the vendor", money(outcome.cost_usd)
    for limit in outcome.limits:
        left = "?" if limit.remaining is None else f"{limit.remaining:g}"
        most = "?" if limit.limit is None else f"{limit.limit:g}"
        yield f"{limit.resource.replace('_', ' ')} per {limit.window}", f"{left} of {most} left"


def _courses(day: Series, now: float) -> Iterator[Course]:
    for title, tokens, first in (
        ("Time to first token", True, Column.TOKENS),
        ("Duration", False, Column.TIMED),
    ):
        mean = day.mean(Column(first + 1), first, now)
        if mean is not None:
            slowest = max(day.column(Column(first + 2), now))
            yield Course(title=title, plot=course(day, now, tokens=tokens), mean=span(mean), slowest=span(slowest))


def _ran(run: Run, longest: float) -> Ran:
    phases = run.phases
    at = moment(run.started_at)
    return Ran(
        at=at,
        clock=at[11:19],
        ok=run.fault is None,
        reason=REASONS[run.reason],
        fault=FAULT_NAMES[run.fault] if run.fault else "",
        duration=span(run.duration),
        plot=waterfall(phases, longest),
        phases=tuple(span(phases[phase]) if phase in phases else "" for phase in Phase),
    )


def _failed(outcome: Outcome, now: float) -> Failed:
    return Failed(
        at=moment(outcome.started_at),
        since=ago(now - outcome.started_at),
        reason=REASONS[outcome.reason],
        fault=FAULT_NAMES[outcome.whose] if outcome.whose else "",
        detail=outcome.detail,
        facts=tuple(outcome_facts(outcome)),
    )


def _exchange(exchange: Exchange) -> str:
    events: Sequence[str] = [
        f"{stamped.at * 1000:9.1f} ms  {stamped.event}"[:200] for stamped in exchange.events[:SHOWN_EVENTS]
    ]
    return "\n".join(
        (
            "> " + _text(exchange.sent_bytes),
            "",
            f"< HTTP {exchange.status or '-'}",
            *(f"< {name}: {value}" for name, value in exchange.headers.items()),
            "",
            _text(exchange.received_bytes),
            "",
            *events,
        )
    )


def _text(body: bytes) -> str:
    return body[:SHOWN_BYTES].decode(errors="replace")
