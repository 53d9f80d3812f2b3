"""The configuration as it is used: everything the daemon needs to know to run, and nothing about how it was written."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from pydantic import SecretStr

from exporter.core.target import Check, Provider, Target

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Buckets:
    """Upper bounds of the histograms in seconds, ascending, without +Inf.

    Defaults: OpenTelemetry's generative-AI client histograms for durations and first tokens, its server list for
    time per output token.
    """

    duration: tuple[float, ...] = tuple(round(0.01 * 2**n, 2) for n in range(14))
    first_token: tuple[float, ...] = tuple(round(0.01 * 2**n, 2) for n in range(14))
    per_output_token: tuple[float, ...] = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What probing may cost, in USD per period; None is no limit."""

    daily_usd: float | None = None
    monthly_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Shard:
    """Which of how many replicas this one is; `index` counts from 0."""

    index: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """A window in which paid probes rest.

    `match` is a glob over check ids, `schedule` five cron fields (UTC, weekdays by name) that say when it begins,
    `duration` its length in seconds.
    """

    match: str
    schedule: str
    duration: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """Models to be found in a provider's own list. `every` is in seconds, at most `limit` models are taken.

    `checks` makes the checks of one model found, none where it is only to be listed; `target` says how it is asked.
    """

    provider: Provider
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    every: float
    limit: int
    checks: Callable[[str], tuple[Check, ...]] = field(repr=False)
    target: Callable[[str], Target] = field(repr=False, compare=False)


def list_no_secrets() -> Iterable[SecretStr]:
    """Return no secrets."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One resolved configuration.

    `targets` are all models configured, with or without a check of their own; `label_keys` the user labels every
    check carries; `max_in_flight` bounds probes under way overall; `network_check` are (host, port) to tell whether
    we are online; `notices` are sentences for the first log lines (what was chosen for the user), `warnings` of what is
    probably a mistake; `secrets` yields
    every value that must never be shown, as known now; `prices_file` outranks the built-in price lists;
    `timezone` is where the days and months of budgets begin; `assumed_price` is what budgets are charged where nobody
    knows the price, in USD per million tokens; `retention` is for how many seconds outcomes are kept.
    """

    source: str
    providers: tuple[Provider, ...]
    checks: tuple[Check, ...]
    targets: tuple[Target, ...] = ()
    discoveries: tuple[Discovery, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()
    budget: Budget = Budget()
    timezone: str = "UTC"
    assumed_price: float = 15.0
    retention: float = 7 * 86_400.0
    shard: Shard | None = None
    provider_budgets: Mapping[str, Budget] = field(default_factory=dict)
    network_check: tuple[tuple[str, int], ...] = ()
    status_pages: bool = True
    label_keys: tuple[str, ...] = ()
    prices_file: Path | None = None
    max_in_flight: int = 64
    buckets: Buckets = Buckets()
    notices: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    secrets: Callable[[], Iterable[SecretStr]] = field(default=list_no_secrets, repr=False, compare=False)


def reuse_unchanged(before: Plan, plan: Plan) -> Plan:
    """Return the plan, made of the checks and targets of the previous one wherever they are equal.

    Consumers that keep something by check compare identities to see that it did not change. Takes microseconds each.
    """
    checks = {check.id: check for check in before.checks}
    targets = {(target.provider.name, target.model, target.dialect): target for target in before.targets}
    return replace(
        plan,
        checks=tuple(_reuse(check, checks.get(check.id)) for check in plan.checks),
        targets=tuple(
            _reuse(target, targets.get((target.provider.name, target.model, target.dialect))) for target in plan.targets
        ),
    )


def _reuse(now: Thing, before: Thing | None) -> Thing:
    return before if before is not None and before == now else now
