"""The script of troubles: which vendor misbehaves how, and when. Data first, the reader of it below.

The cycle of `CYCLE` seconds begins when the vendors start and comes round for ever. Nothing here opens a socket.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from exporter.core.clock import Clock

CYCLE = 120.0
EVERY = "*"
"""In place of a model: the whole provider, its list of models included."""


class Trouble(StrEnum):
    """What can go wrong with a simulated vendor."""

    OUTAGE = "outage"
    SLOW_FIRST_TOKEN = "slow_first_token"
    RATE_LIMITED = "rate_limited"
    STREAM_CUT = "stream_cut"
    WRONG_MODEL = "wrong_model"
    OVERLOADED = "overloaded"
    KEY_REJECTED = "key_rejected"
    QUOTA_EXHAUSTED = "quota_exhausted"
    MODEL_MISSING = "model_missing"
    CANARY_WRONG = "canary_wrong"
    LOW_HEADROOM = "low_headroom"
    RETIREMENT_NEAR = "retirement_near"
    CERTIFICATE_ENDING = "certificate_ending"


@dataclass(frozen=True, slots=True)
class Scene:
    """One trouble on one route, from `begins` until `ends` (seconds of the cycle, the end not included)."""

    begins: float
    ends: float
    provider: str
    model: str
    trouble: Trouble

    @property
    def is_permanent(self) -> bool:
        """Whether it lasts all the cycle: a condition that is reported, not one that makes calls fail."""
        return self.ends - self.begins >= CYCLE

    def covers(self, provider: str, model: str) -> bool:
        """Return whether it is about that route; `model` "" asks about the provider as a whole."""
        return self.provider == provider and self.model in (model, EVERY)


SCRIPT: tuple[Scene, ...] = (
    Scene(12, 32, "gemini", "gemini-2.5-flash", Trouble.SLOW_FIRST_TOKEN),
    Scene(14, 34, "openai", "gpt-4o", Trouble.RATE_LIMITED),
    Scene(18, 38, "holysheep", "deepseek-v3", Trouble.STREAM_CUT),
    Scene(22, 42, "holysheep", "gpt-4.1", Trouble.WRONG_MODEL),
    Scene(26, 46, "anthropic", "claude-sonnet-4", Trouble.OVERLOADED),
    Scene(38, 58, "holysheep", "o3-mini", Trouble.QUOTA_EXHAUSTED),
    Scene(44, 64, "openai", "gpt-4o-mini", Trouble.CANARY_WRONG),
    Scene(50, 70, "expiring-tls", EVERY, Trouble.KEY_REJECTED),
    Scene(54, 74, "holysheep", "claude-3-5-sonnet", Trouble.MODEL_MISSING),
    Scene(58, 78, "anthropic", "claude-sonnet-4", Trouble.LOW_HEADROOM),
    Scene(88, 108, "holysheep", EVERY, Trouble.OUTAGE),
    Scene(0, CYCLE, "anthropic", "claude-3-5-sonnet", Trouble.RETIREMENT_NEAR),
    Scene(0, CYCLE, "expiring-tls", EVERY, Trouble.CERTIFICATE_ENDING),
)
"""What is played. A model is never in two troubles at once, on any of its routes; the outage has the stage alone."""


class Play:
    """The script under way: says what troubles a route right now, by the clock or because a test forced it."""

    def __init__(self, script: Sequence[Scene], clock: Clock) -> None:
        self._script = tuple(script)
        self._clock = clock
        self._began = clock.monotonic_ns()
        self._forced: tuple[Scene, ...] = ()

    @property
    def second(self) -> float:
        """Where in the cycle we are, in [0, CYCLE)."""
        return (self._clock.monotonic_ns() - self._began) / 1e9 % CYCLE

    def begin(self) -> None:
        """Start the cycle now."""
        self._began = self._clock.monotonic_ns()

    def troubles_of(self, provider: str, model: str = "") -> frozenset[Trouble]:
        """Return the current troubles of a route; without a model, those of the provider as a whole."""
        return frozenset(scene.trouble for scene in self._list_playing() if scene.covers(provider, model))

    def force(self, scenes: Iterable[Scene]) -> None:
        """Play these as well, whatever their time, until they are released."""
        self._forced = (*self._forced, *scenes)

    def release(self, trouble: Trouble | None = None) -> None:
        """Stop forcing this trouble, or all of them; what the script itself plays goes on."""
        self._forced = tuple(scene for scene in self._forced if trouble not in (None, scene.trouble))

    def _list_playing(self) -> Iterable[Scene]:
        second = self.second
        yield from self._forced
        yield from (scene for scene in self._script if scene.begins <= second < scene.ends)
