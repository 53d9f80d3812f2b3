"""`${NAME}` and what it leaves behind."""

import pytest

from exporter.config.yaml.expand import ExpandedText, ExpansionError, expand

ENVIRON = {"A": "alpha", "B_2": "beta", "EMPTY": "", "TRICK": "${A}"}

EXPANDED = {
    "no variable": ("plain $A text", "plain $A text", ()),
    "whole": ("${A}", "alpha", ("alpha",)),
    "inside": ("x-${A}-y", "x-alpha-y", ("alpha",)),
    "two": ("${A}${B_2}", "alphabeta", ("alpha", "beta")),
    "escaped": ("$${A}", "${A}", ()),
    "escaped and not": ("$${A} ${A}", "${A} alpha", ("alpha",)),
    "empty": ("[${EMPTY}]", "[]", ("",)),
    "a value is not looked into": ("${TRICK}", "${A}", ("${A}",)),
    "dollars": ("$$ $ {A}", "$$ $ {A}", ()),
}

NO_NAME = "between `${` and `}` stands no name of a variable"
REFUSED = {
    "unset": ("${C}", "the environment has no variable C"),
    "unset, in small letters": ("${my_key}", "the environment has no variable my_key"),
    "what may be a key": ("${gsk_Zq8Xw2Lm5R}", "the environment has no variable of that name"),
    "what may be a key of letters": ("${hf_ZqXwLmRtYp}", "the environment has no variable of that name"),
    "what may be a key of small letters and digits": ("${f00ba4}", "the environment has no variable of that name"),
    "never closed": ("${A", "`${` is never closed"),
    "default": ("${A:-x}", NO_NAME),
    "nothing": ("${}", NO_NAME),
    "space": ("${ A }", NO_NAME),
    "a key by mistake, which must not be shown": ("${sk-live-0123}", NO_NAME),
}


@pytest.mark.parametrize(("text", "value", "inside"), [pytest.param(*row, id=name) for name, row in EXPANDED.items()])
def test_expanded(text: str, value: str, inside: tuple[str, ...]) -> None:
    found, values = expand(text, ENVIRON)
    assert (found, values) == (value, inside)
    assert isinstance(found, ExpandedText) == bool(inside)


@pytest.mark.parametrize(("text", "what"), [pytest.param(*row, id=name) for name, row in REFUSED.items()])
def test_refused(text: str, what: str) -> None:
    with pytest.raises(ExpansionError) as caught:
        expand(text, ENVIRON)
    assert caught.value.what == what
    assert caught.value.instead


def test_repr_is_the_text_as_written() -> None:
    found, _ = expand("x-${A}", ENVIRON)
    assert repr(found) == "'x-${A}'"
    assert repr([found]) == "['x-${A}']"
