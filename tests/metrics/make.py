"""Checks, runs and a clock to hold in the hand, for the tests of those who read results."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from exporter.core.health_state import Health, State
from exporter.core.outcome import Outcome, Phase, Reason, Timing, Tokens
from exporter.core.sink import Observation
from exporter.core.target import Check, Deadlines, Kind, Provider, Target
from exporter.metrics.histogram import BucketLayout

STARTED = 1_700_000_000.0
LADDERS = {
    name: BucketLayout((0.1, 1.0))
    for name in (
        "ai_api_request_duration_seconds",
        "ai_api_time_to_first_token_seconds",
        "ai_api_time_to_first_answer_token_seconds",
        "ai_api_time_per_output_token_seconds",
    )
}


@dataclass
class StoppedClock:
    """Stands still until it is told otherwise."""

    monotonic: int = 0
    now: float = STARTED

    def monotonic_ns(self) -> int:
        return self.monotonic

    def wall(self) -> float:
        return self.now


@dataclass(frozen=True)
class NoKey:
    def reveal(self) -> SecretStr | None:
        return None


def provider(name: str = "openai", base_url: str = "https://vendor.example/v1") -> Provider:
    return Provider(
        name=name, preset=name, kind=Kind.DIRECT, dialects=("openai-chat",), base_url=base_url, credential=NoKey()
    )


def check(
    model: str = "gpt-4o",
    probe: str = "chat",
    *,
    at: Provider | None = None,
    paid: bool = True,
    required: bool = True,
    alias: str = "",
    labels: Mapping[str, str] | None = None,
) -> Check:
    return Check(
        target=Target(provider=at or provider(), model=model, dialect="openai-chat", alias=alias),
        probe=probe,
        kind=probe,
        settings=None,
        interval=60.0,
        deadlines=Deadlines(connect=5, first_token=20, total=30),
        required=required,
        paid=paid,
        labels=labels or {},
    )


def listing(at: Provider | None = None) -> Check:
    """The free check of a provider as a whole."""
    return check("", "models", at=at, paid=False, required=False)


PHASES = {
    Phase.RESOLVE: 0.001,
    Phase.CONNECT: 0.01,
    Phase.TLS: 0.02,
    Phase.SEND: 0.001,
    Phase.WAIT: 0.2,
    Phase.FIRST_TOKEN: 0.1,
    Phase.GENERATE: 0.4,
    Phase.FINISH: 0.018,
}


def timing(**but: Any) -> Timing:
    figures: dict[str, Any] = {
        "duration": 0.75,
        "phases": PHASES,
        "first_token": 0.3,
        "first_answer": 0.35,
        "per_output_token": 0.025,
        "longest_gap": 0.05,
    }
    return Timing(**figures | but)


def answered(**but: Any) -> Outcome:
    """A run that went well, or as told otherwise."""
    told: dict[str, Any] = {
        "reason": Reason.OK,
        "started_at": STARTED,
        "timing": timing(),
        "http_status": 200,
        "tokens": Tokens(input=12, output=17, cached_input=4, reasoning=3),
        "served_model": "gpt-4o-2024-11-20",
        "request_id": "req_1",
    }
    return Outcome(**told | but)


def failed(reason: Reason = Reason.SERVER_ERROR, **but: Any) -> Outcome:
    """A run that got an error for an answer, or as told otherwise."""
    told: dict[str, Any] = {
        "reason": reason,
        "started_at": STARTED,
        "timing": Timing(duration=0.25, phases={Phase.RESOLVE: 0.0, Phase.CONNECT: 0.01, Phase.WAIT: 0.24}),
        "http_status": 500,
        "detail": "the vendor is sorry",
    }
    return Outcome(**told | but)


def seen(of: Check, outcome: Outcome, state: State = State.UP, *, model_health: bool | None = True) -> Observation:
    """A run that left the check in this state."""
    after = Health(state=state, since=STARTED, last_run_at=outcome.started_at)
    return Observation(check=of, outcome=outcome, before=Health(), after=after, model_health=model_health)
