"""Settings, nearest first, into the checks of one model or of one provider."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel

from exporter.config.blocks import Known
from exporter.config.families import adjusted, family
from exporter.config.probe_entry import ProbeEntry
from exporter.config.providers import Resolved
from exporter.config.schema import DiscoverEntry, Document, ModelEntry, QuirksBlock
from exporter.config.trouble import Trouble
from exporter.config.written import Loc
from exporter.target import Check, Deadlines, HealthPolicy, Quirks, Target

USUAL_PROBE = "chat"
"""What is asked of a model for which no probe is named; required by default."""

DEFAULTS: Mapping[str, float] = {
    "interval": 60.0,
    "timeout": 30.0,
    "connect_timeout": 10.0,
    "first_token_timeout": 20.0,
    "failures": 2,
    "window": 3,
    "successes": 1,
    "confirm_interval": 10.0,
}
"""Tunables that always have a value; spans in seconds."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A probe entry and where it is written."""

    entry: ProbeEntry
    loc: Loc


@dataclass(frozen=True, slots=True)
class Draft:
    """A check before it is known what else is asked of its model: `wanted` is `required` as written, if it is."""

    check: Check
    wanted: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A model at a provider, as it is written: `entry` holds its settings, `loc` is its place."""

    at: Resolved
    model: str
    entry: ModelEntry | DiscoverEntry
    loc: Loc

    @property
    def alias(self) -> str:
        """The name that all routes to this model share."""
        return (self.entry.alias if isinstance(self.entry, ModelEntry) else None) or self.model

    @property
    def quirks(self) -> QuirksBlock:
        """What was written about this model's requests."""
        return self.entry.quirks if isinstance(self.entry, ModelEntry) else QuirksBlock()


@dataclass(slots=True)
class Drafts:
    """What came of one or several routes."""

    drafts: list[Draft] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CheckMaker:
    """Makes the checks of one document. `free_only` leaves out what costs."""

    document: Document
    known: Known
    free_only: bool

    def target(self, route: Route, dialect: str | None = None) -> Target:
        """The model at the provider, asked as its family wants it."""
        chosen = dialect or route.entry.dialect or route.at.provider.dialects[0]
        return Target(
            provider=route.at.provider,
            model=route.model,
            dialect=chosen,
            alias=route.alias,
            quirks=_quirks(route.at, route.model, chosen, route.quirks),
        )

    def of_model(self, route: Route) -> Drafts:
        """What is asked of one model."""
        made = Drafts()
        for placed in self._probes_of(route):
            kind = self.known.probes[placed.entry.probe]
            if kind.per_provider:
                made.troubles.extend(_only_named(placed, route))
                continue
            scopes = (self.document, route.at.entry, route.entry, placed.entry)
            dialect = self._dialect(placed, route.at, route.entry.dialect)
            if dialect is None:
                made.troubles.append(self._cannot(placed, route.at, route.entry.dialect))
            elif all(getattr(scope, "enabled", True) for scope in scopes):
                self._add(made, placed, self.target(route, dialect), scopes)
        return made

    def of_provider(self, at: Resolved) -> Drafts:
        """What is asked once per provider: the probes of that kind that are free, and those written down."""
        made = Drafts()
        for placed in self._probes_per_provider(at):
            scopes = (self.document, at.entry, placed.entry)
            dialect = self._dialect(placed, at, None)
            if not placed.entry.enabled:
                continue
            if dialect is not None:
                quirks = _quirks(at, "", dialect, QuirksBlock())
                self._add(made, placed, Target(provider=at.provider, model="", dialect=dialect, quirks=quirks), scopes)
            elif placed.loc[-1] == at.provider.name:
                made.notices.append(
                    f"provider {at.provider.name}: `{placed.entry.probe}` is not asked, its dialect cannot"
                )
            else:
                made.troubles.append(self._cannot(placed, at, None))
        return made

    def _probes_of(self, route: Route) -> list[Placed]:
        """The nearest list of probes; without any, the usual one."""
        spots = (
            (route.entry.probes, (*route.loc, "probes")),
            (route.at.entry.probes, ("providers", route.at.provider.name, "probes")),
            (self.document.probes, ("probes",)),
        )
        for probes, loc in spots:
            if probes is not None:
                own = probes is route.entry.probes
                placed = [Placed(entry, (*loc, position)) for position, entry in probes.items()]
                return [each for each in placed if own or not self.known.probes[each.entry.probe].per_provider]
        listed = isinstance(route.entry, DiscoverEntry) or USUAL_PROBE not in self.known.probes
        return [] if listed else [Placed(self._plain(USUAL_PROBE), route.loc)]

    def _probes_per_provider(self, at: Resolved) -> list[Placed]:
        name = at.provider.name
        spots = ((at.entry.probes, ("providers", name, "probes")), (self.document.probes, ("probes",)))
        written = [
            Placed(entry, (*loc, position))
            for probes, loc in spots
            for position, entry in (probes or {}).items()
            if self.known.probes[entry.probe].per_provider
        ]
        nearest = {placed.entry.probe: placed for placed in reversed(written)}
        free = (probe.name for probe in self.known.probes.values() if probe.per_provider and not probe.paid)
        usual = {kind: Placed(self._plain(kind), ("providers", name)) for kind in free}
        return list((usual | nearest).values())

    def _plain(self, kind: str) -> ProbeEntry:
        """A probe with nothing written about it."""
        return ProbeEntry(probe=kind, settings=self.known.probes[kind].settings())

    def _dialect(self, placed: Placed, at: Resolved, wanted: str | None) -> str | None:
        """The first of the provider's dialects that can ask what the probe asks."""
        asks = self.known.probes[placed.entry.probe].asks
        spoken = (wanted,) if wanted else at.provider.dialects
        return next((name for name in spoken if asks <= self.known.dialects[name].asks), None)

    def _cannot(self, placed: Placed, at: Resolved, wanted: str | None) -> Trouble:
        asks = self.known.probes[placed.entry.probe].asks
        able = [name for name, dialect in self.known.dialects.items() if asks <= dialect.asks]
        spoken = wanted or ", ".join(at.provider.dialects)
        text = f"the probe `{placed.entry.probe}` cannot be asked of {at.provider.name} in {spoken}"
        return Trouble(placed.loc, text, f"dialects that can: {', '.join(able) or 'none'}")

    def _add(self, made: Drafts, placed: Placed, target: Target, scopes: Sequence[BaseModel]) -> None:
        kind = self.known.probes[placed.entry.probe]
        if kind.paid and self.free_only:
            return
        labels, unknown = self._labels(scopes)
        made.troubles.extend(
            Trouble(
                placed.loc, f"the label `{key}` is not declared", "declare it with a default under `labels:` at the top"
            )
            for key in unknown
        )
        health = _health(scopes)
        if health.failures > health.window:
            text = f"failures ({health.failures}) is more than window ({health.window}), so it could never be down"
            made.troubles.append(Trouble(placed.loc, text, "raise window or lower failures"))
        total = _tunable(scopes, "timeout")
        check = Check(
            target=target,
            probe=placed.entry.name or kind.name,
            kind=kind.name,
            settings=placed.entry.settings,
            interval=_tunable(scopes, "interval"),
            deadlines=Deadlines(
                connect=min(total, _tunable(scopes, "connect_timeout")),
                first_token=min(total, _tunable(scopes, "first_token_timeout")),
                total=total,
            ),
            required=False,
            paid=kind.paid,
            health=health,
            degraded_above=nearest_setting(scopes, "degraded_above"),
            labels=labels,
        )
        made.drafts.append(Draft(check, nearest_setting(scopes, "required")))

    def _labels(self, scopes: Sequence[BaseModel]) -> tuple[dict[str, str], list[str]]:
        """The user labels of a check, and the keys that were never declared."""
        labels: dict[str, str] = {}
        for scope in scopes:
            labels |= getattr(scope, "labels", {})
        return labels, [key for key in labels if key not in self.document.labels]


