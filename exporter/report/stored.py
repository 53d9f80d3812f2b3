"""Figures from the outcomes that the store keeps."""

from collections.abc import Iterator

from exporter.money.amount import dollars
from exporter.report.figures import Figures
from exporter.report.render import moment
from exporter.store import ModelSums, Window
from exporter.store.buckets import WITHIN


def from_window(window: Window) -> tuple[Figures, ...]:
    """Figures by provider and model."""
    return tuple(_figures(each) for each in window.models)


def notes(window: Window) -> Iterator[str]:
    """What to know of a window before its figures are believed, a sentence each."""
    if window.cut:
        yield (
            f"the window was to begin at {moment(window.asked)} and begins at {moment(window.since)}: "
            "no runs are kept from before"
        )
    if window.summed:
        yield (
            f"runs before {moment(window.exact)} are kept as sums by the hour: a window begins with a full hour, and "
            f"p95 may be off by {WITHIN:.1%}"
        )


def _figures(sums: ModelSums) -> Figures:
    return Figures(
        provider=sums.provider,
        model=sums.model,
        alias=sums.alias,
        requests=sums.requests,
        errors=sums.errors,
        latency_sum=sums.latency_sum,
        latency_count=sums.latency_count,
        p95=sums.p95,
        first_token_sum=sums.first_token_sum,
        first_token_count=sums.first_token_count,
        input=sums.input,
        output=sums.output,
        cost=None if sums.cost is None else dollars(sums.cost),
    )
