"""Small probes and dialects that do what the contracts say and nothing else, for what the real ones cannot show."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from pydantic import Field

from exporter.config.presets import PRESETS
from exporter.config.schema.blocks import KnownNames
from exporter.core.ask import Ask, CallTool, Complete, ListModels
from exporter.core.exchange import Event, Finished, RemoteError, Request
from exporter.core.outcome import Failure, Outcome
from exporter.core.registry import Registry
from exporter.core.target import Check, Quirks, Target
from exporter.dialects.base import ORDINARY, Decoder, KeyHeader
from exporter.probes.base import Call, ProbeSettings


class StandIn:
    """What every probe below shares: asked of a model, paid, nothing to set. None is ever run."""

    name: ClassVar[str]
    settings: ClassVar[type[ProbeSettings]] = ProbeSettings
    asks: ClassVar[frozenset[type[Ask]]] = frozenset({Complete})
    paid: ClassVar[bool] = True
    per_provider: ClassVar[bool] = False

    async def run(self, check: Check, call: Call) -> Outcome:
        raise NotImplementedError


class Chat(StandIn):
    name = "chat"


class Models(StandIn):
    name = "models"
    asks = frozenset({ListModels})
    paid = False
    per_provider = True


class Balance(StandIn):
    """Asked once per provider, and not for free."""

    name = "balance"
    per_provider = True


class Tools(StandIn):
    name = "tools"
    asks = frozenset({CallTool})


class DiceSettings(ProbeSettings):
    """Settings of every sort: a number in bounds, a text, and one that must be given."""

    sides: int = Field(ge=2, le=100)
    colour: str = "white"


class Dice(StandIn):
    name = "dice"
    settings = DiceSettings


class Wire:
    """A dialect that can ask what it is told it can."""

    name: ClassVar[str]
    asks: ClassVar[frozenset[type[Ask]]]
    key_header: ClassVar[KeyHeader] = KeyHeader("authorization", "Bearer ")
    version_in_base_url: ClassVar[bool | None] = True

    def encode(self, ask: Ask, target: Target) -> Request:
        raise NotImplementedError

    def make_decoder(self, ask: Ask, target: Target) -> Decoder:
        raise NotImplementedError

    def classify_error(self, status: int, headers: Mapping[str, str], body: bytes) -> RemoteError | Finished:
        raise NotImplementedError

    def adapt_quirks(self, quirks: Quirks, failure: Failure) -> Quirks | None:
        raise NotImplementedError

    def read_headers(self, headers: Mapping[str, str], now: float, quirks: Quirks = ORDINARY) -> tuple[Event, ...]:
        raise NotImplementedError


class OpenAIChat(Wire):
    name = "openai-chat"
    asks = frozenset({ListModels, Complete})


class OpenAIResponses(Wire):
    name = "openai-responses"
    asks = frozenset({Complete, CallTool})


class ToolsOnly(Wire):
    name = "tools-only"
    asks = frozenset({CallTool})


def known() -> KnownNames:
    """What a configuration may name when only these are there."""
    probes: Iterable[StandIn] = (Models(), Balance(), Chat(), Tools(), Dice())
    dialects: Iterable[Wire] = (OpenAIChat(), OpenAIResponses(), ToolsOnly())
    return KnownNames(probes=Registry(probes), dialects=Registry(dialects), presets=frozenset(PRESETS))
