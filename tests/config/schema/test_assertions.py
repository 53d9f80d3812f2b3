"""The `assert:` block: what it may hold, and every mistake told where it stands."""

from pathlib import Path

import pytest

from exporter.config.schema.assertions import AssertBlock
from exporter.core.errors import ConfigError
from exporter.core.target import Assertions
from tests.config.cases import load, written

SCHEMA = {"type": "object", "required": ["ok"]}
EVERY = """
  contains: ok
  regex: "(?i)o.k"
  json_schema: {type: object, required: [ok]}
  max_first_token: 1500ms
  min_tokens_per_second: 20
  min_tokens: 8
  served_model: gpt-4o-2024-08-06
"""


def document(block: str) -> str:
    """A configuration whose only chat asserts this; the block begins at line 5."""
    head = "providers:\n  a: {preset: openai-compatible, base_url: 'http://127.0.0.1:1/v1'}\nmodels:\n"
    asserted = "\n".join(f"        {line}" for line in block.strip("\n").splitlines())
    return f"{head}- model: m\n  provider: a\n  probes:\n    - probe: chat\n      assert:\n{asserted}\n"


def test_every_key_reaches_the_check(tmp_path: Path) -> None:
    (check,) = [each for each in load(written(tmp_path, document(EVERY))).checks if each.kind == "chat"]
    assert check.assertions == Assertions(
        contains="ok",
        regex="(?i)o.k",
        json_schema=SCHEMA,
        max_first_token=1.5,
        min_tokens_per_second=20.0,
        min_tokens=8,
        served_model="gpt-4o-2024-08-06",
    )


def test_what_is_asserted_of_one_check_is_not_of_another(tmp_path: Path) -> None:
    plan = load(written(tmp_path, document("contains: ok") + "    - probe: canary\n"))
    assert {check.kind: check.assertions is not None for check in plan.checks if check.paid} == {
        "chat": True,
        "canary": False,
    }


def test_every_assertion_can_be_written() -> None:
    assert set(AssertBlock.model_fields) == set(Assertions.__slots__)


@pytest.mark.parametrize(
    ("block", "said"),
    [
        pytest.param("{}", "assert: nothing is asserted; write one of: contains, regex", id="nothing"),
        pytest.param("contain: ok", "assert.contain: unknown key; did you mean contains?", id="a misspelt key"),
        pytest.param("contains: ''", "assert.contains: there is nothing in it", id="no text"),
        pytest.param("contains: 7", "assert.contains: ", id="no text but a number"),
        pytest.param("contains: ${HOME}", "takes its value from a variable", id="a variable"),
        pytest.param("regex: '('", 'assert.regex: "(" is not a regular expression', id="an open bracket"),
        pytest.param("regex: '(?=a)b'", "look-around and back-references are not taken", id="look-around"),
        pytest.param("json_schema: {type: nope}", "assert.json_schema: this is not a JSON schema", id="no such type"),
        pytest.param("json_schema: {$ref: 'http://127.0.0.1:1/'}", "not fetched from anywhere", id="elsewhere"),
        pytest.param("json_schema: []", "assert.json_schema: keys and values belong here", id="no schema"),
        pytest.param("max_first_token: 3", "assert.max_first_token: ", id="a span without unit"),
        pytest.param("min_tokens: 0", "assert.min_tokens: ", id="no tokens"),
        pytest.param("min_tokens_per_second: 0", "assert.min_tokens_per_second: ", id="no speed"),
    ],
)
def test_mistakes_are_told_where_they_stand(tmp_path: Path, block: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, document(block)), {"HOME": "sweet-home"})
    (problem,) = caught.value.problems
    assert problem.line in (8, 9)
    assert said in str(problem)
    assert "sweet-home" not in str(problem)
