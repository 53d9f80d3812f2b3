"""The first page as data: one line that says how things are, whose trouble it is, and the models with their routes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from exporter.core.health_state import State
from exporter.results.diagnosis import Known, list_troubles
from exporter.results.text import FAULT_NAMES, format_age
from exporter.server.pages.routes import WORST_FIRST, Model, Window, list_models
from exporter.server.sources import Notice
from exporter.server.status import format_time

LONGEST_QUERY = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewQuery:
    """What the reader asked for by the address: a window, only one state, only names that hold a text."""

    window: str = ""
    state: str = ""
    q: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "OverviewQuery":
        """Read the valid parts of a query and ignore the rest."""
        window, state = query.get("window", ""), query.get("state", "")
        return cls(
            window=window if window in ("1h", "24h") else "",
            state=state if state in {each.value for each in State} else "",
            q=query.get("q", "").strip()[:LONGEST_QUERY],
        )

    def make_href(self, **but: str) -> str:
        """Make the address of the same page with these changes."""
        asked = {"window": self.window, "state": self.state, "q": self.q} | but
        return "/?" + query if (query := urlencode({name: value for name, value in asked.items() if value})) else "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many routes are in a state, and the address that shows only them (or all again)."""

    state: str
    number: int
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleLine:
    """A trouble in words."""

    whose: str
    provider: str
    kind: str
    words: str
    which: str
    elsewhere: str
    down: bool
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One window to choose."""

    name: str
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All that the first page shows. Times `*_at` and `now` are RFC 3339."""

    state: str
    headline: str
    counts: tuple[Count, ...]
    since: str
    since_at: str
    now: str
    notices: tuple[Notice, ...]
    troubles: tuple[TroubleLine, ...]
    models: tuple[Model, ...]
    costs_known: bool
    headroom_known: bool
    windows: tuple[Choice, ...]
    window_asked: str
    only: str
    q: str
    filtered: str


def make_overview(
    known: Sequence[Known], now: float, wanted: OverviewQuery, costs: Mapping[str, float], notices: Sequence[Notice]
) -> Overview:
    """Make the overview; `now` is Unix seconds, `costs` USD today by check id."""
    window = Window.choose(wanted.window, known, now)
    every = list_models(known, now, window, costs)
    shown = _filter_models(every, wanted)
    counted = _count_states(every)
    since = _find_since(known)
    return Overview(
        state=next((state for state in WORST_FIRST if counted[state]), State.UNKNOWN),
        headline=make_headline(counted),
        counts=tuple(_make_count(state, counted[state], wanted) for state in WORST_FIRST),
        since=format_age(now - since) if since else "",
        since_at=format_time(since) if since else "",
        now=format_time(now),
        notices=tuple(notices),
        troubles=tuple(_make_trouble_lines(known, now)),
        models=tuple(shown),
        costs_known=bool(costs),
        headroom_known=any(row.headroom for model in every for row in model.routes),
        windows=tuple(_make_choice(day, window, wanted) for day in (False, True)),
        window_asked=wanted.window,
        only=wanted.state,
        q=wanted.q,
        filtered=_describe_filter(every, shown, wanted),
    )


def make_headline(counted: Mapping[State, int]) -> str:
    """Make one sentence about the state of all routes, the worst first."""
    total = sum(counted.values())
    if not total:
        return "Nothing is watched"
    if counted[State.UP] == total:
        return "The one route is up" if total == 1 else f"All {total} routes are up"
    parts = [f"{counted[state]} {state}" for state in WORST_FIRST if counted[state]]
    return f"{', '.join(parts)} of {total} route{'' if total == 1 else 's'}"


def _count_states(every: Sequence[Model]) -> Counter[State]:
    """Routes by state. What is asked of providers as a whole counts only where nothing else is watched."""
    named = [model for model in every if model.name] or every
    return Counter(row.state for model in named for row in model.routes)


def _find_since(known: Sequence[Known]) -> float:
    """When the trouble of now began; without one, since when all has been as it is. 0: nothing is known yet."""
    changes = [entry.health for entry, _ in known if entry.health.since]
    ill = [health.since for health in changes if health.state in (State.DOWN, State.DEGRADED)]
    return min(ill) if ill else max((health.since for health in changes), default=0.0)


def _make_trouble_lines(known: Sequence[Known], now: float) -> list[TroubleLine]:
    return [
        TroubleLine(
            whose=FAULT_NAMES[each.fault] if each.fault else "unclear",
            provider=each.provider,
            kind=each.kind.replace("_", "-"),
            words=each.words,
            which=each.models_in_words,
            elsewhere=each.elsewhere,
            down=each.down,
            since=format_age(now - each.since),
        )
        for each in list_troubles(known)
    ]


def _filter_models(every: Sequence[Model], wanted: OverviewQuery) -> list[Model]:
    """Return the models that have a route in the wanted state and the wanted text in their names."""
    text = wanted.q.lower()
    return [
        model
        for model in every
        if (not wanted.state or any(row.state == wanted.state for row in model.routes))
        and (not text or any(text in f"{model.name} {row.key}".lower() for row in model.routes))
    ]


def _describe_filter(every: Sequence[Model], shown: Sequence[Model], wanted: OverviewQuery) -> str:
    if not (wanted.state or wanted.q):
        return ""
    what = " and ".join(
        part
        for part in (f"a route {wanted.state}" if wanted.state else "", f"“{wanted.q}”" if wanted.q else "")
        if part
    )
    return f"{len(shown)} of {len(every)} models shown: with {what}."


def _make_count(state: State, number: int, wanted: OverviewQuery) -> Count:
    chosen = wanted.state == state
    return Count(state=state, number=number, href=wanted.make_href(state="" if chosen else state.value), chosen=chosen)


def _make_choice(day: bool, window: Window, wanted: OverviewQuery) -> Choice:
    name, asked = ("last day", "24h") if day else ("last hour", "1h")
    return Choice(name=name, href=wanted.make_href(window=asked), chosen=window.day is day)
