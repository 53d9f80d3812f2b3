"""Metrics of a provider or a model as a whole: health, the list of models, certificates, prices."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from exporter.core.outcome import Outcome
from exporter.core.sink import RestoredState
from exporter.core.target import Check, Price, Target
from exporter.metrics.exposition import FamilyBuffers
from exporter.metrics.text import Sample, render_label, render_labels, render_samples
from exporter.models.provider_list import ProviderList
from exporter.status_pages import Indicator

_KNOWN = "ai_api_price_known"
_PRICE = "ai_api_price_usd_per_million_tokens"
_TYPES = {kind: render_label("token_type", kind) for kind in ("input", "output", "cached_input", "cache_write")}

Prices = Mapping[tuple[str, str], Price | None]
"""Price by provider and model; None if it is unknown."""


class PriceBuffers:
    """Keeps the pages of prices."""

    def __init__(self, pages: FamilyBuffers) -> None:
        self._pages = pages
        self._told: dict[tuple[str, str], Price | None] = {}

    def set_prices(self, prices: Prices) -> Iterator[None]:
        """Set the prices of all models, one by one; only changed ones are written."""
        for provider, model in self._told.keys() - prices.keys():
            del self._told[provider, model]
            for family in (_KNOWN, _PRICE):
                self._pages[family].remove(f"{provider}/{model}")
        for (provider, model), price in prices.items():
            if (provider, model) not in self._told or self._told[provider, model] != price:
                self._told[provider, model] = price
                labels = render_labels([("provider", provider), ("model", model)])
                self._put(_KNOWN, provider, model, render_samples(_KNOWN, labels, [("", int(price is not None))]))
                self._put(_PRICE, provider, model, render_samples(_PRICE, labels, tuple(_price_samples(price))))
            yield

    def _put(self, family: str, provider: str, model: str, written: bytes) -> None:
        self._pages[family].put(f"{provider}/{model}", written)


def _price_samples(price: Price | None) -> Iterator[Sample]:
    """Make the samples of a price. Unknown prices of cached and cache-write tokens have no series."""
    for kind, labels in _TYPES.items():
        usd = getattr(price, kind, None)
        if usd is not None:
            yield labels, float(usd)


_HEALTH = "ai_api_model_health"
_LISTED = "ai_api_model_listed"
_RETIREMENT = "ai_api_model_retirement_timestamp_seconds"
_MODELS = "ai_api_provider_models"
_STATUS = "ai_api_provider_status"
_CERTIFICATE = "ai_api_tls_certificate_expiry_timestamp_seconds"


class _Provider:
    """What is known of one provider. Models are kept only where they are configured here, whatever its list says.

    `checks` are the ids of the checks by model; `targets` the models configured whether or not they have a check;
    `listing` the last list of models and `lister` the check that brought it;
    `certificates` the expiry that each check saw last, `retirements` the model and the moment that its answer told,
    `healths` the exported health of each model.
    """

    __slots__ = ("certificates", "checks", "healths", "lister", "listing", "retirements", "targets")

    def __init__(self) -> None:
        self.checks: defaultdict[str, set[str]] = defaultdict(set)
        self.targets: frozenset[str] = frozenset()
        self.listing: ProviderList | None = None
        self.lister = ""
        self.certificates: dict[str, float] = {}
        self.healths: dict[str, bool | None] = {}
        self.retirements: dict[str, tuple[str, float]] = {}

    def known_models(self) -> set[str]:
        """Return the models to export."""
        return {model for model in (*self.targets, *self.checks) if self.is_exported(model)}

    def retirement_of(self, model: str) -> float | None:
        """Return when the model retires: by the list, else the soonest date in its own answers."""
        row = None if self.listing is None else self.listing.find(model)
        told = min((moment for name, moment in self.retirements.values() if name == model), default=None)
        return told if row is None or row.retires_at is None else row.retires_at

    def is_exported(self, model: str) -> bool:
        """Return whether a model is exported."""
        return model != "" and (model in self.targets or model in self.checks)


class ProviderMetrics:
    """Keeps the pages of what is provider-wide or model-wide."""

    def __init__(self, pages: FamilyBuffers) -> None:
        self._pages = pages
        self._providers: defaultdict[str, _Provider] = defaultdict(_Provider)

    def set_targets(self, targets: Iterable[Target]) -> None:
        """Set all models, with or without checks of their own."""
        models: defaultdict[str, set[str]] = defaultdict(set)
        for target in targets:
            models[target.provider.name].add(target.model)
        for name in set(models) | set(self._providers):
            provider = self._providers[name]
            before = provider.known_models()
            provider.targets = frozenset(models[name])
            self._write_list(name, before ^ provider.known_models())
            self._drop_if_unused(name)

    def add_check(self, check: Check) -> None:
        """Add a check."""
        name, model = check.target.provider.name, check.target.model
        self._providers[name].checks[model].add(check.id)
        self._write_list(name, {model})

    def remove_check(self, check: Check) -> None:
        """Remove a check; the last one of a model or provider takes its series with it."""
        name, model = check.target.provider.name, check.target.model
        provider = self._providers[name]
        self._drop_list(check)
        provider.checks[model].discard(check.id)
        if not provider.checks[model]:
            del provider.checks[model]
            provider.healths.pop(model, None)
            self._pages[_HEALTH].remove(f"{name}/{model}")
            self._write_list(name, {model})
        self._drop_if_unused(name)

    def record_run(self, check: Check, outcome: Outcome, model_health: bool | None) -> None:
        """Record a run."""
        self._write_health(check, model_health)
        name = check.target.provider.name
        provider = self._providers[name]
        # Nearly every run repeats the same date, and to find the soonest of all takes a while.
        expires, retires = outcome.certificate_expires_at, (check.target.model, outcome.retires_at)
        if expires is not None and provider.certificates.get(check.id) != expires:
            provider.certificates[check.id] = expires
            self._write_certificate(name)
        if retires[1] is not None and provider.retirements.get(check.id) != retires:
            provider.retirements[check.id] = (retires[0], retires[1])
            self._write_list(name, {check.target.model})
        if outcome.ok and outcome.models is not None:
            self._record_list(name, check.id, ProviderList(outcome.models))

    def record_not_offered(self, check: Check, outcome: Outcome, model_health: bool | None) -> None:
        """Record a run that found no list of models: whether a model is listed is not known, its certificate is."""
        self._drop_list(check)
        self.record_run(check, outcome, model_health)

    def restore_check(self, check: Check, known: RestoredState, model_health: bool | None) -> None:
        """Restore what an earlier process knew, except for lists."""
        if known.last is not None and not known.expired:
            self.record_run(check, known.last, model_health)
        else:
            self._write_health(check, model_health)

    def set_status(self, name: str, indicator: Indicator | None) -> None:
        """Set the indicator of the provider's status page; None if there is none."""
        samples = (
            []
            if indicator is None
            else [(render_label("indicator", each), int(each is indicator)) for each in Indicator]
        )
        self._pages[_STATUS].put(name, render_samples(_STATUS, render_labels([("provider", name)]), samples))

    def expire_check(self, check: Check, model_health: bool | None) -> None:
        """Drop the figures of a check that has not run for too long."""
        self._write_health(check, model_health)
        self._drop_list(check)

    def _record_list(self, name: str, lister: str, listing: ProviderList) -> None:
        provider = self._providers[name]
        provider.listing, provider.lister = listing, lister
        self._write_list(name, provider.known_models())

    def _drop_list(self, check: Check) -> None:
        name = check.target.provider.name
        provider = self._providers[name]
        if provider.certificates.pop(check.id, None) is not None:
            self._write_certificate(name)
        if provider.retirements.pop(check.id, None) is not None:
            self._write_list(name, {check.target.model})
        if provider.lister == check.id:
            provider.listing, provider.lister = None, ""
            self._write_list(name, provider.known_models())

    def _drop_if_unused(self, name: str) -> None:
        if not self._providers[name].checks and not self._providers[name].targets:
            del self._providers[name]
            self._pages[_STATUS].remove(name)

    def _write_health(self, check: Check, health: bool | None) -> None:
        name, model = check.target.provider.name, check.target.model
        told = self._providers[name].healths
        if model not in told or told[model] is not health:
            told[model] = health
            self._put(_HEALTH, name, model, health)

    def _write_certificate(self, name: str) -> None:
        soonest = min(self._providers[name].certificates.values(), default=None)
        self._put(_CERTIFICATE, name, None, soonest)

    def _write_list(self, name: str, models: Iterable[str]) -> None:
        provider = self._providers[name]
        listing = provider.listing
        self._put(_MODELS, name, None, None if listing is None else len(listing))
        for model in models:
            known = listing is not None and provider.is_exported(model)
            row = listing.find(model) if listing is not None and known else None
            self._put(_LISTED, name, model, row is not None if known else None)
            self._put(_RETIREMENT, name, model, provider.retirement_of(model) if provider.is_exported(model) else None)

    def _put(self, family: str, name: str, model: str | None, value: float | None) -> None:
        """Tell a figure of a provider (`model` None) or of one of its models; None is not known."""
        named = [("provider", name)] if model is None else [("provider", name), ("model", model)]
        owner = name if model is None else f"{name}/{model}"
        if value is None:
            self._pages[family].remove(owner)
        else:
            self._pages[family].put(owner, render_samples(family, render_labels(named), (("", value),)))
