"""What the pages show besides the status cache, the exporter's own troubles among it. Each part may be left out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

from aiohttp import web

from exporter.core.target import Check
from exporter.results.failed_exchanges import FailedRun
from exporter.results.text import format_money


class Notice(NamedTuple):
    """One of the exporter's own troubles: `what` in a few words, `detail` in a sentence. Both redacted."""

    what: str
    detail: str


def list_no_costs() -> Mapping[str, float]:
    """Return no costs."""
    return {}


def list_no_notices() -> Sequence[Notice]:
    """All is well with the exporter."""
    return ()


def find_no_exchange(check: Check) -> FailedRun | None:
    """No exchange was kept."""


def is_on_loopback(request: web.Request) -> bool:
    """Return whether a request came to a loopback address, so that only this machine's users see the answer."""
    return is_loopback(request.get_extra_info("sockname"))


def is_loopback(own: object) -> bool:
    """Return whether a socket's own address, as Python tells it, is a loopback one."""
    if not isinstance(own, tuple):
        return False
    address = ip_address(str(own[0]).partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSources:
    """Where the pages get what is not in the status cache.

    `costs` tells USD spent today (UTC) by check id, a check whose price is not known is left out; `notices` the
    exporter's own troubles of now; `exchange` the last failed run of a check with its exchanges, if any was kept;
    `may_see_exchanges` whether this request may be shown them.
    """

    costs: Callable[[], Mapping[str, float]] = list_no_costs
    notices: Callable[[], Sequence[Notice]] = list_no_notices
    exchange: Callable[[Check], FailedRun | None] = find_no_exchange
    may_see_exchanges: Callable[[web.Request], bool] = is_on_loopback


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
