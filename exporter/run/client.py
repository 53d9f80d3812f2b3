"""From a check to an exchange: writes the question down in the target's dialect, asks, and learns the form it takes.

What is learnt (a vendor that wants `max_completion_tokens`) is kept per provider, model and dialect until forgotten.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from exporter.core.ask import Ask, ListModels
from exporter.core.exchange import Exchange, Listed, Request, Stamped
from exporter.core.outcome import REFUSED, Failure, Reason
from exporter.core.target import Check, Deadlines, Provider, Quirks, Target
from exporter.dialects.base import Dialect
from exporter.dialects.decoders import fail_long_list
from exporter.dialects.fields import LARGEST_LIST
from exporter.probes.base import Call
from exporter.run.admission import ReserveRetry, allow_retry

_MOST_PAGES = 20


class Transport(Protocol):
    """The way to the network. Never raises for what a vendor or network does."""

    async def exchange(
        self, request: Request, dialect: Dialect, ask: Ask, target: Target, deadlines: Deadlines
    ) -> Exchange:
        """Send one request and wait for the end of its answer, the failure or a deadline."""


@dataclass(frozen=True, slots=True)
class LearnedQuirks:
    """How a target wants to be asked, and at which address and from which configured form it was learnt.

    Where one of them is another, it is another lesson.
    """

    address: str
    configured: Quirks
    learned: Quirks


class ModelClient:
    """Makes the calls that probes ask with; remembers the form of question each target took."""

    def __init__(self, transport: Transport, dialects: Mapping[str, Dialect]) -> None:
        self._transport = transport
        self._dialects = dialects
        self._lessons: dict[tuple[str, str, str], LearnedQuirks] = {}

    def make_call(self, check: Check, again: ReserveRetry = allow_retry) -> Call:
        """Make the call that asks that check's target, within its deadlines. `again` is awaited before a retry."""

        async def call(ask: Ask) -> Exchange:
            return await self._ask_adaptively(ask, check.target, check.deadlines, again)

        return call

    def forget_quirks(self, provider: Provider, model: str | None = None) -> None:
        """Forget what was learnt of a provider's model, or of all its models (None)."""
        gone = [key for key in self._lessons if key[0] == provider.name and model in (None, key[1])]
        for key in gone:
            del self._lessons[key]

    async def _ask_adaptively(self, ask: Ask, target: Target, deadlines: Deadlines, again: ReserveRetry) -> Exchange:
        """Ask; once more, in another form, where the dialect knows one that the vendor may take.

        Only a question refused with a status of its own is asked again: one that was taken and broke off is billed.
        """
        known = self._apply_learned(target)
        seen = await self._ask(ask, known, deadlines)
        if seen.failure is None or seen.status not in REFUSED:
            return seen
        adapted = self._dialects[target.dialect].adapt_quirks(known.quirks, seen.failure)
        if adapted is None or adapted == known.quirks:
            return seen
        await again()
        second = await self._ask(ask, target.with_quirks(adapted), deadlines.after(seen.ended))
        if second.failure is None or second.failure.reason is not Reason.BAD_REQUEST:
            self._lessons[_quirks_key(target)] = LearnedQuirks(target.provider.base_url, target.quirks, adapted)
        return second

    def _apply_learned(self, target: Target) -> Target:
        lesson = self._lessons.get(_quirks_key(target))
        if lesson is None or (lesson.address, lesson.configured) != (target.provider.base_url, target.quirks):
            return target
        return target.with_quirks(lesson.learned)

    async def _ask(self, ask: Ask, target: Target, deadlines: Deadlines) -> Exchange:
        dialect = self._dialects[target.dialect]
        request = dialect.encode(ask, target)
        seen = await self._transport.exchange(request, dialect, ask, target, deadlines)
        if not isinstance(ask, ListModels):
            return seen
        for _ in range(_MOST_PAGES - 1):
            page = _next_page(seen)
            if page is None:
                return seen
            left = deadlines.after(seen.ended)
            more = await self._transport.exchange(replace(request, path=page), dialect, ask, target, left)
            seen = _join_pages(seen, more)
            if _count_models(seen) > LARGEST_LIST:
                return replace(seen, failure=replace(fail_long_list().failure, http_status=seen.status))
        return seen if _next_page(seen) is None else _fail_endless_list(seen)


def _quirks_key(target: Target) -> tuple[str, str, str]:
    return target.provider.name, target.model, target.dialect


def _next_page(seen: Exchange) -> str | None:
    if seen.failure is not None:
        return None
    return next((each.event.next_page for each in seen.events if isinstance(each.event, Listed)), None)


def _count_models(seen: Exchange) -> int:
    return sum(len(each.event.models) for each in seen.events if isinstance(each.event, Listed))


def _join_pages(first: Exchange, more: Exchange) -> Exchange:
    """Join two pages to one exchange: one list, the later page's end and failure, the time of both together."""
    ended = first.ended + more.ended
    lists = [each.event for each in (*first.events, *more.events) if isinstance(each.event, Listed)]
    models = tuple(model for each in lists for model in each.models)
    page = lists[-1].next_page if more.failure is None and len(lists) > 1 else None
    others = [each for each in first.events if not isinstance(each.event, Listed)]
    others += [Stamped(first.ended + each.at, each.event) for each in more.events if not isinstance(each.event, Listed)]
    return replace(
        first,
        ended=ended,
        events=(*others, Stamped(ended, Listed(models, page))),
        status=more.status,
        headers=more.headers,
        failure=more.failure,
        stall=max(first.stall, more.stall),
    )


def _fail_endless_list(seen: Exchange) -> Exchange:
    said = f"the list of models has more than {_MOST_PAGES} pages"
    return replace(seen, failure=Failure(reason=Reason.TOO_LARGE, detail=said, http_status=seen.status))
