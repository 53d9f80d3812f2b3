"""The last outcome of a check comes back as it was."""

from types import MappingProxyType

import pytest

from exporter.core.outcome import Fault, Flag, Limit, ListedModel, Outcome, Phase, Reason, Tokens
from exporter.store.outcome_text import read_outcome, write_outcome
from tests.metrics.make import answered, failed, timing


@pytest.mark.parametrize(
    "outcome",
    [
        pytest.param(answered(flags=frozenset({Flag.SLOW, Flag.CACHED}), cost_nano_usd=98), id="a success with flags"),
        pytest.param(answered(timing=timing(phases=MappingProxyType({Phase.SEND: 1.0}))), id="another mapping"),
        pytest.param(answered(limits=(Limit(resource="requests", window="day", remaining=3.0),)), id="limits"),
        pytest.param(failed(Reason.SERVER_ERROR, fault=Fault.GATEWAY, retry_after=2.5), id="a gateway's failure"),
    ],
)
def test_it_comes_back_as_it_was(outcome: Outcome) -> None:
    assert read_outcome(write_outcome(outcome)) == outcome


def test_a_list_of_models_is_left_out() -> None:
    assert read_outcome(write_outcome(answered(models=(ListedModel(id="m"),)))) == answered()


@pytest.mark.parametrize("text", [None, b'{"reason": "asleep"}', b"{}"], ids=["nothing", "a later version", "half"])
def test_what_cannot_be_read_is_not_there(text: bytes | None) -> None:
    assert read_outcome(text) is None


def test_what_has_no_form_is_not_kept() -> None:
    assert write_outcome(answered(tokens=Tokens(input=10**30))) is None
