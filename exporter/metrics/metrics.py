"""The sink that turns results into metrics.

What changed is written when it changes, per family and check; a scrape finds it written and only joins it, so that
reading the instrument does not stall it.
"""

from collections.abc import Iterable, Iterator

from exporter.core.clock import Clock
from exporter.core.health_state import Health
from exporter.core.plan import Buckets
from exporter.core.sink import Observation, Recalled, Skip
from exporter.core.target import Check, Target
from exporter.metrics.check_metrics import Record
from exporter.metrics.exposition import Piece, blank, pieces
from exporter.metrics.families import Scope, of
from exporter.metrics.gauges import AFTER_A_RUN, STEADY, described
from exporter.metrics.histogram import Ladder
from exporter.metrics.prices import PricePages, Prices
from exporter.metrics.providers import Providers
from exporter.metrics.text import Samples, lines
from exporter.status_pages import Indicator

ACTIVE = "ai_api_active_requests"


class Metrics:
    """All metrics of checks, models and providers. A `Sink`; its methods are called on the event loop only.

    `label_keys` are the user labels that `ai_api_check_info` carries for every check.
    """

    def __init__(self, buckets: Buckets, label_keys: tuple[str, ...], clock: Clock) -> None:
        self._clock = clock
        self._keys = label_keys
        first_token = Ladder(buckets.first_token)
        self._ladders = {
            "ai_api_request_duration_seconds": Ladder(buckets.duration),
            "ai_api_time_to_first_token_seconds": first_token,
            "ai_api_time_to_first_answer_token_seconds": first_token,
            "ai_api_time_per_output_token_seconds": Ladder(buckets.per_output_token),
        }
        self._pages = blank(of(Scope.CHECK, Scope.MODEL, Scope.PROVIDER))
        self._providers = Providers(self._pages)
        self._prices = PricePages(self._pages)
        self._records: dict[str, Record] = {}

    @property
    def writes(self) -> int:
        """How many fragments were written since the start. A scrape writes none."""
        return sum(page.writes for page in self._pages.values())

    def exposition(self, *, openmetrics: bool) -> Iterator[Piece]:
        """The metrics, family by family, each as it stands when its turn comes; to be joined on any thread.

        With thousands of checks to be taken step by step.
        """
        return pieces(self._pages, openmetrics=openmetrics)

    def configured(self, targets: Iterable[Target]) -> None:
        """These are all models of the configuration now: whether a provider lists them is told even without checks."""
        self._providers.configured(targets)

    def provider_status(self, provider: str, indicator: Indicator | None) -> None:
        """The provider's public status page says this; None where none is read or it could not be."""
        self._providers.status(provider, indicator)

    def prices(self, prices: Prices) -> Iterator[None]:
        """These are the prices of all models now. A check whose price is known has a cost, if only 0 so far.

        To be taken step by step, to the end: there may be thousands.
        """
        yield from self._prices.tell(prices)
        for record in tuple(self._records.values()):
            target = record.check.target
            if prices.get((target.provider.name, target.model)) is not None and record.costs():
                self._write_counts(record)
            yield

    def paced(self, check: Check, seconds: float) -> None:
        """The check runs every so many seconds now."""
        if (record := self._records.get(check.id)) is not None:
            self._put("ai_api_probe_interval_seconds", record, (("", seconds),))

    def maintained(self, check: Check, active: bool) -> None:
        """Whether a maintenance window matches the check now."""
        if (record := self._records.get(check.id)) is not None:
            self._put("ai_api_maintenance", record, (("", int(active)),))

    def declare(self, check: Check) -> None:
        record = self._records.get(check.id)
        if record is None:
            record = self._records[check.id] = Record(check, self._ladders)
        else:
            record.declared(check)
        self._providers.declare(check)
        self._put("ai_api_check_info", record, described(record, self._keys))
        self._put("ai_api_probe_interval_seconds", record, (("", check.interval),))
        self._put("ai_api_maintenance", record, (("", 0),))
        self._write(record)

    def forget(self, check: Check) -> None:
        if self._records.pop(check.id, None) is not None:
            self._providers.forget(check)
            for family in of(Scope.CHECK):
                self._pages[family.name].drop(check.id)

    def recalled(self, check: Check, known: Recalled, model_health: bool | None) -> None:
        if (record := self._records.get(check.id)) is not None:
            record.recalled(known, self._clock.monotonic_ns())
            self._providers.recalled(check, known, model_health)
            self._write(record)

    def started(self, check: Check) -> None:
        if (record := self._records.get(check.id)) is not None:
            record.started()
            record.told[ACTIVE] = active = AFTER_A_RUN[ACTIVE](record)
            self._put(ACTIVE, record, active)

    def observed(self, seen: Observation) -> None:
        if (record := self._records.get(seen.check.id)) is not None:
            record.ran(seen.outcome, seen.after.state, self._clock.monotonic_ns())
            self._providers.observed(seen.check, seen.outcome, seen.model_health)
            self._write(record)

    def skipped(self, check: Check, why: Skip) -> None:
        if (record := self._records.get(check.id)) is not None:
            record.skipped(why)
            self._write_counts(record)

    def expired(self, check: Check, health: Health, model_health: bool | None) -> None:
        if (record := self._records.get(check.id)) is not None:
            record.expired(health.state)
            self._providers.expired(check, model_health)
            self._write(record)

    def _write(self, record: Record) -> None:
        self._write_counts(record)
        for family, read in AFTER_A_RUN.items():
            samples = read(record)
            if family not in STEADY:
                self._put(family, record, samples)
            elif record.told.get(family) != samples:
                record.told[family] = samples
                self._put(family, record, samples)

    def _write_counts(self, record: Record) -> None:
        for family, plain, openmetrics in record.written():
            self._pages[family].put(record.id, plain, openmetrics)

    def _put(self, family: str, record: Record, samples: Samples) -> None:
        self._pages[family].put(record.id, lines(family, record.labels, samples))
