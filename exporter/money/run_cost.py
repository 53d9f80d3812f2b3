"""What a run of a check is charged to the budget: at most, and likely; for unknown prices by an assumed one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from exporter.core.outcome import Outcome, Tokens
from exporter.core.target import Check, Target
from exporter.money.amount import PER_TOKEN
from exporter.money.estimate import Estimate, estimate_tokens, list_questions
from exporter.money.pricing import Pricing
from exporter.probes.base import Probe

GOOD_FOR = 300.0
"""Seconds for which a price is good: lists change by the hour of the day."""

ASSUMED = Decimal(15)
"""USD per million tokens of unknown price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Nano-dollars of one run, and the tokens they are for. `known` is whether the price is known."""

    likely: int
    most: int
    tokens: Estimate
    known: bool


class Charges:
    """Charges by check. `assumed` is what a million tokens of unknown price are charged in USD."""

    def __init__(self, pricing: Pricing, probes: Mapping[str, Probe], assumed: Decimal = ASSUMED) -> None:
        self.pricing = pricing
        self._probes = probes
        self._assumed = assumed
        self._kept: dict[str, tuple[Check, float, Charge]] = {}

    def set_assumed_price(self, usd: Decimal) -> None:
        """Set the price in USD that a million tokens of unknown price are charged from now on."""
        if usd != self._assumed:
            self._assumed = usd
            self._kept.clear()

    def retain(self, checks: Iterable[Check]) -> None:
        """Forget the charges and prices of all other checks."""
        kept = {check.id: check.target for check in checks}
        for gone in [check_id for check_id in self._kept if check_id not in kept]:
            del self._kept[gone]
        self.pricing.retain(kept.values())

    def charge_for(self, check: Check, wall: float) -> Charge:
        """Return the charge of a run at a Unix time."""
        made = self._kept.get(check.id)
        if made is not None and made[0] is not check and made[0] != check:
            made = None
        if made is None or not 0 <= wall - made[1] < GOOD_FOR:
            made = self._kept[check.id] = (check, wall, self._make_charge(check, wall, made and made[2].tokens))
        return made[2]

    def add_cost(self, target: Target, outcome: Outcome) -> Outcome:
        """Return the outcome with its cost. What it shows of who answered counts from this run on."""
        if self.pricing.record_gateway(target, outcome):
            self._kept.clear()
        return self.pricing.add_cost(target, outcome)

    def charge_unpriced(self, tokens: Tokens) -> int:
        """Return the charge for tokens of unknown price."""
        return int((tokens.input + tokens.output) * self._assumed * PER_TOKEN)

    def _make_charge(self, check: Check, wall: float, tokens: Estimate | None) -> Charge:
        """Make the charge at a time; pass `tokens` if they are known, as only prices change by themselves."""
        tokens = tokens or estimate_tokens(list_questions(self._probes[check.kind], check), check.target.quirks)
        known = self.pricing.find_price(check.target, wall) is not None
        return Charge(
            likely=self._compute_amount(check.target, tokens.likely, wall),
            most=self._compute_amount(check.target, tokens.most, wall),
            tokens=tokens,
            known=known,
        )

    def _compute_amount(self, target: Target, tokens: Tokens, wall: float) -> int:
        cost = self.pricing.compute_cost(target, tokens, wall)
        return self.charge_unpriced(tokens) if cost is None else cost
