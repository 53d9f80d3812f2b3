"""Checks and exchanges written by hand, for tests that need one and care for little of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from exporter.core.ask import Ask
from exporter.core.exchange import Event, Exchange, Moments, Stamped
from exporter.core.outcome import Failure
from exporter.core.target import Check, Deadlines, HealthPolicy, Kind, Provider, Target

ALL_REACHED = Moments(resolved=0.01, connected=0.03, secured=0.07, sent=0.08, first_byte=0.2)


@dataclass(frozen=True)
class NoCredential:
    """A provider that needs no key."""

    def reveal(self) -> SecretStr | None:
        return None


class OneAnswer:
    """A way to a model that always brings the same exchange, and remembers what was asked."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.asked: list[Ask] = []

    async def __call__(self, ask: Ask) -> Exchange:
        self.asked.append(ask)
        return self.exchange


def a_provider(name: str = "acme", *, max_in_flight: int = 16) -> Provider:
    return Provider(
        name=name,
        preset="openai-compatible",
        kind=Kind.DIRECT,
        dialects=("openai-chat",),
        base_url="http://127.0.0.1:1/v1",
        credential=NoCredential(),
        max_in_flight=max_in_flight,
    )


def a_check(
    kind: str = "chat",
    *,
    model: str = "model-1",
    alias: str = "",
    probe: str = "",
    settings: Any = None,
    provider: Provider | None = None,
    interval: float = 60.0,
    required: bool = True,
    degraded_above: float | None = None,
    health: HealthPolicy | None = None,
    labels: Mapping[str, str] | None = None,
) -> Check:
    return Check(
        target=Target(provider=provider or a_provider(), model=model, dialect="openai-chat", alias=alias),
        probe=probe or kind,
        kind=kind,
        settings=settings,
        interval=interval,
        deadlines=Deadlines(connect=5.0, first_token=20.0, total=30.0),
        required=required,
        paid=kind != "models",
        health=health or HealthPolicy(),
        degraded_above=degraded_above,
        labels=labels or {},
    )


def at(seconds: float, *events: Event) -> list[Stamped]:
    """Events that arrived together."""
    return [Stamped(seconds, event) for event in events]


def an_exchange(
    *groups: Iterable[Stamped],
    moments: Moments = ALL_REACHED,
    ended: float = 1.0,
    status: int | None = 200,
    failure: Failure | None = None,
    stall: float = 0.0,
    clock_source: str = "kernel",
) -> Exchange:
    return Exchange(
        started_at=1_700_000_000.0,
        moments=moments,
        ended=ended,
        events=tuple(stamped for group in groups for stamped in group),
        status=status,
        failure=failure,
        stall=stall,
        clock_source=clock_source,
    )
