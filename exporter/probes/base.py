"""What a probe is: which questions it asks and how it judges what came back. It knows no vendor and no socket."""

from typing import ClassVar, Protocol

from pydantic import BaseModel, ConfigDict

from exporter.core.ask import Ask
from exporter.core.exchange import Exchange
from exporter.core.outcome import Outcome
from exporter.core.target import Check
from exporter.probes.nonce import Draw, draw


class ProbeSettings(BaseModel):
    """A probe's own settings, as written in the configuration beside the common ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Call(Protocol):
    """The way to the model: ask once, get the whole exchange. Never raises for what a vendor or network does."""

    async def __call__(self, ask: Ask) -> Exchange:
        """Ask, wait for the end of the answer, the failure or the deadline."""


class Probe(Protocol):
    """One kind of check. `paid`: its questions cost money. `per_provider`: asked once per provider, model ""."""

    name: ClassVar[str]
    settings: ClassVar[type[ProbeSettings]]
    asks: ClassVar[frozenset[type[Ask]]]
    paid: ClassVar[bool]
    per_provider: ClassVar[bool]

    async def run(self, check: Check, call: Call) -> Outcome:
        """Ask and judge. Only cancellation passes through; everything else is an Outcome."""


class ModelProbe:
    """What all probes have in common that ask a model: it costs money, and `source` makes every prompt a fresh one."""

    paid: ClassVar[bool] = True
    per_provider: ClassVar[bool] = False

    def __init__(self, source: Draw = draw) -> None:
        self._source = source
