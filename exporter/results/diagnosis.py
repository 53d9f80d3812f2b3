"""Why a check is in its state, in words, and the current troubles by fault: what the person on call reads first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from exporter.core.health_state import State
from exporter.core.outcome import Fault, Flag, Outcome
from exporter.core.target import Kind, Provider
from exporter.results.history import Past
from exporter.results.status_cache import Entry
from exporter.results.text import REASONS, format_duration

TROUBLED = (State.DOWN, State.DEGRADED)
SHOWN_MODELS = 6
"""Models named in one line, at most."""

NEVER_RAN = "has not run yet"
NOT_OFFERED = "not offered: no list of models there; the models are judged by their own answers"

Known = tuple[Entry, Past]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why: in words, what the vendor said, whose fault (None: nothing failed, or it cannot be told)."""

    words: str
    detail: str = ""
    fault: Fault | None = None
    code: str = "ok"


def explain_state(entry: Entry, past: Past) -> Cause:
    """Explain why a check is in its state: its last run, or the failure before it while it has not recovered."""
    last = entry.last
    if not entry.health.offered:
        return Cause(words=NOT_OFFERED, code="not_offered")
    if last is None:
        return Cause(words=NEVER_RAN, code="unknown")
    if not last.ok:
        return _explain_failure(last)
    short = _explain_shortfall(entry, last)
    if short is None and entry.health.state in TROUBLED and past.failures:
        return _explain_failure(past.failures[-1])
    return short or Cause(words=REASONS[last.reason])


def _explain_failure(outcome: Outcome) -> Cause:
    return Cause(
        words=REASONS[outcome.reason], detail=outcome.detail, fault=outcome.blamed, code=str(outcome.reason.value)
    )


def _explain_shortfall(entry: Entry, last: Outcome) -> Cause | None:
    """Explain a success that is not as it should be."""
    if last.canary_correct is False:
        return Cause(words="a wrong answer to a question of known answer", fault=Fault.PROVIDER, code="canary_wrong")
    if Flag.SLOW in last.flags:
        limit = entry.check.degraded_above
        return Cause(words=f"slower than {format_duration(limit)}" if limit else "slow", code="slow")
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What is wrong at one provider for one reason, and what that says of where to look.

    `fault` None where it cannot be told; `down` whether a required check is down; `models` the models it concerns,
    `asked` how many are asked of this provider; `since` Unix seconds.
    """

    provider: str
    kind: str
    fault: Fault | None
    words: str
    down: bool
    models: tuple[str, ...]
    asked: int
    since: float
    elsewhere: str

    @property
    def models_in_words(self) -> str:
        """The models in words."""
        if self.asked > 1 and len(self.models) == self.asked:
            return f"all {self.asked} models"
        if not self.models:
            return "its list of models"
        named = ", ".join(self.models[:SHOWN_MODELS])
        return named if len(self.models) <= SHOWN_MODELS else f"{named} and {len(self.models) - SHOWN_MODELS} more"


def list_troubles(known: Sequence[Known]) -> list[Trouble]:
    """List the current troubles, one for each provider, fault and reason: down first, then the most widespread."""
    found: dict[tuple[str, Fault | None, str], list[Entry]] = {}
    for entry, past in known:
        if entry.health.state in TROUBLED:
            why = explain_state(entry, past)
            found.setdefault((entry.check.target.provider.name, why.fault, why.words), []).append(entry)
    asked, states = _group_models(known), _group_states(known)
    made = [_describe_trouble(key, entries, asked, states) for key, entries in found.items()]
    return sorted(made, key=lambda each: (not each.down, -len(each.models), each.provider, each.words))


def _describe_trouble(
    key: tuple[str, Fault | None, str],
    entries: Sequence[Entry],
    asked: dict[str, set[str]],
    states: dict[str, dict[str, set[State]]],
) -> Trouble:
    provider, fault, words = key
    models = sorted({entry.check.target.model for entry in entries} - {""})
    aliases = {_alias_of(entry) for entry in entries if entry.check.target.model}
    return Trouble(
        provider=provider,
        kind=entries[0].check.target.provider.kind.value,
        fault=fault,
        words=words,
        down=any(entry.health.state is State.DOWN and entry.check.required for entry in entries),
        models=tuple(models),
        asked=len(asked.get(provider, ())),
        since=min(entry.health.since for entry in entries),
        elsewhere=_compare_routes(entries[0].check.target.provider, fault, aliases, states),
    )


def _compare_routes(
    provider: Provider, fault: Fault | None, aliases: Iterable[str], states: dict[str, dict[str, set[State]]]
) -> str:
    """Return whether the same models answer on other routes: what tells a gateway's trouble from a vendor's."""
    others: dict[str, set[State]] = {}
    for alias in aliases:
        for route, found in states.get(alias, {}).items():
            if route != provider.name and found - {State.UNKNOWN}:
                others.setdefault(route, set()).update(found)
    ill = sorted(route for route, found in others.items() if found & set(TROUBLED))
    well = sorted(set(others) - set(ill))
    told = [f"other routes in trouble too: {', '.join(ill)}"] if ill else []
    told += [f"other routes answer: {', '.join(well)}"] if well else []
    return "; ".join([*_point_to_fault(provider.kind, fault, ill=bool(ill), well=bool(well)), *told])


def _point_to_fault(kind: Kind, fault: Fault | None, *, ill: bool, well: bool) -> list[str]:
    """Use the other routes to say whose fault a failure is, if its own answer does not."""
    if fault is not Fault.PROVIDER or ill == well:
        return []
    if ill:
        return ["points to the vendor"]
    return ["points to the gateway"] if kind is Kind.GATEWAY else ["points to this route"]


def _group_models(known: Iterable[Known]) -> dict[str, set[str]]:
    asked: dict[str, set[str]] = {}
    for entry, _ in known:
        if entry.check.target.model:
            asked.setdefault(entry.check.target.provider.name, set()).add(entry.check.target.model)
    return asked


def _group_states(known: Iterable[Known]) -> dict[str, dict[str, set[State]]]:
    """Group the states of the checks by alias and provider."""
    states: dict[str, dict[str, set[State]]] = {}
    for entry, _ in known:
        routes = states.setdefault(_alias_of(entry), {})
        routes.setdefault(entry.check.target.provider.name, set()).add(entry.health.state)
    return states


def _alias_of(entry: Entry) -> str:
    return entry.check.target.alias or entry.check.target.model
