"""`${NAME}` in text values: the variable's value goes in, and is known to be a secret from then on."""

import re
from collections.abc import Mapping
from typing import Self

_PLACE = re.compile(r"\$\$\{|\$\{([^}]*)\}?")
_ORDINARY = re.compile(r"[A-Z0-9_]+|[a-z_]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class ExpandedText(str):
    """Text that came out of the environment, beside the text as written. Its repr is the text as written."""

    __slots__ = ("written",)
    written: str

    def __new__(cls, value: str, written: str) -> Self:
        made = super().__new__(cls, value)
        made.written = written
        return made

    def __repr__(self) -> str:
        return repr(self.written)


class ExpansionError(Exception):
    """Why a text cannot be expanded: `what` is wrong, and what to write `instead`."""

    def __init__(self, what: str, instead: str) -> None:
        super().__init__(what)
        self.what = what
        self.instead = instead


def describe_variable(name: str) -> str:
    """Name a variable in a sentence. A name with lower-case letters or digits may be a key, so it is not shown."""
    return f"variable {name}" if _ORDINARY.fullmatch(name) else "variable of that name"


def expand(text: str, environ: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Replace every `${NAME}` in the text, make every `$${` into `${`, and return the values that went in.

    The text comes back as `Expanded` where a value went in. Raises ExpansionError.
    """
    values: list[str] = []

    def place(found: re.Match[str]) -> str:
        if found[1] is None:
            return "${"
        values.append(_read_variable(found[0], found[1], environ))
        return values[-1]

    expanded = _PLACE.sub(place, text)
    return (ExpandedText(expanded, text) if values else expanded), tuple(values)


def _read_variable(whole: str, name: str, environ: Mapping[str, str]) -> str:
    if not whole.endswith("}"):
        raise ExpansionError("`${` is never closed", "write ${NAME}, or $${ for the two characters themselves")
    if not _NAME.fullmatch(name):
        raise ExpansionError("between `${` and `}` stands no name of a variable", "only ${NAME} is understood")
    if name not in environ:
        known = describe_variable(name)
        raise ExpansionError(f"the environment has no {known}", "set it, or write $${ for a plain ${")
    return environ[name]
