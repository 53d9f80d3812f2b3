"""The configuration as it is used: everything the daemon needs to know to run, and nothing about how it was written."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pydantic import SecretStr

from exporter.target import Check, Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Buckets:
    """Upper bounds of the histograms in seconds, ascending, without +Inf.

    Defaults: OpenTelemetry's generative-AI client histograms for durations and first tokens, its server list for
    time per output token.
    """

    duration: tuple[float, ...] = tuple(round(0.01 * 2**n, 2) for n in range(14))
    first_token: tuple[float, ...] = tuple(round(0.01 * 2**n, 2) for n in range(14))
    per_output_token: tuple[float, ...] = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5)


def no_secrets() -> Iterable[SecretStr]:
    """A plan without secrets."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One resolved configuration.

    `label_keys` are the user labels every check carries; `max_in_flight` bounds probes under way overall;
    `notices` are sentences for the first log lines (what was chosen for the user); `secrets` yields every value
    that must never be shown, as known now.
    """

    source: str
    providers: tuple[Provider, ...]
    checks: tuple[Check, ...]
    label_keys: tuple[str, ...] = ()
    max_in_flight: int = 64
    buckets: Buckets = Buckets()
    notices: tuple[str, ...] = ()
    secrets: Callable[[], Iterable[SecretStr]] = field(default=no_secrets, repr=False)
