"""Prices of all models, exported at once, as prices change by date, by time of day and by file."""

from collections.abc import Iterator, Mapping

from exporter.core.target import Price
from exporter.metrics.exposition import FamilyBuffers
from exporter.metrics.text import Sample, render_label, render_labels, render_samples

_KNOWN = "ai_api_price_known"
_PRICE = "ai_api_price_usd_per_million_tokens"
_TYPES = {kind: render_label("token_type", kind) for kind in ("input", "output", "cached_input", "cache_write")}

Prices = Mapping[tuple[str, str], Price | None]
"""Price by provider and model; None if it is unknown."""


class PriceBuffers:
    """Keeps the pages of prices."""

    def __init__(self, pages: FamilyBuffers) -> None:
        self._pages = pages
        self._told: dict[tuple[str, str], Price | None] = {}

    def set_prices(self, prices: Prices) -> Iterator[None]:
        """Set the prices of all models, one by one; only changed ones are written."""
        for provider, model in self._told.keys() - prices.keys():
            del self._told[provider, model]
            for family in (_KNOWN, _PRICE):
                self._pages[family].remove(f"{provider}/{model}")
        for (provider, model), price in prices.items():
            if (provider, model) not in self._told or self._told[provider, model] != price:
                self._told[provider, model] = price
                labels = render_labels([("provider", provider), ("model", model)])
                self._put(_KNOWN, provider, model, render_samples(_KNOWN, labels, [("", int(price is not None))]))
                self._put(_PRICE, provider, model, render_samples(_PRICE, labels, tuple(_price_samples(price))))
            yield

    def _put(self, family: str, provider: str, model: str, written: bytes) -> None:
        self._pages[family].put(f"{provider}/{model}", written)


def _price_samples(price: Price | None) -> Iterator[Sample]:
    """Make the samples of a price. Unknown prices of cached and cache-write tokens have no series."""
    for kind, labels in _TYPES.items():
        usd = getattr(price, kind, None)
        if usd is not None:
            yield labels, float(usd)
