"""The checks as the overview shows them: models, each with its routes, those in trouble first.

A route is one provider's way to a model. It is shown by its leading check (the required one, else the first); the
others stand beside it by name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup

from exporter.core.health_state import State
from exporter.core.outcome import Limit
from exporter.results.diagnosis import Known, explain_state
from exporter.results.history import Column, Past, Run, Series
from exporter.results.status_cache import Entry
from exporter.results.text import FAULT_NAMES, SKIPS, format_age, format_duration, format_money, format_percent
from exporter.server.pages.plots import draw_bars, draw_line, list_durations, list_first_tokens
from exporter.server.status import find_overall_state, format_time

WORST_FIRST = (State.DOWN, State.DEGRADED, State.UNKNOWN, State.UP)
NOTABLE = 1.5
"""Multiple of the usual value from which on a value is marked."""

LOW_HEADROOM = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A length of time now, the mean of its own day, the last runs as a plot. What is not known is ""."""

    now: str = ""
    usual: str = ""
    notable: bool = False
    plot: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLink:
    """A check of a route by name."""

    name: str
    state: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One row. Times `*_at` are RFC 3339; unknown values are ""."""

    key: str
    provider: str
    kind: str
    model: str
    state: State
    since: str
    since_at: str
    reason: str
    fault: str
    detail: str
    skip: str
    ran: str
    first_token: Figure
    duration: Figure
    behind: str
    fastest: str
    bars: Markup
    share: str
    runs: int
    headroom: str
    headroom_of: str
    headroom_low: bool
    cost: str
    href: str
    checks: tuple[CheckLink, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model and its routes. `name` is the alias they share, "" for what is asked of providers as a whole.

    `note` says how many of several routes are left, where one is down.
    """

    name: str
    state: State
    note: str
    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What the bars show: the last hour by minutes or the last day by quarters of an hour."""

    day: bool

    def select_series(self, past: Past) -> Series:
        """Return the slots of this window."""
        return past.day if self.day else past.hour

    @classmethod
    def choose(cls, asked: str, known: Sequence[Known], now: float) -> "Window":
        """As asked (`1h`, `24h`); else the hour, until more than an hour is known of any check."""
        if asked in ("1h", "24h"):
            return cls(day=asked == "24h")
        return cls(day=any(any(past.day.read_column(Column.RUNS, now)[:-5]) for _, past in known))


def list_models(known: Sequence[Known], now: float, window: Window, costs: Mapping[str, float]) -> list[Model]:
    """Models with their routes, those in trouble first; `now` is Unix seconds, `costs` USD today by check id."""
    by_model: dict[str, dict[tuple[str, str], list[Known]]] = {}
    for each in known:
        target = each[0].check.target
        routes = by_model.setdefault(target.alias or target.model, {})
        routes.setdefault((target.provider.name, target.model), []).append(each)
    made = [_make_model(name, list(routes.values()), now, window, costs) for name, routes in by_model.items()]
    return sorted(
        made, key=lambda each: (not each.name, WORST_FIRST.index(each.state), _healthy_share(each), each.name)
    )


def make_check_address(check_id: str) -> str:
    """Where a check has its page: slashes stay, so that the address can be read, unless a browser would follow `..`."""
    leads_elsewhere = {".", ".."} & set(check_id.split("/"))
    return f"/checks/{quote(check_id, safe='' if leads_elsewhere else '/')}"


def make_figure(now: float | None, values: Sequence[float | None], usual: float | None) -> Figure:
    """Make a figure from seconds; `values` are those of the last runs, `usual` the mean of the day."""
    return Figure(
        now=format_duration(now) if now is not None else "",
        usual=format_duration(usual) if usual is not None else "",
        notable=now is not None and usual is not None and now > NOTABLE * usual,
        plot=draw_line(values, usual),
    )


def describe_headroom(limits: Sequence[Limit]) -> tuple[str, str, bool]:
    """Describe the scarcest rate limit: what is left of it, of what, and whether it is nearly used up."""
    known = [(each.remaining / each.limit, each) for each in limits if each.limit and each.remaining is not None]
    if not known:
        return "", "", False
    ratio, scarcest = min(known, key=lambda each: each[0])
    window = "min" if scarcest.window == "minute" else scarcest.window
    return format_percent(ratio), f"{scarcest.resource.replace('_', ' ')}/{window}", ratio < LOW_HEADROOM


def describe_share(series: Series, now: float) -> tuple[str, int]:
    """Describe the share of runs that did not fail, and how many ran."""
    ran = sum(series.read_column(Column.RUNS, now))
    failed = sum(series.read_column(Column.HARD, now))
    return (format_percent(1 - failed / ran) if ran else ""), int(ran)


def _make_model(
    name: str, routes: Sequence[Sequence[Known]], now: float, window: Window, costs: Mapping[str, float]
) -> Model:
    fastest = _find_fastest(routes, now)
    rows = [_make_route(each, now, window, costs, fastest) for each in routes]
    rows.sort(key=lambda row: (WORST_FIRST.index(row.state), row.provider, row.model))
    return Model(name=name, state=rows[0].state, note=_describe_routes(rows) if name else "", routes=tuple(rows))


def _describe_routes(rows: Sequence[Route]) -> str:
    """Describe how many routes to one model still work."""
    down = sum(row.state is State.DOWN for row in rows)
    if not down or len(rows) == 1:
        return ""
    return "no route is left" if down == len(rows) else f"{down} of {len(rows)} routes down"


def _healthy_share(model: Model) -> float:
    """Return the share of a model's routes without trouble: no route left is worse than one route gone."""
    return sum(row.state not in (State.DOWN, State.DEGRADED) for row in model.routes) / len(model.routes)


