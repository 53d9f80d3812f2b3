"""Figures from the outcomes that the store keeps."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from math import ceil

from exporter.money.amount import dollars
from exporter.outcome import Reason
from exporter.report.figures import Figures
from exporter.store import StoredRun


def from_runs(runs: Iterable[StoredRun]) -> tuple[Figures, ...]:
    """Figures by provider and model; what was asked of a provider as a whole is left out."""
    found: defaultdict[tuple[str, str], list[StoredRun]] = defaultdict(list)
    for run in runs:
        if run.model:
            found[run.provider, run.model].append(run)
    return tuple(_figures(every) for _, every in sorted(found.items()))


def _figures(runs: Sequence[StoredRun]) -> Figures:
    latencies = sorted(run.latency for run in runs if run.latency is not None)
    first_tokens = [run.first_token for run in runs if run.first_token is not None]
    costs = [run.cost for run in runs if run.cost is not None]
    last = runs[-1]
    return Figures(
        provider=last.provider,
        model=last.model,
        alias=last.alias,
        requests=len(runs),
        errors=Counter(run.reason for run in runs if run.reason != Reason.OK),
        latency_sum=sum(latencies),
        latency_count=len(latencies),
        p95=latencies[ceil(0.95 * len(latencies)) - 1] if latencies else None,
        first_token_sum=sum(first_tokens),
        first_token_count=len(first_tokens),
        input=sum(run.input for run in runs),
        output=sum(run.output for run in runs),
        cost=dollars(sum(costs)) if costs else None,
    )
