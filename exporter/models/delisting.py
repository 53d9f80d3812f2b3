"""Says in the log when a configured model vanishes from its provider's list, and when it is back."""

from collections import defaultdict
from collections.abc import Iterable

from structlog.typing import FilteringBoundLogger

from exporter.core.health_state import Health
from exporter.core.sink import Observation, Recalled, Skip
from exporter.core.target import Check, Target
from exporter.models.provider_list import Listing


class Unlisted:
    """A sink that compares each list of models with the models configured; each change is said once."""

    def __init__(self, log: FilteringBoundLogger) -> None:
        self._log = log
        self._models: dict[str, frozenset[str]] = {}
        self._missing: dict[str, frozenset[str]] = {}

    def configured(self, targets: Iterable[Target]) -> None:
        """These are all models now."""
        models: defaultdict[str, set[str]] = defaultdict(set)
        for target in targets:
            models[target.provider.name].add(target.model)
        self._models = {name: frozenset(each - {""}) for name, each in models.items()}
        self._missing = {name: each & self._models.get(name, frozenset()) for name, each in self._missing.items()}

    def observed(self, seen: Observation) -> None:
        if not seen.outcome.ok or seen.outcome.models is None:
            return
        name = seen.check.target.provider.name
        listing = Listing(seen.outcome.models)
        missing = frozenset(model for model in self._models.get(name, ()) if listing.find(model) is None)
        before = self._missing.get(name, frozenset())
        for model in sorted(missing - before):
            self._log.warning("the provider does not list this model", provider=name, model=model)
        for model in sorted(before - missing):
            self._log.info("the provider lists this model again", provider=name, model=model)
        self._missing[name] = missing

    def declare(self, check: Check) -> None:
        """Models are told by `configured`."""

    def forget(self, check: Check) -> None:
        """Models are told by `configured`."""

    def recalled(self, check: Check, known: Recalled, model_health: bool | None) -> None:
        """Only a list that came says anything."""

    def started(self, check: Check) -> None:
        """Only a list that came says anything."""

    def skipped(self, check: Check, why: Skip) -> None:
        """Only a list that came says anything."""

    def expired(self, check: Check, health: Health, model_health: bool | None) -> None:
        """A list that did not come says nothing."""
