"""One model through several providers: which way is best, as far as the runs can say."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from exporter.core.window_figures import Figures

FEW = 30
"""Successful runs of a route under which nothing is said of it."""

AS_RELIABLE = 0.01
"""Routes whose error rates differ by no more than this are compared by their response time."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The routes to one alias, the best first; `best` is its provider, None where none can be told, `note` says why."""

    alias: str
    routes: tuple[Figures, ...]
    best: str | None
    note: str = ""

    def to_data(self) -> dict[str, Any]:
        """Convert to data; the fastest reliable route first."""
        first = None if self.best is None else self.routes[0]
        rows = [{**each.to_row(), "best": each is first} for each in self.routes]
        return {"alias": self.alias, "best": self.best, "note": self.note, "routes": rows}


def compare_routes(figures: Iterable[Figures]) -> tuple[Comparison, ...]:
    """Compare the routes of each alias that more than one model has, at one provider or several."""
    routes: defaultdict[str, list[Figures]] = defaultdict(list)
    for each in figures:
        routes[each.alias].append(each)
    return tuple(_compare_alias(alias, found) for alias, found in sorted(routes.items()) if len(found) > 1)


def _compare_alias(alias: str, found: list[Figures]) -> Comparison:
    least = min(each.error_rate or 0.0 for each in found)

    def worse(route: Figures) -> tuple[bool, float]:
        unreliable = (route.error_rate or 0.0) > least + AS_RELIABLE
        return unreliable, float("inf") if route.mean is None else route.mean

    ranked = tuple(sorted(found, key=worse))
    few = [f"{each.provider} ({each.latency_count})" for each in ranked if each.latency_count < FEW]
    if few:
        note = f"too few answers to say which is best, {FEW} are wanted of each: {', '.join(few)}"
        return Comparison(alias, ranked, None, note)
    return Comparison(alias, ranked, ranked[0].provider)
