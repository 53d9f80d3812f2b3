"""What pydantic says, in this project's words."""

from enum import StrEnum
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from exporter.config.yaml.problems import Trouble, drop_echoes, suggest_name, translate_errors


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")

    size: int | None = Field(default=None, ge=1)


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = "x"
    number: float = 1.0
    flag: bool = False
    colour: Colour = Colour.RED
    choice: Literal["a", "b"] = "a"
    inner: Inner = Inner()
    many: dict[str, Inner] = {}
    rows: list[Inner] = []
    odd: str = ""

    @field_validator("odd")
    @classmethod
    def _odd(cls, value: str) -> str:
        if value:
            raise ValueError("must be empty")
        return value


WORDS: dict[str, tuple[Any, Trouble]] = {
    "text": ({"name": 4.1}, Trouble(("name",), "{given} is not text", "put it in quotes")),
    "number": ({"number": "x"}, Trouble(("number",), "{given} is not a number", "write a number such as 1.5")),
    "flag": ({"flag": "perhaps"}, Trouble(("flag",), "{given} is neither true nor false", "write one of them")),
    "enum": ({"colour": "pink"}, Trouble(("colour",), "{given} is not one of the choices", "write red or blue")),
    "literal": ({"choice": "c"}, Trouble(("choice",), "{given} is not one of the choices", "write a or b")),
    "empty": ({"name": None}, Trouble(("name",), "there is no value here", "write one, or leave the line out")),
    "block": (
        {"inner": "x"},
        Trouble(("inner",), "keys and values belong here", "write `key: value` lines below it"),
    ),
    "mapping": (
        {"many": ["x"]},
        Trouble(("many",), "keys and values belong here", "write `key: value` lines below it"),
    ),
    "list": ({"rows": "x"}, Trouble(("rows",), "a list belongs here", "write [a, b], or lines that begin with -")),
    "bound": ({"inner": {"size": 0}}, Trouble(("inner", "size"), "{given} is out of range", "write at least 1")),
    "own words of a validator": ({"odd": "x"}, Trouble(("odd",), "must be empty")),
    "unknown at top": ({"nam": 1}, Trouble(("nam",), "unknown key", "did you mean name?")),
    "no space after the colon": (
        {"name:x": None},
        Trouble(("name:x",), "a space is missing after the colon", "write `name: ...`"),
    ),
    "a colon after what is not known": ({"nam:x": None}, Trouble(("nam:x",), "unknown key", "did you mean name?")),
    "unknown inside": ({"inner": {"sise": 1}}, Trouble(("inner", "sise"), "unknown key", "did you mean size?")),
    "unknown in a mapping": (
        {"many": {"a": {"zzz": 1}}},
        Trouble(("many", "a", "zzz"), "unknown key", "known are: size"),
    ),
    "unknown in a list": (
        {"rows": [{}, {"sizes": 1}]},
        Trouble(("rows", 1, "sizes"), "unknown key", "did you mean size?"),
    ),
}


@pytest.mark.parametrize(("value", "trouble"), [pytest.param(*row, id=name) for name, row in WORDS.items()])
def test_words(value: Any, trouble: Trouble) -> None:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(value)
    assert translate_errors(caught.value, Outer) == [trouble]


def test_nearest() -> None:
    known = ["openai", "anthropic", "openai-compatible"]
    assert suggest_name("OpenAI", known) == "did you mean openai?"
    assert suggest_name("xyz", known) == "known are: anthropic, openai, openai-compatible"
    assert suggest_name("my-openai", known, cutoff=0.9) == "known are: anthropic, openai, openai-compatible"


def test_a_misspelt_key_is_not_missing_too() -> None:
    misspelt = Trouble(("models", 0, "modle"), "unknown key", "did you mean model?")
    missing = Trouble(("models", 0), "`model` is missing", "add it")
    elsewhere = Trouble(("models", 1), "`model` is missing", "add it")
    assert drop_echoes([missing, misspelt, elsewhere]) == [misspelt, elsewhere]
