"""Schemas and patterns: what fits, what does not, and what is not taken because it could be made to run for hours."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.probes.evaluation.schemas import contains_pattern, find_mismatch, find_regex_problem, find_schema_problem

TREE = {"$defs": {"node": {"properties": {"next": {"$ref": "#/$defs/node"}}}}, "$ref": "#/$defs/node"}
AGE = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}


@pytest.mark.parametrize(
    ("schema", "trouble"),
    [
        pytest.param({}, "", id="anything fits"),
        pytest.param(TREE, "", id="refers to itself"),
        pytest.param({"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}, "", id="refers to nothing else"),
        pytest.param({"type": "nope"}, '"nope" is not valid', id="no such type"),
        pytest.param({"$ref": "#/nowhere"}, "does not exist", id="refers to nothing"),
        pytest.param({"$ref": "http://127.0.0.1:1/schema"}, "not fetched from anywhere", id="refers to elsewhere"),
        pytest.param({"$ref": "file:///etc/hostname"}, "not fetched from anywhere", id="refers to a file"),
        pytest.param({"pattern": "(?=a)b"}, "regex", id="a pattern that looks around"),
    ],
)
def test_what_is_a_schema(schema: dict[str, Any], trouble: str) -> None:
    told = find_schema_problem(schema)

    assert trouble in (told or "")
    assert (told is None) == (trouble == "")


@pytest.mark.parametrize("pattern", ["ok", "(?i)^he.*o$", r"\b\d{3}\b", "(a+)+$", "[ä-ü]"])
def test_what_is_a_pattern(pattern: str) -> None:
    assert find_regex_problem(pattern) is None


@pytest.mark.parametrize("pattern", ["(", "[", "(?=a)b", r"(\w)\1", "a{100000}{100000}"])
def test_what_is_no_pattern(pattern: str) -> None:
    assert find_regex_problem(pattern)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        pytest.param('{"age": 7}', None, id="fits"),
        pytest.param(' {"age": 7, "name": "Ada"}\n', None, id="says more"),
        pytest.param('{"age": "seven"}', 'at age: "seven" is not of type "integer"', id="another type"),
        pytest.param("{}", '"age" is a required property', id="says less"),
        pytest.param("[]", '[] is not of type "object"', id="something else"),
        pytest.param('```json\n{"age": 7}\n```', "it is not JSON", id="fenced"),
        pytest.param('{"age": 7', "it is not JSON", id="cut"),
        pytest.param("", "it is not JSON", id="nothing"),
    ],
)
def test_what_fits(text: str, wrong: str | None) -> None:
    assert find_mismatch(AGE, text) == wrong


@pytest.mark.parametrize("depth", [1000, 100_000])
def test_a_deep_answer_ends_in_a_word(depth: int) -> None:
    text = '{"next":' * depth + "{}" + "}" * depth

    assert find_mismatch(TREE, text) in (None, "it is not JSON")


def test_a_pattern_that_others_choke_on_is_done_at_once() -> None:
    assert not contains_pattern("^(a+)+$", "a" * 60_000 + "b")


@given(st.text(alphabet=st.characters(), max_size=50))
def test_any_text_can_be_looked_at(text: str) -> None:
    assert find_mismatch(AGE, text) is not None
    assert contains_pattern("^", text)
