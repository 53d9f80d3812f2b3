"""The document into the plan: every reference followed, every check made, everything wrong told at once."""

import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from exporter.config.presets import PRESETS
from exporter.config.resolve.checks import CheckMaker, Draft, Drafts, Route, decide_required
from exporter.config.resolve.plan_secrets import PlanSecrets
from exporter.config.resolve.providers import ProviderResolver, ResolvedProvider
from exporter.config.schema.blocks import KnownNames
from exporter.config.schema.document import DocumentReading
from exporter.config.schema.schema import BudgetBlock, DiscoverEntry, Document, ModelEntry, ProviderEntry
from exporter.config.yaml.problems import Trouble, suggest_name
from exporter.config.yaml.written import Loc
from exporter.core.errors import ConfigError
from exporter.core.plan import Buckets, Budget, Discovery, Maintenance, Plan, Shard
from exporter.core.target import Check, Target
from exporter.money.price_file import PriceFileError, read_price_file
from exporter.run.sharding import read_ordinal

LISTING_PROBE = "models"
"""The probe whose answers discovery reads."""


@dataclass(frozen=True, slots=True)
class FoundModel:
    """Makes the checks of a model found by discovery. Compares by what it was made from, so a reload sees changes."""

    maker: CheckMaker
    at: ResolvedProvider
    entry: DiscoverEntry

    def __call__(self, model: str) -> tuple[Check, ...]:
        return decide_required(self.maker.draft_model(self._make_route(model)).drafts)

    def make_target(self, model: str) -> Target:
        """Make the target for a model at the provider."""
        return self.maker.make_target(self._make_route(model))

    def _make_route(self, model: str) -> Route:
        return Route(at=self.at, model=model, entry=self.entry, loc=())