def nearest_setting(scopes: Sequence[BaseModel], name: str) -> Any:
    """The value of the nearest scope that has one (`scopes` go from far to near), else None."""
    return next((value for scope in reversed(scopes) if (value := getattr(scope, name, None)) is not None), None)


def _tunable(scopes: Sequence[BaseModel], name: str) -> float:
    value = nearest_setting(scopes, name)
    return float(DEFAULTS[name] if value is None else value)


def _health(scopes: Sequence[BaseModel]) -> HealthPolicy:
    """The policy; a window that is not written grows with `failures`."""
    failures = int(_tunable(scopes, "failures"))
    window = nearest_setting(scopes, "window")
    return HealthPolicy(
        failures=failures,
        window=int(window) if window is not None else max(int(DEFAULTS["window"]), failures),
        successes=int(_tunable(scopes, "successes")),
        confirm_interval=_tunable(scopes, "confirm_interval"),
    )


def _quirks(at: Resolved, model: str, dialect: str, own: QuirksBlock) -> Quirks:
    """What the preset says, over it the model's family, then what is written at the provider and at the model."""
    quirks = at.preset.quirks
    row = family(model, dialect, at.preset.makers)
    if row is not None:
        quirks = adjusted(quirks, row.changes, row.extra)
    for block in (at.entry.quirks, own):
        changes = block.model_dump(exclude_none=True, exclude={"extra"})
        quirks = adjusted(quirks, changes, block.extra or {})
    return quirks


def _only_named(placed: Placed, route: Route) -> Iterator[Trouble]:
    """A probe of the provider may be named beside a model (so that it is only listed), but not set there."""
    settings = placed.entry.settings
    if placed.entry.model_fields_set - {"probe", "settings"} or (settings is not None and settings.model_fields_set):
        name = placed.entry.probe
        where = f"write its settings under providers.{route.at.provider.name}.probes"
        yield Trouble(placed.loc, f"the probe `{name}` is asked once per provider, not per model", where)


def settled(drafts: Iterable[Draft]) -> tuple[Check, ...]:
    """Checks with `required` decided: as written, else the usual probe, else the first of its model."""
    drafts = list(drafts)
    decided = [bool(draft.check.kind == USUAL_PROBE if draft.wanted is None else draft.wanted) for draft in drafts]
    keys = [(draft.check.target.provider.name, draft.check.target.model) for draft in drafts]
    served = {key for key, required in zip(keys, decided, strict=True) if required}
    for position, (draft, key) in enumerate(zip(drafts, keys, strict=True)):
        if key not in served and draft.wanted is None:
            decided[position] = True
            served.add(key)
    return tuple(replace(draft.check, required=each) for draft, each in zip(drafts, decided, strict=True))
