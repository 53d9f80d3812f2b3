"""Says in the log when a configured model vanishes from its provider's list, and when it is back."""

from collections import defaultdict
from collections.abc import Iterable

from structlog.typing import FilteringBoundLogger

from exporter.core.sink import Observation, Sink
from exporter.core.target import Target
from exporter.models.provider_list import ProviderList


class DelistingLog(Sink):
    """A sink that compares each list of models with the models configured; each change is said once."""

    def __init__(self, log: FilteringBoundLogger) -> None:
        self._log = log
        self._models: dict[str, frozenset[str]] = {}
        self._missing: dict[str, frozenset[str]] = {}

    def set_targets(self, targets: Iterable[Target]) -> None:
        """Set all models of the configuration."""
        models: defaultdict[str, set[str]] = defaultdict(set)
        for target in targets:
            models[target.provider.name].add(target.model)
        self._models = {name: frozenset(each - {""}) for name, each in models.items()}
        self._missing = {name: each & self._models.get(name, frozenset()) for name, each in self._missing.items()}

    def record_run(self, seen: Observation) -> None:
        if not seen.outcome.ok or seen.outcome.models is None:
            return
        name = seen.check.target.provider.name
        listing = ProviderList(seen.outcome.models)
        missing = frozenset(model for model in self._models.get(name, ()) if listing.find(model) is None)
        before = self._missing.get(name, frozenset())
        for model in sorted(missing - before):
            self._log.warning("the provider does not list this model", provider=name, model=model)
        for model in sorted(before - missing):
            self._log.info("the provider lists this model again", provider=name, model=model)
        self._missing[name] = missing
