"""Lists by position, values that may be left out, names looked up."""

import pytest
from pydantic import TypeAdapter, ValidationError

from exporter.config.schema.blocks import Block, DialectName, KnownNames, Maybe, Positions, Preset
from exporter.dialects import DIALECTS
from exporter.probes import PROBES

KNOWN = KnownNames(probes=PROBES, dialects=DIALECTS, presets=frozenset({"openai"}))


class Row(Block):
    size: Maybe[int] = None


def test_a_list_becomes_a_mapping_from_position() -> None:
    adapter = TypeAdapter[dict[int, Row]](Positions[Row])
    assert adapter.validate_python([{"size": 1}, {}]) == {0: Row(size=1), 1: Row()}
    assert adapter.validate_python({3: {"size": 1}}) == {3: Row(size=1)}


@pytest.mark.parametrize("value", ["x", {"a": {}}, None, 5])
def test_only_a_list(value: object) -> None:
    with pytest.raises(ValidationError, match="a list belongs here"):
        TypeAdapter(Positions[Row]).validate_python(value)


def test_a_place_in_a_list_is_told() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Positions[Row]).validate_python([{}, {"size": "x"}])
    assert [error["loc"] for error in caught.value.errors()] == [(1, "size")]


def test_left_out_is_not_the_same_as_empty() -> None:
    assert Row().size is None
    with pytest.raises(ValidationError, match="there is no value here"):
        Row.model_validate({"size": None})


def test_names_are_looked_up() -> None:
    assert TypeAdapter(Preset).validate_python("openai", context=KNOWN) == "openai"
    assert TypeAdapter(DialectName).validate_python("openai-chat", context=KNOWN) == "openai-chat"
    with pytest.raises(ValidationError, match="there is no preset"):
        TypeAdapter(Preset).validate_python("nobody", context=KNOWN)
    with pytest.raises(ValidationError, match="there is no dialect"):
        TypeAdapter(DialectName).validate_python("latin", context=KNOWN)