class Resolver:
    """One use: `plan()` returns the plan or raises ConfigError with every problem."""

    def __init__(
        self,
        reading: DocumentReading,
        document: Document,
        known: KnownNames,
        environ: Mapping[str, str],
        *,
        folder: Path,
        free_only: bool,
    ) -> None:
        self._reading = reading
        self._document = document
        self._written = reading.written
        self._troubles = list(reading.troubles)
        self._notices: list[str] = []
        self._warnings: list[str] = []
        self._maker = CheckMaker(document, known, free_only)
        self._resolver = ProviderResolver(known, environ, folder)
        self._providers: dict[str, ResolvedProvider] = {}
        self._targets: dict[tuple[str, str], Target] = {}
        self._free_only = free_only
        self._folder = folder
        self._environ = environ

    def resolve(self) -> Plan:
        self._resolve_providers()
        drafts = self._draft_checks()
        discoveries = tuple(self._resolve_discoveries())
        prices_file = self._resolve_prices_file()
        shard = self._resolve_shard()
        self._check_labels()
        if not self._written.tree.get("providers") and not self._reading.is_touched("providers"):
            self._troubles.append(Trouble((), "no provider is configured", "name at least one under `providers:`"))
        if self._troubles:
            raise ConfigError([self._written.make_problem(*trouble) for trouble in dict.fromkeys(self._troubles)])
        self._report_left_out()
        document = self._document
        return Plan(
            source=self._written.source,
            providers=tuple(each.provider for each in self._providers.values()),
            checks=decide_required(drafts),
            targets=tuple(self._targets.values()),
            discoveries=discoveries,
            maintenance=tuple(
                Maintenance(match=each.match, schedule=each.schedule, duration=each.duration)
                for each in document.maintenance.values()
            ),
            budget=_make_budget(document.budget),
            timezone=document.budget.timezone,
            assumed_price=document.budget.assumed_usd_per_million_tokens,
            retention=document.retention,
            shard=shard,
            provider_budgets={
                name: _make_budget(each.entry.budget)
                for name, each in self._providers.items()
                if _make_budget(each.entry.budget) != Budget()
            },
            network_check=tuple(document.network_check or ()),
            status_pages=document.status_pages,
            prices_file=prices_file,
            label_keys=tuple(document.labels),
            max_in_flight=document.max_in_flight,
            buckets=Buckets(**document.buckets.model_dump(exclude_none=True)),
            notices=tuple(self._notices),
            warnings=tuple(self._warnings),
            secrets=PlanSecrets.of(self._written.list_secrets(), self._providers.values()),
        )

    def _resolve_providers(self) -> None:
        for name, entry in self._document.providers.items():
            if not entry.enabled or self._reading.is_partial(("providers", name)):
                continue
            if (resolved := self._resolver.resolve(name, entry)) is not None:
                self._providers[name] = resolved
        self._troubles += self._resolver.troubles
        self._notices += self._resolver.notices
        self._warnings += self._resolver.warnings

    def _draft_checks(self) -> list[Draft]:
        """Draft every check of every provider and model."""
        drafts = [
            draft for each in self._providers.values() for draft in self._take_drafts(self._maker.draft_provider(each))
        ]
        for route in self._iter_routes():
            self._targets.setdefault((route.at.provider.name, route.model), self._maker.make_target(route))
            drafts += self._take_drafts(self._maker.draft_model(route))
        self._check_unique(drafts)
        return drafts

    def _take_drafts(self, made: Drafts) -> list[Draft]:
        self._troubles += made.troubles
        self._notices += made.notices
        return made.drafts

    def _check_unique(self, drafts: list[Draft]) -> None:
        seen: dict[str, Loc] = {}
        for draft in drafts:
            check_id = draft.check.id
            if check_id in seen:
                line = self._written.find_line(seen[check_id])
                where = f" (the first is at line {line})" if line is not None else ""
                text = f"the check {check_id} is written twice{where}"
                self._troubles.append(Trouble(draft.loc, text, "leave one out, or give the second probe a `name`"))
            seen.setdefault(check_id, draft.loc)

    def _iter_routes(self) -> Iterator[Route]:
        for position, entry in self._document.models.items():
            loc: Loc = ("models", position)
            if not entry.enabled:
                continue
            for name, place in self._iter_provider_names(entry, loc):
                at = self._find_provider(name, place)
                if at is None:
                    continue
                if entry.dialect and entry.dialect not in at.provider.dialects:
                    spoken = ", ".join(at.provider.dialects)
                    text = f"the provider {name} does not speak {entry.dialect}"
                    self._troubles.append(Trouble((*loc, "dialect"), text, f"it speaks: {spoken}"))
                    continue
                yield Route(at=at, model=entry.model, entry=entry, loc=loc)

    def _iter_provider_names(self, entry: ModelEntry, loc: Loc) -> Iterator[tuple[str, Loc]]:
        if entry.provider is not None and entry.providers is not None:
            self._troubles.append(Trouble(loc, "both `provider` and `providers` are written", "keep one of them"))
        elif entry.provider is not None:
            yield entry.provider, (*loc, "provider")
        elif entry.providers is not None:
            yield from ((name, (*loc, "providers", index)) for index, name in enumerate(entry.providers))
        elif not self._reading.is_partial(loc):
            self._troubles.append(Trouble(loc, f"the model {entry.model} has no provider", "add `provider: NAME`"))

    def _find_provider(self, name: str, loc: Loc) -> ResolvedProvider | None:
        """Find the provider of that name; None if it has problems of its own, is disabled, or does not exist."""
        names = self._reading.provider_names()
        if name not in names and not self._reading.is_partial(("providers",)):
            hint = (
                f"add `{name}: {{}}` under `providers:`" if name in PRESETS or not names else suggest_name(name, names)
            )
            self._troubles.append(Trouble(loc, f"there is no provider `{name}`", hint))
        return self._providers.get(name)

    def _resolve_discoveries(self) -> Iterator[Discovery]:
        for position, entry in self._document.discover.items():
            loc: Loc = ("discover", position)
            at = self._find_provider(entry.provider, (*loc, "provider"))
            if at is None:
                continue
            sample = Route(at=at, model="a-model", entry=entry, loc=loc)
            self._take_drafts(self._maker.draft_model(sample))
            if not any(draft.check.kind == LISTING_PROBE for draft in self._maker.draft_provider(at).drafts):
                text = f"models are found by the probe `{LISTING_PROBE}`, which {{given}} is not asked"
                self._troubles.append(Trouble((*loc, "provider"), text, f"let `{LISTING_PROBE}` run there"))
            found = FoundModel(self._maker, at, entry)
            yield Discovery(
                provider=at.provider,
                include=tuple(entry.include),
                exclude=tuple(entry.exclude),
                every=entry.every,
                limit=entry.max,
                checks=found,
                target=found.make_target,
            )

    def _resolve_shard(self) -> Shard | None:
        """Resolve which replica this is: as configured, else by the number that a StatefulSet gives its pods."""
        block = self._document.shard
        if block is None:
            return None
        host = self._environ.get("HOSTNAME", "") or socket.gethostname()
        index = read_ordinal(host) if block.index is None else block.index
        if index is None:
            text = "the name of this host does not end with a number that says which shard it is"
            self._troubles.append(Trouble(("shard",), text, "add `index: N`"))
        elif index >= block.count:
            text = f"shard {index} is not one of {block.count}: they count from 0"
            self._troubles.append(Trouble(("shard",), text, f"write an index below {block.count}, or raise count"))
        return Shard(index or 0, block.count)

    def _resolve_prices_file(self) -> Path | None:
        """Read the user's prices once, so that their problems are reported with the rest."""
        if self._document.prices_file is None:
            return None
        path = self._folder / self._document.prices_file
        try:
            read_price_file(path)
        except PriceFileError as error:
            self._troubles.append(Trouble(("prices_file",), str(error)))
        return path

    def _check_labels(self) -> None:
        """Check that labels are declared at the top; elsewhere they only get other values."""
        if self._reading.is_partial(("labels",)):
            return
        for loc, labels in iter_label_places(self._document):
            for key in labels.keys() - self._document.labels.keys():
                text = f"the label `{key}` is not declared"
                self._troubles.append(Trouble((*loc, "labels", key), text, "declare it under `labels:` at the top"))

    def _report_left_out(self) -> None:
        used = {name for name, _ in self._targets} | {entry.provider for entry in self._document.discover.values()}
        self._notices += [
            f"provider {name}: no model of it is configured, so only the provider itself is asked"
            for name in self._providers
            if name not in used
        ]
        if self._free_only:
            self._notices.append("only free probes run (AI_API_EXPORTER_FREE_ONLY)")


def iter_label_places(document: Document) -> Iterator[tuple[Loc, Mapping[str, str]]]:
    """Yield where user labels get values, apart from the top: providers, models, discoveries, their probes."""
    holders: list[tuple[Loc, Document | ProviderEntry | ModelEntry | DiscoverEntry]] = [((), document)]
    holders += [(("providers", name), entry) for name, entry in document.providers.items()]
    holders += [(("models", position), entry) for position, entry in document.models.items()]
    holders += [(("discover", position), entry) for position, entry in document.discover.items()]
    for loc, holder in holders:
        if loc:
            yield loc, holder.labels
        for position, probe in (holder.probes or {}).items():
            yield (*loc, "probes", position), probe.labels


def _make_budget(block: BudgetBlock) -> Budget:
    return Budget(daily_usd=block.daily_usd, monthly_usd=block.monthly_usd)
