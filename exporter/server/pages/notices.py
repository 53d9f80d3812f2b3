"""The exporter's own troubles in words: what would make everything below it untrue or old."""

from collections.abc import Iterator, Mapping, Sequence

from exporter.results.text import format_money
from exporter.server.sources import Notice

SHOWN_PROBLEMS = 3


def list_notices(
    *,
    reload_problems: Sequence[str] = (),
    network_up: bool | None = None,
    budgets: Mapping[tuple[str, str], tuple[float, float]] | None = None,
) -> tuple[Notice, ...]:
    """List the exporter's current troubles. `budgets` are USD allowed and spent by (scope, period)."""
    return (
        *_notice_network(network_up),
        *_notice_reload(reload_problems),
        *(notice for key, amounts in (budgets or {}).items() for notice in _notice_budget(*key, *amounts)),
    )


def _notice_network(up: bool | None) -> Iterator[Notice]:
    if up is False:
        yield Notice("The network is down here", "What fails below may be our own connection, not the vendors.")


def _notice_reload(problems: Sequence[str]) -> Iterator[Notice]:
    if problems:
        more = f" (and {len(problems) - SHOWN_PROBLEMS} more)" if len(problems) > SHOWN_PROBLEMS else ""
        told = "; ".join(problems[:SHOWN_PROBLEMS]) + more
        yield Notice("The configuration was not reloaded, the one before stays in use", told)


def _notice_budget(scope: str, period: str, allowed: float, spent: float) -> Iterator[Notice]:
    if spent >= allowed:
        told = f"{format_money(spent)} of {format_money(allowed)} are spent; paid probes rest until the period ends."
        yield Notice(f"The budget is used up ({scope}, {period})", told)