def _make_route(
    known: Sequence[Known], now: float, window: Window, costs: Mapping[str, float], fastest: tuple[str, float] | None
) -> Route:
    entry, past = lead = _find_leading(known)
    shown = _find_telling(known, lead)
    why, target = explain_state(*shown), entry.check.target
    since = shown[0].health.since
    series = window.select_series(past)
    part, runs = describe_share(series, now)
    room, room_of, low = describe_headroom(entry.last.limits if entry.last else ())
    spent = [costs[each.check.id] for each, _ in known if each.check.id in costs]
    return Route(
        key=f"{target.provider.name}/{target.model}",
        provider=target.provider.name,
        kind=target.provider.kind.value.replace("_", "-"),
        model=target.model,
        state=_find_state([each for each, _ in known]),
        since=format_age(now - since) if since else "",
        since_at=format_time(since) if since else "",
        reason=why.words if shown is lead else f"{shown[0].check.probe}: {why.words}",
        fault=FAULT_NAMES[why.fault] if why.fault else "",
        detail=why.detail,
        skip=SKIPS[entry.last_skip] if entry.last_skip else "",
        ran=format_age(now - entry.last.started_at) if entry.last else "",
        first_token=_first_token_figure(entry, past, now),
        duration=_duration_figure(entry, past, now),
        behind=_describe_gap(target.provider.name, _typical_first_token(past, now), fastest),
        fastest=fastest[0] if fastest else "",
        bars=draw_bars(series, now, entry.check.interval),
        share=part,
        runs=runs,
        headroom=room,
        headroom_of=room_of,
        headroom_low=low,
        cost=format_money(sum(spent)) if spent else "",
        href=make_check_address(entry.check.id),
        checks=tuple(
            CheckLink(name=e.check.probe, state=e.health.state, href=make_check_address(e.check.id)) for e, _ in known
        ),
    )


def _find_state(entries: Sequence[Entry]) -> State:
    """Find the state of a route: its required checks decide whether it is down; without one, its worst check does."""
    if any(entry.check.required for entry in entries):
        return find_overall_state(entries)
    return min((entry.health.state for entry in entries), key=WORST_FIRST.index)


def _find_leading(known: Sequence[Known]) -> Known:
    return next((each for each in known if each[0].check.required), known[0])


def _find_telling(known: Sequence[Known], lead: Known) -> Known:
    """Find the check that decides the state of the route: the worst; of equals, the leading one."""
    return min(known, key=lambda each: (WORST_FIRST.index(each[0].health.state), each is not lead))


def _first_token_figure(entry: Entry, past: Past, now: float) -> Figure:
    last = entry.last.timing.first_token if entry.last and entry.last.ok else None
    return make_figure(last, list_first_tokens(past.recent), past.day.mean_of(Column.TOKEN_SECONDS, Column.TOKENS, now))


def _duration_figure(entry: Entry, past: Past, now: float) -> Figure:
    last = entry.last.timing.duration if entry.last and entry.last.ok else None
    return make_figure(last, list_durations(past.recent), past.day.mean_of(Column.SECONDS, Column.TIMED, now))


def _typical_first_token(past: Past, now: float) -> float | None:
    """Seconds to the first token as usual over the window that all routes share, the last hour."""
    return past.hour.mean_of(Column.TOKEN_SECONDS, Column.TOKENS, now)


def _find_fastest(routes: Sequence[Sequence[Known]], now: float) -> tuple[str, float] | None:
    """Find the provider with the fastest first token in the last hour; None if there is nothing to compare."""
    found = [
        (seconds, entry.check.target.provider.name)
        for entry, past in map(_find_leading, routes)
        if (seconds := _typical_first_token(past, now)) is not None
    ]
    return (min(found)[1], min(found)[0]) if len(found) > 1 else None


def _describe_gap(provider: str, typical: float | None, fastest: tuple[str, float] | None) -> str:
    """How far a route is behind the fastest one to the same model, by first tokens of the last hour."""
    if fastest is None or typical is None:
        return ""
    name, seconds = fastest
    return "fastest" if provider == name else f"+{format_duration(typical - seconds)}"


def find_longest(runs: Sequence[Run]) -> float:
    """Return the longest duration among runs, in seconds."""
    return max((run.duration for run in runs), default=0.0)
