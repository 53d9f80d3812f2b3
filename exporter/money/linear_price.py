"""The arithmetic of a price list as a few factors, learnt from the list once per price: what a run costs is then a sum.

Without tiers a price is so much per request and so much per token of each kind, so that one question about a million
tokens of each tells all of it, exactly: prices and counts are decimal numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from exporter.core.outcome import Tokens

MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearPrice:
    """USD per request, and per million tokens of each kind; tokens of two kinds count as the latter."""

    request: Decimal
    input: Decimal
    cached_input: Decimal
    cache_write: Decimal
    output: Decimal
    reasoning: Decimal

    def compute_cost(self, tokens: Tokens) -> Decimal:
        """Compute the cost in USD of an answer of `bounded` tokens."""
        kinds = (
            (tokens.input - tokens.cached_input - tokens.cache_write, self.input),
            (tokens.cached_input, self.cached_input),
            (tokens.cache_write, self.cache_write),
            (tokens.output - tokens.reasoning, self.output),
            (tokens.reasoning, self.reasoning),
        )
        return self.request + sum((count * usd for count, usd in kinds if count), start=Decimal(0)) / MILLION


def bound_tokens(tokens: Tokens) -> Tokens:
    """Bound the tokens of each kind by the tokens of the kind that they are part of."""
    cached = min(tokens.cached_input, tokens.input)
    return Tokens(
        input=tokens.input,
        output=tokens.output,
        cached_input=cached,
        cache_write=min(tokens.cache_write, tokens.input - cached),
        reasoning=min(tokens.reasoning, tokens.output),
    )


def fit_linear_price(cost: Callable[[Tokens], Decimal]) -> LinearPrice:
    """Fit the factors of a cost that has no tiers."""
    request = cost(Tokens())

    def per_million(tokens: Tokens) -> Decimal:
        return cost(tokens) - request

    return LinearPrice(
        request=request,
        input=per_million(Tokens(input=MILLION)),
        cached_input=per_million(Tokens(input=MILLION, cached_input=MILLION)),
        cache_write=per_million(Tokens(input=MILLION, cache_write=MILLION)),
        output=per_million(Tokens(output=MILLION)),
        reasoning=per_million(Tokens(output=MILLION, reasoning=MILLION)),
    )
