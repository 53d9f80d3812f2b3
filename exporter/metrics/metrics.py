"""The sink that turns results into metrics.

What changed is written when it changes, per family and check; a scrape finds it written and only joins it, so that
reading the instrument does not stall it.
"""

from collections.abc import Iterable, Iterator

from exporter.core.clock import Clock
from exporter.core.health_state import Health
from exporter.core.plan import Buckets
from exporter.core.sink import Observation, RestoredState, Sink, Skip
from exporter.core.target import Check, Target
from exporter.metrics.check_metrics import CheckMetrics
from exporter.metrics.exposition import Chunk, iter_chunks, make_buffers
from exporter.metrics.families import Scope, families_of
from exporter.metrics.gauges import AFTER_A_RUN, STEADY, read_info
from exporter.metrics.histogram import BucketLayout
from exporter.metrics.providers import PriceBuffers, Prices, ProviderMetrics
from exporter.metrics.text import Samples, render_samples
from exporter.status_pages import Indicator

ACTIVE = "ai_api_active_requests"


class Metrics(Sink):
    """All metrics of checks, models and providers. A `Sink`; its methods are called on the event loop only.

    `label_keys` are the user labels that `ai_api_check_info` carries for every check.
    """

    def __init__(self, buckets: Buckets, label_keys: tuple[str, ...], clock: Clock) -> None:
        self._clock = clock
        self._keys = label_keys
        first_token = BucketLayout(buckets.first_token)
        self._ladders = {
            "ai_api_request_duration_seconds": BucketLayout(buckets.duration),
            "ai_api_time_to_first_token_seconds": first_token,
            "ai_api_time_to_first_answer_token_seconds": first_token,
            "ai_api_time_per_output_token_seconds": BucketLayout(buckets.per_output_token),
        }
        self._pages = make_buffers(families_of(Scope.CHECK, Scope.MODEL, Scope.PROVIDER))
        self._providers = ProviderMetrics(self._pages)
        self._prices = PriceBuffers(self._pages)
        self._records: dict[str, CheckMetrics] = {}

    @property
    def writes(self) -> int:
        """How many fragments were written since the start. A scrape writes none."""
        return sum(page.writes for page in self._pages.values())

    def render(self, *, openmetrics: bool) -> Iterator[Chunk]:
        """Return the metrics, family by family, each as it is when its turn comes; join them on any thread.

        With thousands of checks to be taken step by step.
        """
        return iter_chunks(self._pages, openmetrics=openmetrics)

    def set_targets(self, targets: Iterable[Target]) -> None:
        """Set all models of the configuration: whether a provider lists them is exported even without checks."""
        self._providers.set_targets(targets)

    def set_provider_status(self, provider: str, indicator: Indicator | None) -> None:
        """Set the indicator of the provider's status page; None if none is read or it could not be read."""
        self._providers.set_status(provider, indicator)

    def set_prices(self, prices: Prices) -> Iterator[None]:
        """Set the prices of all models. A check whose price is known has a cost, if only 0 so far.

        To be taken step by step, to the end: there may be thousands.
        """
        yield from self._prices.set_prices(prices)
        for record in tuple(self._records.values()):
            target = record.check.target
            if prices.get((target.provider.name, target.model)) is not None and record.start_cost():
                self._write_counts(record)
            yield

    def set_interval(self, check: Check, seconds: float) -> None:
        """Set the interval of a check in seconds."""
        if (record := self._records.get(check.id)) is not None:
            self._put("ai_api_probe_interval_seconds", record, (("", seconds),))

    def set_maintenance(self, check: Check, active: bool) -> None:
        """Return whether a maintenance window matches the check now."""
        if (record := self._records.get(check.id)) is not None:
            self._put("ai_api_maintenance", record, (("", int(active)),))

    def add_check(self, check: Check) -> None:
        record = self._records.get(check.id)
        if record is None:
            record = self._records[check.id] = CheckMetrics(check, self._ladders)
        else:
            record.configure(check)
        self._providers.add_check(check)
        self._put("ai_api_check_info", record, read_info(record, self._keys))
        self._put("ai_api_probe_interval_seconds", record, (("", check.interval),))
        self._put("ai_api_maintenance", record, (("", 0),))
        self._write(record)

    def remove_check(self, check: Check) -> None:
        if self._records.pop(check.id, None) is not None:
            self._providers.remove_check(check)
            for family in families_of(Scope.CHECK):
                self._pages[family.name].remove(check.id)

    def restore_check(self, check: Check, known: RestoredState, model_health: bool | None) -> None:
        if (record := self._records.get(check.id)) is not None:
            record.restore(known, self._clock.monotonic_ns())
            self._providers.restore_check(check, known, model_health)
            self._write(record)

    def record_start(self, check: Check) -> None:
        if (record := self._records.get(check.id)) is not None:
            record.record_start()
            record.told[ACTIVE] = active = AFTER_A_RUN[ACTIVE](record)
            self._put(ACTIVE, record, active)

    def record_run(self, seen: Observation) -> None:
        if (record := self._records.get(seen.check.id)) is not None:
            record.record_run(seen.outcome, seen.after.state, self._clock.monotonic_ns())
            self._providers.record_run(seen.check, seen.outcome, seen.model_health)
            self._write(record)

    def record_not_offered(self, seen: Observation) -> None:
        if (record := self._records.get(seen.check.id)) is not None:
            record.withdraw(seen.outcome)
            self._providers.record_not_offered(seen.check, seen.outcome, seen.model_health)
            self._write(record)

    def record_skip(self, check: Check, why: Skip) -> None:
        if (record := self._records.get(check.id)) is not None:
            record.record_skip(why)
            self._write_counts(record)

    def expire_check(self, check: Check, health: Health, model_health: bool | None) -> None:
        if (record := self._records.get(check.id)) is not None:
            record.expire(health.state)
            self._providers.expire_check(check, model_health)
            self._write(record)

    def _write(self, record: CheckMetrics) -> None:
        self._write_counts(record)
        for family, read in AFTER_A_RUN.items():
            samples = read(record)
            if family not in STEADY:
                self._put(family, record, samples)
            elif record.told.get(family) != samples:
                record.told[family] = samples
                self._put(family, record, samples)

    def _write_counts(self, record: CheckMetrics) -> None:
        for family, plain, openmetrics in record.render_changed():
            self._pages[family].put(record.id, plain, openmetrics)

    def _put(self, family: str, record: CheckMetrics, samples: Samples) -> None:
        self._pages[family].put(record.id, render_samples(family, record.labels, samples))
