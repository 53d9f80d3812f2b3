"""A probe: which questions it asks and how it judges the answers. It knows no vendor and no socket."""

import secrets
from collections.abc import Callable
from typing import ClassVar, Protocol

from pydantic import BaseModel, ConfigDict

from exporter.core.ask import Ask
from exporter.core.exchange import Exchange
from exporter.core.outcome import Outcome
from exporter.core.target import Check

Draw = Callable[[int], int]
"""A whole number from 0 up to, not including, the bound; by default the system's own randomness."""

draw: Draw = secrets.randbelow


def make_nonce(source: Draw) -> str:
    """Make the eight hexadecimal digits that begin a prompt, so that no cached prefix fits it."""
    return f"{source(16**8):08x}"


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
