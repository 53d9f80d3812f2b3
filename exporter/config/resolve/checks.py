"""Settings, nearest first, into the checks of one model or of one provider."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from exporter.config.families import adjust_quirks, find_family
from exporter.config.resolve.providers import ResolvedProvider
from exporter.config.resolve.scopes import Scope, Scopes
from exporter.config.schema.blocks import KnownNames
from exporter.config.schema.probe_entry import ProbeEntry
from exporter.config.schema.schema import DiscoverEntry, Document, ModelEntry, QuirksBlock
from exporter.config.yaml.problems import Trouble
from exporter.config.yaml.written import Loc
from exporter.core.ask import ListModels
from exporter.core.target import Check, Price, Quirks, Target

USUAL_PROBE = "chat"
"""What is asked of a model for which no probe is named; required by default."""


@dataclass(frozen=True, slots=True)
class PlacedProbe:
    """A probe entry and where it is written; `usual` means that it is the default and written nowhere."""

    entry: ProbeEntry
    loc: Loc
    usual: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A check before it is known what else is asked of its model: `wanted` is `required` as written, if it is.

    `loc` is where it comes from.
    """

    check: Check
    loc: Loc
    wanted: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A model at a provider, as it is written: `entry` holds its settings, `loc` is its place."""

    at: ResolvedProvider
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
    known: KnownNames
    free_only: bool

    def make_target(self, route: Route, dialect: str | None = None) -> Target:
        """Make the target for a model, with the quirks of its family."""
        chosen = dialect or route.entry.dialect or route.at.provider.dialects[0]
        return Target(
            provider=route.at.provider,
            model=route.model,
            dialect=chosen,
            alias=route.alias,
            quirks=_resolve_quirks(route.at, route.model, chosen, route.quirks),
            price=_resolve_price(route),
        )

    def draft_model(self, route: Route) -> Drafts:
        """Draft the checks of one model."""
        made = Drafts()
        for placed in self._list_probes(route):
            if self.known.probes[placed.entry.probe].per_provider:
                made.troubles.extend(_refuse_settings(placed, route))
            elif (dialect := self._choose_dialect(placed, route.at, route.entry.dialect)) is None:
                made.troubles.append(self._explain_impossible(placed, route.at, route.entry.dialect))
            elif placed.entry.enabled:
                scopes = self._make_scopes(route.at, Scope(route.entry, route.loc), Scope(placed.entry, placed.loc))
                self._add_draft(made, placed, self.make_target(route, dialect), scopes)
        return made

    def draft_provider(self, at: ResolvedProvider) -> Drafts:
        """Draft the checks that run once per provider: its free probes, and those in the configuration."""
        made = Drafts()
        for placed in self._list_provider_probes(at):
            if not placed.entry.enabled:
                continue
            if placed.usual and not self._is_offered(at, placed):
                name = at.provider.name
                made.notices.append(f"provider {name}: `{placed.entry.probe}` is not asked, no list of it is known")
                continue
            dialect = self._choose_dialect(placed, at, None)
            if dialect is not None:
                quirks = _resolve_quirks(at, "", dialect, QuirksBlock())
                target = Target(provider=at.provider, model="", dialect=dialect, quirks=quirks)
                self._add_draft(made, placed, target, self._make_scopes(at, Scope(placed.entry, placed.loc)))
            elif placed.usual:
                name = at.provider.name
                made.notices.append(f"provider {name}: `{placed.entry.probe}` is not asked, its dialect cannot")
            else:
                made.troubles.append(self._explain_impossible(placed, at, None))
        return made

    def _is_offered(self, at: ResolvedProvider, placed: PlacedProbe) -> bool:
        """Return whether the vendor is known to tell what the probe asks; only lists are known to be missing."""
        return at.preset.lists_models or ListModels not in self.known.probes[placed.entry.probe].asks

    def _make_scopes(self, at: ResolvedProvider, *nearer: Scope) -> Scopes:
        return Scopes((Scope(self.document, ()), Scope(at.entry, ("providers", at.provider.name)), *nearer))

    def _list_probes(self, route: Route) -> list[PlacedProbe]:
        """Return the nearest list of probes, else the default probe. A list further up may hold the provider's too."""
        if route.entry.probes is not None:
            return _place_probes(route.entry.probes, route.loc)
        for probes, loc in self._outer_lists(route.at):
            if probes is not None:
                return [
                    each for each in _place_probes(probes, loc) if not self.known.probes[each.entry.probe].per_provider
                ]
        if isinstance(route.entry, DiscoverEntry) or USUAL_PROBE not in self.known.probes:
            return []
        return [self._make_default_probe(USUAL_PROBE, route.loc)]

    def _list_provider_probes(self, at: ResolvedProvider) -> list[PlacedProbe]:
        """For each kind of such probe: what the provider's list says of it, else the top's, else as usual if free."""
        found: list[PlacedProbe] = []
        for kind in self.known.probes.values():
            if kind.per_provider:
                spots = [_place_probes(probes or {}, loc) for probes, loc in self._outer_lists(at)]
                written = [[each for each in spot if each.entry.probe == kind.name] for spot in spots]
                usual = [] if kind.paid else [self._make_default_probe(kind.name, ("providers", at.provider.name))]
                found += next(filter(None, written), usual)
        return found

    def _outer_lists(self, at: ResolvedProvider) -> tuple[tuple[Mapping[int, ProbeEntry] | None, Loc], ...]:
        return ((at.entry.probes, ("providers", at.provider.name)), (self.document.probes, ()))

    def _make_default_probe(self, kind: str, loc: Loc) -> PlacedProbe:
        """Make a probe entry with defaults only."""
        return PlacedProbe(ProbeEntry(probe=kind, settings=self.known.probes[kind].settings()), loc, usual=True)

    def _choose_dialect(self, placed: PlacedProbe, at: ResolvedProvider, wanted: str | None) -> str | None:
        """Choose the first of the provider's dialects that can ask what the probe asks."""
        asks = self.known.probes[placed.entry.probe].asks
        spoken = (wanted,) if wanted else at.provider.dialects
        return next((name for name in spoken if asks <= self.known.dialects[name].asks), None)

    def _explain_impossible(self, placed: PlacedProbe, at: ResolvedProvider, wanted: str | None) -> Trouble:
        asks = self.known.probes[placed.entry.probe].asks
        able = [name for name, dialect in self.known.dialects.items() if asks <= dialect.asks]
        spoken = wanted or ", ".join(at.provider.dialects)
        text = f"the probe `{placed.entry.probe}` cannot be asked of {at.provider.name} in {spoken}"
        return Trouble(placed.loc, text, f"dialects that can: {', '.join(able) or 'none'}")

    def _add_draft(self, made: Drafts, placed: PlacedProbe, target: Target, scopes: Scopes) -> None:
        kind = self.known.probes[placed.entry.probe]
        if kind.paid and self.free_only:
            return
        made.troubles.extend(scopes.find_contradictions())
        check = Check(
            target=target,
            probe=placed.entry.name or kind.name,
            kind=kind.name,
            settings=placed.entry.settings,
            interval=scopes.find_nearest("interval"),
            deadlines=scopes.make_deadlines(),
            required=False,
            paid=kind.paid,
            health=scopes.make_health_policy(),
            degraded_above=scopes.find_nearest("degraded_above"),
            assertions=placed.entry.asserted.to_assertions() if placed.entry.asserted is not None else None,
            labels=scopes.merge_labels(),
        )
        made.drafts.append(Draft(check, placed.loc, scopes.find_nearest("required")))


