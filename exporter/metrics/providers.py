"""What is told of a provider or a model as a whole: health, the list of models, certificates."""

from collections import defaultdict
from collections.abc import Iterable

from exporter.core.outcome import Outcome
from exporter.core.sink import Recalled
from exporter.core.target import Check, Target
from exporter.metrics.exposition import Pages
from exporter.metrics.text import lines, naming, pair
from exporter.models.provider_list import Listing
from exporter.status_pages import Indicator

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
    `healths` what was told of each model.
    """

    __slots__ = ("certificates", "checks", "healths", "lister", "listing", "retirements", "targets")

    def __init__(self) -> None:
        self.checks: defaultdict[str, set[str]] = defaultdict(set)
        self.targets: frozenset[str] = frozenset()
        self.listing: Listing | None = None
        self.lister = ""
        self.certificates: dict[str, float] = {}
        self.healths: dict[str, bool | None] = {}
        self.retirements: dict[str, tuple[str, float]] = {}

    def configured(self) -> set[str]:
        """The models to tell of."""
        return {model for model in (*self.targets, *self.checks) if self.tells(model)}

    def retires(self, model: str) -> float | None:
        """When the model goes: by the list, else by its own answers the soonest."""
        row = None if self.listing is None else self.listing.find(model)
        told = min((moment for name, moment in self.retirements.values() if name == model), default=None)
        return told if row is None or row.retires_at is None else row.retires_at

    def tells(self, model: str) -> bool:
        """Whether a model is to be told of."""
        return model != "" and (model in self.targets or model in self.checks)


class Providers:
    """Keeps the pages of what is provider-wide or model-wide."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._providers: defaultdict[str, _Provider] = defaultdict(_Provider)

    def configured(self, targets: Iterable[Target]) -> None:
        """These are all models now, with or without checks of their own."""
        models: defaultdict[str, set[str]] = defaultdict(set)
        for target in targets:
            models[target.provider.name].add(target.model)
        for name in set(models) | set(self._providers):
            provider = self._providers[name]
            before = provider.configured()
            provider.targets = frozenset(models[name])
            self._tell_listing(name, before ^ provider.configured())
            self._drop_if_unused(name)

    def declare(self, check: Check) -> None:
        """A check is configured."""
        name, model = check.target.provider.name, check.target.model
        self._providers[name].checks[model].add(check.id)
        self._tell_listing(name, {model})

    def forget(self, check: Check) -> None:
        """A check is no longer configured; with the last one of a model, or of the provider, go their series."""
        name, model = check.target.provider.name, check.target.model
        provider = self._providers[name]
        self._outdate(check)
        provider.checks[model].discard(check.id)
        if not provider.checks[model]:
            del provider.checks[model]
            provider.healths.pop(model, None)
            self._pages[_HEALTH].drop(f"{name}/{model}")
            self._tell_listing(name, {model})
        self._drop_if_unused(name)

    def observed(self, check: Check, outcome: Outcome, model_health: bool | None) -> None:
        """A run ended."""
        self._tell_health(check, model_health)
        name = check.target.provider.name
        provider = self._providers[name]
        # What was told before is told again by nearly every run, and the soonest of all is to be looked for.
        expires, retires = outcome.certificate_expires_at, (check.target.model, outcome.retires_at)
        if expires is not None and provider.certificates.get(check.id) != expires:
            provider.certificates[check.id] = expires
            self._tell_certificate(name)
        if retires[1] is not None and provider.retirements.get(check.id) != retires:
            provider.retirements[check.id] = (retires[0], retires[1])
            self._tell_listing(name, {check.target.model})
        if outcome.ok and outcome.models is not None:
            self._listed(name, check.id, Listing(outcome.models))

    def recalled(self, check: Check, known: Recalled, model_health: bool | None) -> None:
        """An earlier process knew this; only what has no list in it is kept."""
        if known.last is not None and not known.expired:
            self.observed(check, known.last, model_health)
        else:
            self._tell_health(check, model_health)

    def status(self, name: str, indicator: Indicator | None) -> None:
        """The provider's status page says this; None where it says nothing."""
        samples = [] if indicator is None else [(pair("indicator", each), int(each is indicator)) for each in Indicator]
        self._pages[_STATUS].put(name, lines(_STATUS, naming([("provider", name)]), samples))

    def expired(self, check: Check, model_health: bool | None) -> None:
        """A check has not run for too long: what it told is no longer true."""
        self._tell_health(check, model_health)
        self._outdate(check)

    def _listed(self, name: str, lister: str, listing: Listing) -> None:
        provider = self._providers[name]
        provider.listing, provider.lister = listing, lister
        self._tell_listing(name, provider.configured())

    def _outdate(self, check: Check) -> None:
        name = check.target.provider.name
        provider = self._providers[name]
        if provider.certificates.pop(check.id, None) is not None:
            self._tell_certificate(name)
        if provider.retirements.pop(check.id, None) is not None:
            self._tell_listing(name, {check.target.model})
        if provider.lister == check.id:
            provider.listing, provider.lister = None, ""
            self._tell_listing(name, provider.configured())

    def _drop_if_unused(self, name: str) -> None:
        if not self._providers[name].checks and not self._providers[name].targets:
            del self._providers[name]
            self._pages[_STATUS].drop(name)

    def _tell_health(self, check: Check, health: bool | None) -> None:
        name, model = check.target.provider.name, check.target.model
        told = self._providers[name].healths
        if model not in told or told[model] is not health:
            told[model] = health
            self._put(_HEALTH, name, model, health)

    def _tell_certificate(self, name: str) -> None:
        soonest = min(self._providers[name].certificates.values(), default=None)
        self._put(_CERTIFICATE, name, None, soonest)

    def _tell_listing(self, name: str, models: Iterable[str]) -> None:
        provider = self._providers[name]
        listing = provider.listing
        self._put(_MODELS, name, None, None if listing is None else len(listing))
        for model in models:
            known = listing is not None and provider.tells(model)
            row = listing.find(model) if listing is not None and known else None
            self._put(_LISTED, name, model, row is not None if known else None)
            self._put(_RETIREMENT, name, model, provider.retires(model) if provider.tells(model) else None)

    def _put(self, family: str, name: str, model: str | None, value: float | None) -> None:
        """Tell a figure of a provider (`model` None) or of one of its models; None is not known."""
        named = [("provider", name)] if model is None else [("provider", name), ("model", model)]
        owner = name if model is None else f"{name}/{model}"
        if value is None:
            self._pages[family].drop(owner)
        else:
            self._pages[family].put(owner, lines(family, naming(named), (("", value),)))
