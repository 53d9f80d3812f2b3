"""Models found in providers' own lists: which of them are watched, and what becomes of those that vanish.

The list comes from the `models` probe, so nothing is asked twice. What is found is added to the
plan; checks that were there before stay as they are, with their schedule and their series.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from structlog.typing import FilteringBoundLogger

from exporter.core.advice import find_name_problem
from exporter.core.plan import Discovery, Plan
from exporter.core.sink import Observation, Sink

NAMED = 10
"""Model names that one line of the log holds."""


@dataclass(slots=True)
class _Row:
    """One row of the configuration and what it found.

    `listed` are the names it read last, `found` those taken, in the order in which they were found; `gone` are those
    that the last reading of the list missed: they are exported until the next. `left_out` counts what the limit cut
    off; `refused` are names already complained about; `read_at` is Unix seconds; `reported_empty`: the log says that
    nothing fits.
    """

    listed: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    left_out: int = 0
    refused: frozenset[str] = frozenset()
    read_at: float | None = None
    reported_empty: bool = False


@dataclass(slots=True)
class _Provider:
    """The names that the provider listed last, and those configured by hand, which are not found but known.

    What was found is of the vendor at this `address`.
    """

    address: str
    listed: tuple[str, ...] = ()
    configured: frozenset[str] = frozenset()
    rows: dict[tuple[tuple[str, ...], tuple[str, ...]], _Row] = field(default_factory=dict)


class ModelDiscovery(Sink):
    """A sink that reads lists of models. `changed` is called when what is found is no longer what it was."""

    def __init__(self, log: FilteringBoundLogger, changed: Callable[[], None]) -> None:
        self._log = log
        self._changed = changed
        self._rows: tuple[Discovery, ...] = ()
        self._providers: dict[str, _Provider] = {}

    def extend_plan(self, plan: Plan) -> Plan:
        """Return the configured plan with the models found, and look for the models of this plan's rows from now on."""
        self._configure(plan)
        checks = {check.id: check for check in plan.checks}
        targets = list(plan.targets)
        taken: set[tuple[str, str]] = set()
        for row in self._rows:
            state = self._get_row_state(row)
            for model in (*state.found, *state.gone):
                if (name := (row.provider.name, model)) not in taken:
                    taken.add(name)
                    targets.append(row.target(model))
                    made = row.checks(model) if model in state.found else ()
                    checks |= {check.id: check for check in made if check.id not in checks}
        return replace(plan, checks=tuple(checks.values()), targets=tuple(targets))

    def record_run(self, seen: Observation) -> None:
        if not seen.outcome.ok or seen.outcome.models is None:
            return
        name = seen.check.target.provider.name
        rows = [row for row in self._rows if row.provider.name == name]
        if not rows:
            return
        self._providers[name].listed = tuple(model.id for model in seen.outcome.models)
        read = [self._read_list(row, seen) for row in rows]
        if any(read):
            self._changed()

    def _configure(self, plan: Plan) -> None:
        """Take the rows of this plan. One that was there before keeps what it found, cut to what it allows now."""
        self._rows = plan.discoveries
        before, self._providers = self._providers, {}
        for row in self._rows:
            name = row.provider.name
            known = before.get(name)
            if known is None or known.address != row.provider.base_url:
                known = _Provider(row.provider.base_url)
            now = self._providers.setdefault(name, _Provider(known.address, listed=known.listed))
            now.configured = frozenset(each.model for each in plan.targets if each.provider.name == name)
            state = known.rows.get(_row_key(row)) or _Row(listed=known.listed)
            now.rows[_row_key(row)] = state
            self._choose_models(row, state)

    def _get_row_state(self, row: Discovery) -> _Row:
        return self._providers[row.provider.name].rows[_row_key(row)]

    def _read_list(self, row: Discovery, seen: Observation) -> bool:
        """Look through a list that just came, if it is time to; whether anything is new."""
        state, listed = self._get_row_state(row), self._providers[row.provider.name].listed
        now = seen.outcome.started_at
        # The list comes at its own pace: one that comes a moment before its time is taken, not waited for again.
        if state.read_at is not None and now - state.read_at + seen.check.interval / 2 < row.every:
            return False
        state.read_at = now
        if not listed:
            # A vendor without any model is a vendor whose list is broken: what is watched goes on being watched.
            self._log.warning("the provider lists no model at all; models found before are kept", **_describe_row(row))
            return False
        state.listed = listed
        before = (state.found, state.gone)
        still_listed = set(listed)
        state.gone = tuple(model for model in state.found if model not in still_listed)
        self._choose_models(row, state)
        self._log_changes(row, before[0], state)
        if not (state.found or before[0] or state.reported_empty):
            self._log.warning("no listed model fits", include=list(row.include[:NAMED]), **_describe_row(row))
        state.reported_empty = not state.found
        return before != (state.found, state.gone)

    def _choose_models(self, row: Discovery, state: _Row) -> None:
        """Choose the models to watch. Known ones come first, so that a longer or reordered list drops none of them."""
        provider = self._providers[row.provider.name]
        fitting = [model for model in state.listed if _matches(row, model) and model not in provider.configured]
        self._log_refused(row, state, [model for model in fitting if find_name_problem(model) is not None])
        # The globs are in the order of preference: with a limit the first of them decide.
        fitting.sort(key=lambda model: _find_first_glob(row, model))
        usable = dict.fromkeys(model for model in fitting if find_name_problem(model) is None)
        kept = [model for model in state.found if model in usable]
        wanted = list(dict.fromkeys((*kept, *usable)))
        state.found, state.left_out = tuple(wanted[: row.limit]), max(0, len(wanted) - row.limit)

    def _log_refused(self, row: Discovery, state: _Row, names: Sequence[str]) -> None:
        if new := [name for name in names if name not in state.refused]:
            reasons = {find_name_problem(name) for name in new}
            self._log.warning(
                "listed models cannot be asked",
                why=sorted(map(str, reasons)),
                **_describe_row(row),
                **_describe_names(new),
            )
        state.refused = frozenset(names)

    def _log_changes(self, row: Discovery, before: Sequence[str], state: _Row) -> None:
        found, found_before = set(state.found), set(before)
        if added := [model for model in state.found if model not in found_before]:
            self._log.info("models found", left_out=state.left_out, **_describe_row(row), **_describe_names(added))
        if removed := [model for model in before if model not in found]:
            self._log.warning(
                "models found before are no longer watched", **_describe_row(row), **_describe_names(removed)
            )


def _row_key(row: Discovery) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return row.include, row.exclude


def _find_first_glob(row: Discovery, model: str) -> int:
    """Return the place of the first glob that a fitting model matches."""
    return next(place for place, glob in enumerate(row.include) if fnmatchcase(model, glob))


def _matches(row: Discovery, model: str) -> bool:
    included = any(fnmatchcase(model, glob) for glob in row.include)
    return included and not any(fnmatchcase(model, glob) for glob in row.exclude)


def _describe_row(row: Discovery) -> dict[str, str]:
    return {"provider": row.provider.name}


def _describe_names(models: Sequence[str]) -> dict[str, object]:
    return {"models": list(models[:NAMED]), "count": len(models)}
