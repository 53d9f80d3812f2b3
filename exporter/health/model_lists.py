"""Whether a vendor offers a list of models at all: a missing list is no outage while its models answer."""

from collections.abc import Iterable
from dataclasses import dataclass

from exporter.core.health_state import Health, State
from exporter.core.outcome import NOTHING_THERE, Outcome, Reason
from exporter.core.target import Check

MODELS_PROBE = "models"

NO_LIST = frozenset({*NOTHING_THERE, 501, *range(300, 400)})
"""Statuses by which a server says that it has no list: nothing there, not implemented, or something elsewhere."""

ANSWERED = range(200, 300)

Place = tuple[str, str]
"""A provider's name and its base URL: what is known of one address is not known of another."""


def is_list_missing(check: Check, outcome: Outcome) -> bool:
    """Return whether a run of the `models` probe found no list of models: nothing there, a page, an unknown shape.

    401 and 403 are refusals of the key, and 5xx are outages: those say that the address is right.
    """
    if check.kind != MODELS_PROBE or outcome.ok or outcome.http_status is None:
        return False
    if outcome.http_status in NO_LIST:
        return True
    # A sentence without a code, such as a greeting, is read as an error of no kind.
    unnamed = outcome.reason is Reason.SERVER_ERROR and outcome.code is None
    return outcome.http_status in ANSWERED and (unnamed or outcome.reason is Reason.INVALID_RESPONSE)


@dataclass(slots=True)
class _Known:
    """What is known of one place: how many checks it has, and whether it ever listed models or answered with one."""

    checks: int = 0
    listed: bool = False
    answered: bool = False


class ModelLists:
    """Remembers which providers ever listed models, and which ever answered with one."""

    def __init__(self) -> None:
        self._places: dict[Place, _Known] = {}

    def add_check(self, check: Check) -> None:
        """Add a check; what is known of its place is kept until its last check is removed."""
        self._places.setdefault(_place(check), _Known()).checks += 1

    def remove_check(self, check: Check) -> None:
        """Remove a check that was added."""
        known = self._places[_place(check)]
        known.checks -= 1
        if not known.checks:
            del self._places[_place(check)]

    def record_success(self, check: Check) -> None:
        """Record that a run of this check succeeded, in this process or in one before."""
        known = self._places.get(_place(check))
        if known is None:
            return
        if check.target.model:
            known.answered = True
        elif check.kind == MODELS_PROBE:
            known.listed = True

    def is_offered(self, check: Check, healths: Iterable[Health]) -> bool:
        """Return whether the provider has to have a list; `healths` are those of the checks of its models.

        A list that was never there is not offered once any model has answered, and as long as some have not run yet.
        One that was there may be missing only while a model answers. Without any model to ask, the list is all there
        is to judge by.
        """
        asked, known = tuple(healths), self._places.get(_place(check), _Known())
        if not asked:
            return True
        if known.listed:
            return all(each.state in (State.DOWN, State.UNKNOWN) for each in asked)
        return not known.answered and all(each.last_run_at is not None for each in asked)


def _place(check: Check) -> Place:
    return check.target.provider.name, check.target.provider.base_url
