"""All that is counted of one check, as plain numbers, and which of it changed since it was last written."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from exporter.core.health_state import State
from exporter.core.outcome import MOST_OF_A_RUN, Outcome, Tokens
from exporter.core.sink import RestoredState, Skip
from exporter.core.target import Check
from exporter.metrics import expected
from exporter.metrics.families import FAMILIES
from exporter.metrics.histogram import BucketLayout, Histogram, clean_request_id, render_exemplar
from exporter.metrics.text import Samples, clean_label, render_labels, render_samples
from exporter.results.latency_samples import taken

REMEMBERED = 8
"""Distinct models that are kept apart: for changes the last ones seen, for names those of the last hour."""

HOUR_NS = 3_600_000_000_000
OTHER = "other"


class ServedModels:
    """The models seen by one check.

    A change is an answer from a model not among the last eight seen, so that a gateway that alternates between two
    is not one long alarm. A name is shown unless eight others were within the hour, so that a vendor that puts a
    random id there cannot fill the time series database.
    """

    __slots__ = ("_recent", "_shown")

    def __init__(self) -> None:
        self._recent: list[str] = []
        self._shown: dict[str, int] = {}

    def record(self, said: str, now_ns: int) -> bool:
        """Note who answered; whether that is a change. The first model ever seen is none."""
        name = clean_label(said)
        if self._recent and name == self._recent[-1] and name in self._shown:
            self._shown[name] = now_ns
            return False
        changed = bool(self._recent) and name not in self._recent
        self._recent = [*(each for each in self._recent if each != name), name][-REMEMBERED:]
        self._forget_before(now_ns - HOUR_NS)
        if name in self._shown or len(self._shown) < REMEMBERED:
            self._shown[name] = now_ns
        return changed

    def label_for(self, said: str) -> str:
        """Return the label for a name that was just noted."""
        name = clean_label(said)
        return name if name in self._shown else OTHER

    def _forget_before(self, moment_ns: int) -> None:
        self._shown = {name: at for name, at in self._shown.items() if at >= moment_ns}


_COST = "ai_api_cost_usd_total"
_SCALE = {_COST: 1e9}
"""Counters that count in a smaller unit than they are exported in, so that sums stay exact."""

_WITH_EXEMPLARS = frozenset(family.name for family in FAMILIES if family.exemplars)


class FamilyLines(NamedTuple):
    """What one family says of the check now, in both formats."""

    family: str
    plain: bytes
    openmetrics: bytes


class CheckMetrics:
    """The figures of one check.

    `last` is the last run, None before the first and once it is too old to be true; `state` is None before the first
    run; `served_model` and `upstream` the labels of who answered last; `last_run` and `last_success` are Unix seconds,
    the latter 0 before the first success and None where none is to be had;
    `told` is what gauges that seldom change said last, by family.
    """

    __slots__ = (
        "_changed",
        "_counts",
        "_histograms",
        "_ladders",
        "_served",
        "_upstreams",
        "active",
        "check",
        "id",
        "labels",
        "last",
        "last_run",
        "last_success",
        "served_model",
        "state",
        "told",
        "upstream",
    )

    def __init__(self, check: Check, ladders: Mapping[str, BucketLayout]) -> None:
        self.labels = render_labels(
            [("provider", check.target.provider.name), ("model", check.target.model), ("probe", check.probe)]
        )
        self.id = check.id
        self.active = 0
        self.last: Outcome | None = None
        self.last_run: float | None = None
        self.last_success: float | None = 0.0
        self.served_model: str | None = None
        self.upstream = ""
        self.state: State | None = None
        self.told: dict[str, Samples] = {}
        self._ladders = ladders
        self._served = ServedModels()
        self._upstreams = ServedModels()
        self._counts: dict[str, dict[str, int]] = {}
        self._histograms: dict[str, Histogram] = {}
        self._changed: set[str] = set()
        self.configure(check)

    def configure(self, check: Check) -> None:
        """Take the check as it is configured now; what it can yield is counted from zero."""
        self.check = check
        for family, series in expected.list_counters(check).items():
            for labels in series:
                self._add(family, labels, 0)
        for family in expected.list_histograms(check):
            self._get_histogram(family)

    def restore(self, known: RestoredState, now_ns: int) -> None:
        """Take what an earlier process knew. Nothing is counted: counters are of this process."""
        self.state, self.last_success = known.health.state, known.succeeded or 0.0
        if known.last is not None:
            self.last_run = known.last.started_at + known.last.timing.duration
            if not known.expired:
                self.last = known.last
                self._record_answer(known.last, now_ns)

    def record_start(self) -> None:
        """Record the start of a run."""
        self.active += 1

    def record_run(self, outcome: Outcome, state: State, now_ns: int) -> None:
        """Record a run that left the check in this state."""
        self.active = max(0, self.active - 1)
        self.last, self.state = outcome, state
        self.last_run = outcome.started_at + outcome.timing.duration
        if outcome.ok:
            self.last_success = self.last_run
        self._add("ai_api_requests_total", expected.STATUS[outcome.ok], 1)
        if not outcome.ok:
            self._add("ai_api_errors_total", expected.ERROR_TYPE[outcome.reason], 1)
        if outcome.tokens is not None:
            self._add_tokens(outcome.tokens)
        if outcome.cost_nano_usd is not None:
            self._add(_COST, "", outcome.cost_nano_usd)
        self._record_answer(outcome, now_ns)
        request = clean_request_id(outcome.request_id or "")
        for family, seconds in taken(outcome):
            told = render_exemplar(request, seconds, self.last_run) if family in _WITH_EXEMPLARS else ""
            self._get_histogram(family).observe(seconds, told)
            self._changed.add(family)

    def start_cost(self) -> bool:
        """Begin to export the cost; return whether that is new."""
        new = _COST not in self._counts
        self._add(_COST, "", 0)
        return new

    def record_skip(self, why: Skip) -> None:
        """Record that a due run was left out."""
        self._add("ai_api_probes_skipped_total", expected.SKIPPED[why], 1)

    def expire(self, state: State) -> None:
        """Drop the figures of a last run that is too old; the counters stay."""
        self.last, self.state, self.served_model, self.upstream = None, state, None, ""

    def withdraw(self, outcome: Outcome) -> None:
        """Take a run that found nothing where there need not be anything: it leaves its time and no figure."""
        self.active = max(0, self.active - 1)
        self.last_run = outcome.started_at + outcome.timing.duration
        self.last, self.state, self.last_success = None, None, None

    def render_changed(self) -> Iterator[FamilyLines]:
        """Render the counters and histograms that changed since the last call."""
        for family in self._changed:
            if family in self._histograms:
                yield FamilyLines(family, *self._histograms[family].render(family, self.labels))
            else:
                counts: Samples = tuple(self._counts[family].items())
                if (scale := _SCALE.get(family)) is not None:
                    counts = [(labels, count / scale) for labels, count in counts]
                plain = render_samples(family, self.labels, counts)
                yield FamilyLines(family, plain, plain)
        self._changed.clear()

    def _add(self, family: str, labels: str, count: int) -> None:
        series = self._counts.setdefault(family, {})
        before = series.get(labels)
        if before is None or count > 0:
            series[labels] = (before or 0) + min(max(0, count), MOST_OF_A_RUN)
            self._changed.add(family)

    def _get_histogram(self, family: str) -> Histogram:
        if family not in self._histograms:
            self._histograms[family] = Histogram(self._ladders[family])
            self._changed.add(family)
        return self._histograms[family]

    def _add_tokens(self, tokens: Tokens) -> None:
        self._add("ai_api_tokens_total", expected.TOKEN_TYPE["input"], tokens.input)
        self._add("ai_api_tokens_total", expected.TOKEN_TYPE["output"], tokens.output)
        self._add("ai_api_cached_input_tokens_total", "", tokens.cached_input)
        self._add("ai_api_reasoning_tokens_total", "", tokens.reasoning)

    def _record_answer(self, outcome: Outcome, now_ns: int) -> None:
        said, upstream = outcome.served_model, outcome.upstream or ""
        if not said:
            return
        self._add("ai_api_served_model_changes_total", "", self._served.record(said, now_ns))
        self.served_model = self._served.label_for(said)
        if upstream:
            self._upstreams.record(upstream, now_ns)
        self.upstream = self._upstreams.label_for(upstream) if upstream else ""
