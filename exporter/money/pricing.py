"""What an answer costs: what the user says, else what the vendor told, else what the price lists know, else unknown.

A server of the user's own costs nothing, whatever the makers of its models charge elsewhere.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from exporter.core.outcome import Outcome, Tokens
from exporter.core.target import Kind, Price, Target
from exporter.money.amount import PER_TOKEN, to_decimal, to_nano
from exporter.money.price_file import PriceFile, read_price_file

FREE = Price(input=Decimal(0), output=Decimal(0))
"""What a server of the user's own costs, unless a price is written."""

_LARGEST = 10**15
"""Nano-dollars (a million dollars) that a vendor can make us believe of one answer."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Where prices come from now: a file of the user's over a list. What the file says of a target is kept."""

    file: PriceFile
    _flat: dict[tuple[str, str, str], Price | None] = field(default_factory=dict)

    def find_user_price(self, target: Target) -> Price | None:
        """Find the price of a model in the user's own file."""
        key = (target.provider.name, target.model, target.alias)
        if key not in self._flat:
            self._flat[key] = self.file.find_price(target)
        return self._flat[key]

    def retain(self, targets: Collection[Target]) -> None:
        """Forget what is known of all other targets."""
        kept = {(target.provider.name, target.model, target.alias) for target in targets}
        for gone in self._flat.keys() - kept:
            del self._flat[gone]
        self.file.listed.retain(targets)


class Pricing:
    """Prices of models and costs of answers, in nano-dollars. `path` is the user's own file of prices, if any.

    Raises PriceFileError if that cannot be used.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._stamp = self._read_stamp()
        self._source = _read_source(path)
        self._gateways: set[tuple[str, str]] = set()

    def refresh(self) -> bool:
        """Read the file again if it changed, and say whether it did. PriceFileError leaves the prices as they are."""
        stamp = self._read_stamp()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        self._source = _read_source(self.path)
        return True

    def retain(self, targets: Collection[Target]) -> None:
        """Forget what was looked up for all other targets."""
        self._source.retain(targets)

    def find_price(self, target: Target, wall: float) -> Price | None:
        """Find the price of a model at a Unix time, before any tier; None if it is unknown."""
        source = self._source
        if (written := target.price or source.find_user_price(target)) is not None:
            return written
        return FREE if self._is_free(target) else source.file.listed.find_price(target, wall)

    def compute_cost(self, target: Target, tokens: Tokens, wall: float) -> int | None:
        """Compute the cost of tokens at a Unix time; None if the price is unknown."""
        flat = target.price or self._source.find_user_price(target)
        if flat is not None:
            return _compute_flat_cost(flat, tokens)
        if self._is_free(target):
            return 0
        listed = self._source.file.listed.compute_cost(target, tokens, wall)
        return None if listed is None else to_nano(listed)

    def cost_of_outcome(self, target: Target, outcome: Outcome) -> int | None:
        """Return the cost of a run; None if neither the vendor nor any list gives it, or the tokens are unknown."""
        if target.price is not None and outcome.tokens is not None:
            return _compute_flat_cost(target.price, outcome.tokens)
        if outcome.cost_usd is not None and 0 <= outcome.cost_usd < _LARGEST / 1e9:
            return to_nano(to_decimal(outcome.cost_usd))
        return None if outcome.tokens is None else self.compute_cost(target, outcome.tokens, outcome.started_at)

    def record_gateway(self, target: Target, outcome: Outcome) -> bool:
        """Note that a gateway answered where a server of the user's own was assumed; return whether that is new.

        From then on its models have the price of their makers.
        """
        if not (outcome.gateway and target.provider.kind_assumed) or _place(target) in self._gateways:
            return False
        self._gateways.add(_place(target))
        return True

    def _is_free(self, target: Target) -> bool:
        """Return whether tokens cost nothing: the user runs the server."""
        return target.provider.kind is Kind.SELF_HOSTED and _place(target) not in self._gateways

    def add_cost(self, target: Target, outcome: Outcome) -> Outcome:
        """Return the outcome with its cost."""
        return replace(outcome, cost_nano_usd=self.cost_of_outcome(target, outcome))

    def _read_stamp(self) -> tuple[int, int] | None:
        if self.path is None:
            return None
        try:
            now = self.path.stat()
        except OSError:
            return (0, 0)
        return now.st_mtime_ns, now.st_size


def _place(target: Target) -> tuple[str, str]:
    """Return a provider's name and address: what answered at one address says nothing of another."""
    return target.provider.name, target.provider.base_url


def _read_source(path: Path | None) -> _Source:
    return _Source(PriceFile() if path is None else read_price_file(path))


def _compute_flat_cost(price: Price, tokens: Tokens) -> int:
    """Compute the cost at flat prices. Cached and cache-write tokens are part of the input, reasoning of the output."""
    cached = min(tokens.cached_input, tokens.input)
    wrote = min(tokens.cache_write, tokens.input - cached)
    parts = (
        (tokens.input - cached - wrote, price.input),
        (cached, price.input if price.cached_input is None else price.cached_input),
        (wrote, price.input if price.cache_write is None else price.cache_write),
        (tokens.output, price.output),
    )
    total: Decimal = sum((count * usd for count, usd in parts), start=Decimal(0))
    return int((total * PER_TOKEN).to_integral_value())
