"""What an earlier process left, handed out once to the checks it belongs to."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from exporter.core.clock import Clock
from exporter.core.plan import Plan
from exporter.core.sink import RestoredState
from exporter.core.target import Check
from exporter.health.states import expire_health
from exporter.health.tracker import STALE_AFTER
from exporter.money.budget_admission import BudgetAdmission
from exporter.store import StartupState


class Resumption:
    """States and start times of the last runs of an earlier process, by check."""

    def __init__(self, earlier: StartupState, admission: BudgetAdmission, clock: Clock) -> None:
        self._began, self._states = dict(earlier.started), dict(earlier.checks)
        self._admission = admission
        self._clock = clock

    def take_states(self, checks: Iterable[Check]) -> Mapping[str, RestoredState]:
        """Return what an earlier process knew of checks, by id; health that is too old has expired."""
        known = [check for check in checks if check.id in self._states] if self._states else []
        return {check.id: self._expire_if_stale(check, self._states.pop(check.id)) for check in known}

    def take_start_times(self, checks: Iterable[Check], plan: Plan) -> Mapping[str, float]:
        """Return when an earlier process began the last runs of checks, in Unix seconds by id.

        Lists that discovery reads are left out: their content is not stored, so they are asked for at once.
        """
        if not self._began:
            return {}
        searched = {row.provider.name for row in plan.discoveries}
        began = [(check, self._began.pop(check.id)) for check in checks if check.id in self._began]
        return {check.id: at for check, at in began if check.target.model or check.target.provider.name not in searched}

    def _expire_if_stale(self, check: Check, known: RestoredState) -> RestoredState:
        began, ran = self._began.get(check.id), known.health.last_run_at
        if began is not None:
            self._admission.next_due(check, began)
        now = self._clock.wall()
        fresh = ran is not None and now - ran <= STALE_AFTER * self._admission.effective_interval(check)
        return known if fresh else replace(known, health=expire_health(known.health, now))
