"""Small YAML files of plain values, and files that would multiply."""

import pytest
import yaml

from exporter.core.plain_yaml import MOST_ALIASES, load_plain_yaml

CHAIN = "a0: &a0 {k: 1}\n" + "".join(
    f"a{level}: &a{level} {{{'<<: [' + ', '.join([f'*a{level - 1}'] * 9) + ']'}}}\n" for level in range(1, 13)
)
LAUGHS = "a0: &a0 [1]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 13)
)


def test_plain_values_are_loaded() -> None:
    assert load_plain_yaml(b"a: &x {b: [1, two, null]}\nc: *x\n") == {
        "a": {"b": [1, "two", None]},
        "c": {"b": [1, "two", None]},
    }
    assert load_plain_yaml("") is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(CHAIN, id="merge keys"),
        pytest.param(LAUGHS, id="aliases"),
        pytest.param("[" * 200 + "]" * 200, id="depth"),
        pytest.param("[" * 100_000, id="depth that a parser refuses"),
        pytest.param("[" + "1," * 300_000 + "]", id="values"),
        pytest.param("a: [" + "*x, " * (MOST_ALIASES + 1) + "]", id="aliases without an anchor"),
    ],
)
def test_files_that_would_multiply_are_refused(text: str) -> None:
    with pytest.raises((yaml.YAMLError, RecursionError)):
        load_plain_yaml(text)
