"""What each kind of probe exports: type, name and label keys of every series, kept in a golden file per kind.

`python -m tests.metrics.surface` writes the files anew; the change then shows in the review.
"""

import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path

from exporter.core.health_state import State
from exporter.core.outcome import Limit, ListedModel, Outcome
from exporter.core.plan import Buckets
from exporter.core.target import Check, Price
from exporter.metrics.metrics import Metrics
from tests.metrics.make import STARTED, StoppedClock, answered, check, failed, listing, provider, seen, timing
from tests.metrics.read import body, families

GOLDEN = Path(__file__).parent / "surface"
USER_LABELS = ("team",)

_LIMIT = Limit(resource="requests", window="minute", limit=100, remaining=50, reset_at=STARTED)
_LIST = answered(
    timing=timing(first_token=None, first_answer=None, per_output_token=None, longest_gap=None),
    tokens=None,
    served_model=None,
    models=(ListedModel(id="gpt-4o", retires_at=STARTED),),
    certificate_expires_at=STARTED,
)
_PRICE = Price(input=Decimal(1), output=Decimal(2))
_answer = partial(answered, limits=(_LIMIT,), certificate_expires_at=STARTED, model_load=0.1, upstream="azure")

KINDS: Mapping[str, tuple[Check, Outcome]] = {
    "models": (listing(), _LIST),
    "chat": (check(), _answer()),
    "canary": (
        check("gpt-4o", "canary"),
        _answer(canary_correct=False),
    ),
}
"""A check of each kind and a run in which it tells all it can."""


def surface(kind: str) -> str:
    """One line per series name, sorted: type, name and label keys as seen over a good run and a failed one."""
    of, outcome = KINDS[kind]
    metrics = Metrics(Buckets(), USER_LABELS, StoppedClock())
    # What a list tells is told of configured models; one without a check of its own adds no other series.
    metrics.set_targets([check(at=provider()).target])
    metrics.add_check(of)
    if of.target.model:
        list(metrics.set_prices({(of.target.provider.name, of.target.model): _PRICE}))
    found = set(_series(metrics))
    for run, state in ((outcome, State.UP), (failed(), State.DOWN)):
        metrics.record_run(seen(of, run, state))
        found |= set(_series(metrics))
    return "".join(f"{line}\n" for line in sorted(found))


def _series(metrics: Metrics) -> Iterator[str]:
    for family in families(body(metrics)):
        for sample in family.samples:
            yield f"{family.type} {sample.name}{{{','.join(sample.labels)}}}"


def main() -> None:
    """Write the golden files."""
    GOLDEN.mkdir(exist_ok=True)
    for kind in KINDS:
        (GOLDEN / f"{kind}.txt").write_text(surface(kind))
        sys.stdout.write(f"{GOLDEN / kind}.txt\n")


if __name__ == "__main__":
    main()
