from exporter.demo.headroom import Allowance, Allowances
from tests.demo.conftest import HeldClock


def test_an_allowance_is_used_up_and_refills_by_the_minute(clock: HeldClock) -> None:
    allowance = Allowance(60, clock)
    assert allowance.take(15).remaining == 45
    assert allowance.take(15).reset == 30
    clock.second = 10
    assert allowance.take(0).remaining == 40
    clock.second = 600
    assert allowance.take(0).remaining == 60, "never more than its limit"
    assert allowance.take(1_000).remaining == 0, "never less than nothing"


def test_each_resource_is_counted_apart(clock: HeldClock) -> None:
    told = Allowances(clock).take(input_tokens=100, output_tokens=10)
    assert told.requests.limit - told.requests.remaining == 1
    assert told.input_tokens.limit - told.input_tokens.remaining == 100
    assert told.output_tokens.limit - told.output_tokens.remaining == 10


def test_a_share_may_be_pretended(clock: HeldClock) -> None:
    allowances = Allowances(clock)
    told = allowances.peek(0.25)
    assert (told.requests.remaining, told.requests.reset) == (told.requests.limit // 4, 45)
    assert allowances.take(0, 0).input_tokens.remaining == told.input_tokens.limit, "nothing was used up by it"
