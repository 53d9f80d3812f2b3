"""The simulated vendors and their models as data: names, snapshots, usual speeds, which route offers what."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model. `served` is the snapshot that says it answered; `stand_in` the one a dishonest relay puts in place.

    `first_token` is the usual time to it in seconds, `speed` tokens per second, `thinks` the reasoning tokens it
    usually spends, `released` Unix seconds.
    """

    name: str
    served: str
    maker: str
    released: int
    first_token: float
    speed: float
    thinks: int = 0
    stand_in: str = "gpt-4o-mini-2024-07-18"

    @property
    def names(self) -> tuple[str, ...]:
        """What it may be asked for by: its name and, if another, its snapshot."""
        return tuple(dict.fromkeys((self.name, self.served)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What one vendor has on offer. `models` are names of the catalog; `delay` multiplies every wait of the model.

    `embeds` names its embedding models, `tells_headroom` whether answers carry rate-limit headers, `tls` whether
    it is served by https with a certificate of its own authority.
    """

    name: str
    preset: str
    dialect: str
    models: tuple[str, ...]
    embeds: tuple[str, ...] = ()
    delay: float = 1.0
    tells_headroom: bool = False
    tls: bool = False


_MODELS = (
    Model(
        name="gpt-4.1",
        served="gpt-4.1-2025-04-14",
        maker="openai",
        released=1744316542,
        first_token=0.38,
        speed=85,
    ),
    Model(
        name="gpt-4o",
        served="gpt-4o-2024-08-06",
        maker="openai",
        released=1715367049,
        first_token=0.33,
        speed=95,
    ),
    Model(
        name="gpt-4o-mini",
        served="gpt-4o-mini-2024-07-18",
        maker="openai",
        released=1721172741,
        first_token=0.27,
        speed=105,
        stand_in="gpt-3.5-turbo-0125",
    ),
    Model(
        name="o3-mini",
        served="o3-mini-2025-01-31",
        maker="openai",
        released=1737146383,
        first_token=0.42,
        speed=110,
        thinks=11,
    ),
    Model(
        name="claude-sonnet-4",
        served="claude-sonnet-4-20250514",
        maker="anthropic",
        released=1747872000,
        first_token=0.55,
        speed=62,
        stand_in="claude-3-5-haiku-20241022",
    ),
    Model(
        name="claude-3-5-sonnet",
        served="claude-3-5-sonnet-20241022",
        maker="anthropic",
        released=1729555200,
        first_token=0.60,
        speed=55,
        stand_in="claude-3-5-haiku-20241022",
    ),
    Model(
        name="gemini-2.5-flash",
        served="gemini-2.5-flash",
        maker="google",
        released=1750118400,
        first_token=0.30,
        speed=115,
        thinks=10,
        stand_in="gemini-2.0-flash-lite",
    ),
    Model(
        name="deepseek-v3",
        served="deepseek-v3",
        maker="deepseek",
        released=1735171200,
        first_token=0.62,
        speed=45,
    ),
)
MODELS: Mapping[str, Model] = MappingProxyType({model.name: model for model in _MODELS})
"""The catalog, by name."""

OFFERS: tuple[Offer, ...] = (
    Offer(
        name="holysheep",
        preset="holysheep",
        dialect="openai-chat",
        models=tuple(MODELS),
        embeds=("text-embedding-3-small",),
        delay=1.15,
    ),
    Offer(
        name="openai",
        preset="openai",
        dialect="openai-chat",
        models=("gpt-4o", "gpt-4o-mini", "o3-mini"),
        embeds=("text-embedding-3-small",),
        tells_headroom=True,
    ),
    Offer(
        name="anthropic",
        preset="anthropic",
        dialect="anthropic-messages",
        models=("claude-sonnet-4", "claude-3-5-sonnet"),
        tells_headroom=True,
    ),
    Offer(name="gemini", preset="gemini", dialect="gemini-generate", models=("gemini-2.5-flash",)),
    Offer(name="expiring-tls", preset="openai-compatible", dialect="openai-chat", models=("deepseek-v3",), tls=True),
)
"""The gateway first, then the vendors themselves, then a self-hosted server with a certificate of its own."""
