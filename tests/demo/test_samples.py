from typing import Any

import pytest
from pydantic import BaseModel, Field

from exporter.demo.samples import make_sample


@pytest.mark.parametrize(
    ("schema", "prompt", "value"),
    [
        pytest.param({"type": "object", "properties": {"a": {"type": "boolean"}}}, "", {"a": True}, id="an object"),
        pytest.param({"properties": {"a": {"type": "null"}}}, "", {"a": None}, id="an object without its type"),
        pytest.param({"type": "array", "items": {"type": "integer"}, "minItems": 2}, "", [7, 7], id="a list"),
        pytest.param({"type": "array"}, "", ["fine"], id="a list of anything"),
        pytest.param({"type": "integer"}, "What is 17 + 25?", 42, id="the sum in the prompt"),
        pytest.param({"type": "number", "maximum": 5}, "", 5, id="an upper bound"),
        pytest.param({"type": "number", "minimum": 10}, "", 10, id="a lower bound"),
        pytest.param({"type": ["null", "integer"]}, "", 7, id="of several types the first with a value"),
        pytest.param({"type": ["null"]}, "", None, id="only null"),
        pytest.param({"const": "yes"}, "", "yes", id="const"),
        pytest.param({"enum": ["red", "green"]}, "", "red", id="enum"),
        pytest.param({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "", 7, id="anyOf"),
        pytest.param({"type": "string"}, "What is the weather in Oslo?", "Oslo", id="a name in the prompt"),
        pytest.param({"type": "string"}, 'Say "seven seas" now', "seven seas", id="a quotation in the prompt"),
        pytest.param({"type": "string", "maxLength": 2}, "", "fi", id="a short string"),
        pytest.param({"type": "string", "minLength": 6}, "", "fine..", id="a long string"),
        pytest.param({"type": "OBJECT", "properties": {"a": {"type": "STRING"}}}, "", {"a": "fine"}, id="capitals"),
    ],
)
def test_values_conform(schema: dict[str, Any], prompt: str, value: Any) -> None:
    assert make_sample(schema, prompt) == value


class Leaf(BaseModel):
    colour: str
    length: float = Field(ge=10, le=20)


class Tree(BaseModel):
    name: str
    height: int | None
    leaves: list[Leaf]


def test_a_schema_with_references_is_filled() -> None:
    tree = Tree.model_validate(make_sample(Tree.model_json_schema(), "Describe the Oak"))
    assert tree.leaves


def test_a_schema_that_contains_itself_ends() -> None:
    endless = {"$ref": "#/$defs/a", "$defs": {"a": {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}}}}
    assert "None" in str(make_sample(endless, ""))
