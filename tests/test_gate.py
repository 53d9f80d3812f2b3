"""The gate that is open."""

from exporter.gate import Admission, OpenGate
from tests.metrics.make import answered, check


async def test_everything_is_let_in_and_nothing_is_charged() -> None:
    gate = OpenGate()
    admission = await gate.admit(check())
    assert isinstance(admission, Admission)
    assert admission.reserved == 0
    outcome = answered()
    assert gate.settle(admission, outcome) is outcome
