"""Prices as genai-prices knows them: cached, reasoning and tiered tokens, prices that change by date or time of day.

The library and its 1.6 MB of data are imported when the first price is asked for, not when this file is.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from exporter.core.outcome import Tokens
from exporter.core.target import Price, Target
from exporter.money.linear_price import LinearPrice, bound_tokens, fit_linear_price
from exporter.probes.evaluation.model_match import parse_name

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import ModelInfo, ModelPrice, Provider


class SnapshotError(Exception):
    """A list that genai-prices cannot read."""


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """A model in the list."""

    provider: "Provider"
    model: "ModelInfo"

    def price_at(self, wall: float) -> "ModelPrice":
        """Return its prices at a Unix time."""
        return self.model.get_prices(datetime.fromtimestamp(wall, UTC))


SAME_MODEL: Mapping[str, str] = MappingProxyType(
    {
        "deepseek-v3": "deepseek-chat",
        "deepseek-v3.1": "deepseek-chat",
        "deepseek-v3-1": "deepseek-chat",
        "deepseek-r1": "deepseek-reasoner",
    }
)
"""Names of gateways for models whose maker sells them by another name."""

_LITELLM = "litellm"
_Key = tuple[tuple[str, ...], str, str]


class PriceList:
    """The list of the library, or `snapshot` (as it is published in JSON) in its place; SnapshotError if it is none."""

    def __init__(self, snapshot: list[Any] | None = None) -> None:
        self._raw = snapshot
        self._found: dict[_Key, ListedPrice | None] = {}
        self._tariffs: dict[int, tuple[ModelPrice, LinearPrice | None]] = {}
        if snapshot is not None:
            _ = self._snapshot

    def compute_cost(self, target: Target, tokens: Tokens, wall: float) -> Decimal | None:
        """Compute the cost of an answer in USD at a Unix time; None if the model is not known."""
        if (found := self._find(target)) is None:
            return None
        prices = found.price_at(wall)
        if id(prices) not in self._tariffs:
            self._tariffs[id(prices)] = (prices, _make_linear_price(prices))
        _, tariff = self._tariffs[id(prices)]
        return (
            _price_by_library(prices, bound_tokens(tokens))
            if tariff is None
            else tariff.compute_cost(bound_tokens(tokens))
        )

    def find_price(self, target: Target, wall: float) -> Price | None:
        """Find the prices at a Unix time, before any tier; None if the model is not known."""
        if (found := self._find(target)) is None:
            return None
        prices = found.price_at(wall)
        told = _base_price(prices.input_mtok)
        return Price(
            input=told or Decimal(0),
            output=_base_price(prices.output_mtok) or Decimal(0),
            cached_input=_base_price(prices.cache_read_mtok),
            cache_write=_base_price(prices.cache_write_mtok),
        )

    def retain(self, targets: Iterable[Target]) -> None:
        """Forget what was found for all other targets."""
        for gone in self._found.keys() - {_make_key(target) for target in targets}:
            del self._found[gone]

    def _find(self, target: Target) -> ListedPrice | None:
        key = _make_key(target)
        if key not in self._found:
            self._found[key] = next(self._list_candidates(target), None)
        return self._found[key]

    def _list_candidates(self, target: Target) -> Iterator[ListedPrice]:
        """Yield the rows that this model may be, best first.

        The library's own lookup caches every name it is asked for.
        """
        for listed_as in target.provider.price_lists:
            for name in _candidate_names(target):
                provider, model_name = self._find_provider(listed_as, name)
                if provider is None:
                    continue
                model = provider.find_model(model_name, all_providers=self._snapshot.providers)
                if model is None:
                    continue
                found = ListedPrice(provider, model)
                if _base_price(found.price_at(0.0).input_mtok) is not None:
                    yield found

    def _find_provider(self, listed_as: str, name: str) -> tuple["Provider | None", str]:
        """Find the provider with that id, and the name to look for there; LiteLLM's names contain the provider."""
        from genai_prices.data_snapshot import find_provider_by_id  # noqa: PLC0415  (see above)

        providers = self._snapshot.providers
        if listed_as != _LITELLM:
            return find_provider_by_id(providers, listed_as), name
        maker, slash, rest = name.partition("/")
        if slash and (provider := find_provider_by_id(providers, maker)) is not None:
            return provider, rest
        made = (each for each in providers if each.model_match is not None and each.model_match.is_match(name.lower()))
        return next(made, None), name

    @cached_property
    def _snapshot(self) -> "DataSnapshot":
        from genai_prices import types  # noqa: PLC0415  (see above)
        from genai_prices.data_snapshot import DataSnapshot, get_snapshot  # noqa: PLC0415

        if self._raw is None:
            return get_snapshot()
        try:
            # The library reads its own publication by this; it has no public name for it.
            return DataSnapshot(types._providers_from_raw(self._raw), from_auto_update=False)  # noqa: SLF001
        except (ValueError, TypeError, LookupError) as error:
            raise SnapshotError(f"genai-prices cannot read the snapshot ({type(error).__name__})") from error


def _make_key(target: Target) -> _Key:
    return target.provider.price_lists, target.model, target.alias


def _candidate_names(target: Target) -> Iterator[str]:
    """Yield the names a model may be listed by, the nearest first; its alias last.

    A deployment (Azure) has a name of the user's own: there the alias tells the model.
    """
    for name in dict.fromkeys((target.model, target.alias)):
        yield from (each for each in dict.fromkeys(_vary_name(name.removeprefix("models/"))) if each)


def _vary_name(name: str) -> Iterator[str]:
    """Yield a name without what gateways add to it (`vendor/`, capitals, a `:route`, a date), and the maker's."""
    bare = name.rpartition("/")[2]
    yield from (name, bare, bare.lower())
    if bare.endswith(":free"):
        return
    plain = bare.lower().partition(":")[0]
    base = parse_name(plain).base
    yield from (plain, SAME_MODEL.get(plain, ""), base, SAME_MODEL.get(base, ""), f"{plain}-latest")


def _make_linear_price(prices: "ModelPrice") -> LinearPrice | None:
    """Make the factors of these prices; None if tiers make the price of a token depend on the number of tokens.

    The library itself takes a hundred microseconds per answer.
    """
    from genai_prices.types import TieredPrices  # noqa: PLC0415  (see above)

    if any(isinstance(each, TieredPrices) for each in vars(prices).values()):
        return None
    return fit_linear_price(lambda tokens: _price_by_library(prices, tokens))


def _price_by_library(prices: "ModelPrice", tokens: Tokens) -> Decimal:
    """Compute the cost of tokens with the library."""
    from genai_prices import Usage  # noqa: PLC0415  (see above)

    usage = Usage(
        input_tokens=tokens.input,
        output_tokens=tokens.output,
        cache_read_tokens=tokens.cached_input,
        cache_write_tokens=tokens.cache_write,
        output_reasoning_tokens=tokens.reasoning,
    )
    return prices.calc_price(usage)["total_price"]


def _base_price(price: object) -> Decimal | None:
    """Return the price itself, or the one before the first tier."""
    base = getattr(price, "base", price)
    return base if isinstance(base, Decimal) else None
