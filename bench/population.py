"""So many checks like one of the demo, and runs of theirs as they come: what the benchmarks of our own parts feed on.

The check and its outcome are real ones: the demo's `chat` of gpt-4o at its `openai`, asked once over the loopback
interface. Copies differ in the model's name and, run by run, in their times and request ids.
"""

import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import yaml

from exporter.commands.once import run_once
from exporter.config.load import load_plan
from exporter.config.settings import Settings
from exporter.core.clock import SystemClock
from exporter.core.outcome import Outcome
from exporter.core.plan import Buckets
from exporter.core.sink import Observation, Sink
from exporter.core.target import Check, Price
from exporter.demo.vendors import Vendors
from exporter.dialects import DIALECTS
from exporter.health.tracker import HealthTracker
from exporter.metrics.metrics import Metrics
from exporter.metrics.scrape import join_chunks
from exporter.money.pricing import Pricing
from exporter.probes import PROBES
from exporter.run.admission import FreeAdmission

EXAMPLE = "openai/gpt-4o/chat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One check of the demo, what became of it when it ran, and what its model costs."""

    check: Check
    outcome: Outcome
    price: Price | None


async def example() -> Example:
    """Ask the demo's vendor once, as `ai-api-exporter probe` does."""
    async with Vendors(script=()) as vendors:
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder) / "demo.yaml"
            config.write_text(yaml.safe_dump(vendors.make_config()))
            plan = load_plan(config, {}, PROBES, DIALECTS)
            check = next(check for check in plan.checks if check.id == EXAMPLE)
            outcome = (await run_once(plan, check, Settings(log_level="error"), FreeAdmission())).outcome
    pricing = Pricing(None)
    price = pricing.find_price(check.target, SystemClock().wall())
    return Example(check=check, outcome=pricing.add_cost(check.target, outcome), price=price)


class Population:
    """`size` checks and the sinks that are told of their runs by `tracker`; `metrics` is one of them."""

    def __init__(self, like: Example, size: int, *sinks: Sink) -> None:
        self._like = like
        self._clock = SystemClock()
        self._chance = random.Random(size)
        self.metrics = Metrics(Buckets(), (), self._clock)
        self.tracker = HealthTracker((self.metrics, *sinks))
        target = like.check.target
        models = [f"{target.model}-{number:04}" for number in range(size)]
        self.checks = [replace(like.check, target=replace(target, model=model, alias=model)) for model in models]
        for check in self.checks:
            self.tracker.add_check(check)
        list(self.metrics.set_prices({(target.provider.name, model): like.price for model in models}))
        self._next = (self.checks[number % size] for number in count())

    def run(self, runs: int) -> None:
        """So many runs, each of the check whose turn it is, begin and end."""
        for _ in range(runs):
            check = next(self._next)
            self.tracker.record_start(check)
            self.tracker.record_run(check, self._varied())

    def seen(self, runs: int) -> Iterator[Observation]:
        """What sinks are told of so many runs, without telling them."""
        for _ in range(runs):
            check = next(self._next)
            health = self.tracker.health_of(check)
            yield Observation(check=check, outcome=self._varied(), before=health, after=health, model_health=True)

    def _varied(self) -> Outcome:
        factor = self._chance.uniform(0.7, 1.6)
        whole = self._like.outcome
        timing = whole.timing
        varied = replace(
            timing,
            duration=timing.duration * factor,
            phases={phase: seconds * factor for phase, seconds in timing.phases.items()},
            first_token=(timing.first_token or 0) * factor,
            first_answer=(timing.first_answer or 0) * factor,
            per_output_token=(timing.per_output_token or 0) * factor,
            longest_gap=(timing.longest_gap or 0) * factor,
        )
        request_id = f"req_{self._chance.getrandbits(96):024x}"
        return replace(whole, started_at=self._clock.wall(), timing=varied, request_id=request_id)


def lived(like: Example, size: int, *sinks: Sink) -> Population:
    """A population of which every check has run three times."""
    population = Population(like, size, *sinks)
    population.run(3 * size)
    return population


def text(population: Population) -> str:
    """What `/metrics` says of the population, without the exporter's own metrics."""
    return b"".join(join_chunks(population.metrics.render(openmetrics=False), gzip=False)).decode()


def series(exposition: str) -> int:
    """How many samples it holds."""
    return sum(not line.startswith("#") for line in exposition.splitlines())
