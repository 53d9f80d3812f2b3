"""All simulated vendors together: started on free ports, described as a configuration, stopped at once."""

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

from exporter.core.clock import Clock, SystemClock
from exporter.demo.catalog import MODELS, OFFERS, Offer
from exporter.demo.certificate import CA_FILE, issue_certificate
from exporter.demo.delivery import Sleep
from exporter.demo.script import CYCLE, EVERY, SCRIPT, Play, Scene, Trouble
from exporter.demo.vendor import KEY, Vendor

INTERVAL, TIMEOUT, SLOW = "5s", "10s", "3s"
SELDOM = "15s"
"""For the probes that are there to be seen, not to meet every trouble."""

ASKED_MORE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"gpt-4o-mini": ("json", "tools"), "claude-sonnet-4": ("tools",)}
)
"""The models that are asked more than all are."""
_KEY_FILE = "key"
_PATHS = {"openai-chat": "/v1"}
"""What a base URL ends with, by dialect: the SDKs of the others add the version themselves."""


class Vendors:
    """The simulated vendors. Same seed, same answers and waits for the n-th call of each route.

    `clock` moves the script (and rate limits), so a test can stand it at any second; `sleep` is how the servers wait,
    so a test need not. The environment is never read.

        async with Vendors() as vendors:
            plan = ...(vendors.config())
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        clock: Clock | None = None,
        script: Sequence[Scene] = SCRIPT,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._seed = seed
        self._clock = clock if clock is not None else SystemClock()
        self._play = Play(script, self._clock)
        self._sleep = sleep
        self._vendors: dict[str, Vendor] = {}
        self._folder: Path | None = None
        self._open = AsyncExitStack()

    async def start(self) -> None:
        """Listen, each vendor on a port of its own; the script's cycle begins now."""
        self._folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="ai-api-exporter-vendors-")))
        (self._folder / _KEY_FILE).write_text(KEY)
        # The machine's own clock, not the script's: clients check certificates by it.
        identity = issue_certificate(self._folder, datetime.fromtimestamp(SystemClock().wall(), UTC))
        for offer in OFFERS:
            tls = identity.context if offer.tls else None
            vendor = Vendor(offer, self._play, self._clock, seed=self._seed, sleep=self._sleep, tls=tls)
            self._vendors[offer.name] = vendor
        await asyncio.gather(*(vendor.start() for vendor in self._vendors.values()))
        self._play.begin()

    async def stop(self) -> None:
        """Stop all of them, cutting off what is under way; takes well under a second."""
        await asyncio.gather(*(vendor.stop() for vendor in self._vendors.values()))
        self._vendors.clear()
        await self._open.aclose()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def urls(self) -> Mapping[str, str]:
        """Base URL by provider, in the form that its official SDK takes."""
        return {offer.name: self._vendors[offer.name].url + _PATHS.get(offer.dialect, "") for offer in OFFERS}

    @property
    def ca_file(self) -> Path:
        """The certificate authority of the TLS vendor (PEM); gone after `stop`."""
        return self._make_path(CA_FILE)

    @property
    def second(self) -> float:
        """Where in the cycle of troubles we are."""
        return self._play.second

    def make_config(self, probes: Sequence[str] = ("chat", "canary")) -> dict[str, Any]:
        """Make the configuration document that monitors all vendors."""
        return {
            "interval": INTERVAL,
            "timeout": TIMEOUT,
            "degraded_above": SLOW,
            "status_pages": False,
            "probes": list(probes),
            "providers": {offer.name: self._describe_provider(offer) for offer in OFFERS},
            "models": [self._describe_model(name, probes) for name in MODELS],
            "discover": [
                {
                    "provider": "openai",
                    "include": ["text-embedding-*"],
                    "every": "1m",
                    "probes": [_ask_seldom("embeddings")],
                }
            ],
        }

    def force(self, trouble: str, *, provider: str | None = None, model: str | None = None) -> None:
        """Play a trouble (`outage`, see Trouble) until it is released: on the routes it has in the script, or there.

        A provider without a model is all of its models and its list.
        """
        named = Trouble(trouble)
        if provider is not None:
            self._play.force([Scene(0, CYCLE, provider, model or EVERY, named)])
        else:
            self._play.force(scene for scene in SCRIPT if scene.trouble is named)

    def release(self, trouble: str | None = None) -> None:
        """Stop a forced trouble, or all of them."""
        self._play.release(None if trouble is None else Trouble(trouble))

    def _describe_model(self, name: str, probes: Sequence[str]) -> dict[str, Any]:
        offers = [offer.name for offer in OFFERS if name in offer.models]
        more = [_ask_seldom(probe) for probe in ASKED_MORE.get(name, ())]
        return {"model": name, "alias": name, "providers": offers} | ({"probes": [*probes, *more]} if more else {})

    def _describe_provider(self, offer: Offer) -> dict[str, Any]:
        entry: dict[str, Any] = {"preset": offer.preset, "base_url": self.urls[offer.name]}
        entry["api_key"] = {"file": str(self._make_path(_KEY_FILE))}
        if offer.preset == "openai-compatible":
            entry["kind"] = "direct"  # it plays a vendor, though it is on this machine
        return entry | ({"ca_file": str(self.ca_file)} if offer.tls else {})

    def _make_path(self, name: str) -> Path:
        assert self._folder is not None, "the vendors are not started"
        return self._folder / name


def _ask_seldom(probe: str) -> dict[str, Any]:
    return {"probe": probe, "interval": SELDOM}
