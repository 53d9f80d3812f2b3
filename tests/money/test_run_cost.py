"""What budgets are charged, by known prices and by assumed ones."""

from dataclasses import replace
from decimal import Decimal

from exporter.core.target import Check, Kind, Price
from exporter.money.pricing import Pricing
from exporter.money.run_cost import GOOD_FOR, Charges
from exporter.probes import PROBES
from exporter.probes.chat import ChatSettings
from tests.metrics.make import check, provider
from tests.money.priced import AT


def priced(price: Price | None, kind: Kind = Kind.DIRECT) -> Check:
    made = replace(check(), settings=ChatSettings())
    at = replace(provider(), kind=kind)
    return replace(made, target=replace(made.target, provider=at, price=price))


def charges(assumed: int = 15) -> Charges:
    return Charges(Pricing(), PROBES, Decimal(assumed))


def test_a_known_price() -> None:
    charge = charges().charge_for(priced(Price(input=Decimal(1), output=Decimal(2))), AT)
    tokens = charge.tokens
    assert charge.known
    assert charge.likely == 1000 * tokens.likely.input + 2000 * tokens.likely.output
    assert charge.most == 1000 * tokens.most.input + 2000 * tokens.most.output > charge.likely


def test_an_unknown_price_is_assumed() -> None:
    charge = charges().charge_for(priced(None), AT)
    assert not charge.known
    assert charge.likely == 15_000 * (charge.tokens.likely.input + charge.tokens.likely.output)
    assert charges(0).charge_for(priced(None), AT).most == 0


def test_a_server_of_our_own_costs_nothing_unless_a_price_is_written() -> None:
    own = priced(None, Kind.SELF_HOSTED)
    charge = charges().charge_for(own, AT)
    assert (charge.most, charge.known) == (0, True)
    assert charges().charge_for(priced(Price(input=Decimal(1), output=Decimal(1)), Kind.SELF_HOSTED), AT).most > 0


def test_prices_are_asked_again_after_a_while() -> None:
    made = charges()
    of = priced(Price(input=Decimal(1), output=Decimal(2)))
    first = made.charge_for(of, AT)
    assert made.charge_for(of, AT + GOOD_FOR - 1) is first
    assert made.charge_for(of, AT + GOOD_FOR) is not first
    assert made.charge_for(replace(of, target=replace(of.target, price=None)), AT + GOOD_FOR) != first