def _place_probes(probes: Mapping[int, ProbeEntry], loc: Loc) -> list[PlacedProbe]:
    return [PlacedProbe(entry, (*loc, "probes", position)) for position, entry in probes.items()]


def _resolve_quirks(at: ResolvedProvider, model: str, dialect: str, own: QuirksBlock) -> Quirks:
    """Combine the quirks of the preset, the model's family, the provider and the model; the later win."""
    quirks = at.preset.quirks
    row = find_family(model, dialect, at.preset.makers)
    if row is not None:
        quirks = adjust_quirks(quirks, row.changes, row.extra)
    for block in (at.entry.quirks, own):
        changes = block.model_dump(exclude_none=True, exclude={"extra"})
        quirks = adjust_quirks(quirks, changes, block.extra or {})
    return quirks


def _resolve_price(route: Route) -> Price | None:
    """Return the price configured at the model, else at the provider. A float is taken as it was written."""
    own = route.entry.price if isinstance(route.entry, ModelEntry) else None
    block = own or route.at.entry.price
    if block is None:
        return None
    return Price(**{name: Decimal(repr(usd)) for name, usd in block.model_dump(exclude_none=True).items()})


def _refuse_settings(placed: PlacedProbe, route: Route) -> Iterator[Trouble]:
    """Refuse settings of a provider's probe at a model: there it may only be named."""
    settings = placed.entry.settings
    if placed.entry.model_fields_set - {"probe", "settings"} or (settings is not None and settings.model_fields_set):
        name = placed.entry.probe
        where = f"write its settings under providers.{route.at.provider.name}.probes"
        yield Trouble(placed.loc, f"the probe `{name}` is asked once per provider, not per model", where)


def decide_required(drafts: Iterable[Draft]) -> tuple[Check, ...]:
    """Return the checks with `required` decided: as configured, else the default probe, else the first of its model."""
    drafts = list(drafts)
    decided = [bool(draft.check.kind == USUAL_PROBE if draft.wanted is None else draft.wanted) for draft in drafts]
    keys = [(draft.check.target.provider.name, draft.check.target.model) for draft in drafts]
    served = {key for key, required in zip(keys, decided, strict=True) if required}
    for position, (draft, key) in enumerate(zip(drafts, keys, strict=True)):
        if key not in served and draft.wanted is None:
            decided[position] = True
            served.add(key)
    return tuple(replace(draft.check, required=each) for draft, each in zip(drafts, decided, strict=True))
