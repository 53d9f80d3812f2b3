"""What is wrong at one place, before it is known which line that is; and what pydantic says, in plain words."""

import difflib
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from exporter.config.yaml.written import Loc, key, quoted

_MEANT = "did you mean "
_MISSING = "` is missing"


class Trouble(NamedTuple):
    """One thing wrong: where, what, and what to write instead. `{given}` stands for the text as written."""

    loc: Loc
    what: str
    instead: str = ""


def nearest(given: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Which name was meant, or all of them: the second half of a sentence on an unknown name."""
    names = sorted(known)
    close = difflib.get_close_matches(given.lower(), names, n=1, cutoff=cutoff)
    return f"{_MEANT}{close[0]}?" if close else f"known are: {', '.join(names)}"


def unknown_key(given: str, known: Iterable[str]) -> tuple[str, str]:
    """What is wrong with a key that is not known, and what to write instead."""
    name, colon, _ = given.partition(":")
    if colon and name in known:
        return "a space is missing after the colon", f"write `{name}: ...`"
    return "unknown key", nearest(given, known)


def troubles(error: ValidationError, model: type[BaseModel]) -> list[Trouble]:
    """Every problem pydantic found, in this project's words."""
    return [_trouble(details, model) for details in error.errors(include_url=False)]


def without_echoes(found: Iterable[Trouble]) -> list[Trouble]:
    """A key that is missing because it is misspelt is told once."""
    found = list(found)
    meant = {(*each.loc[:-1], each.instead.removeprefix(_MEANT).removesuffix("?")) for each in found if each.loc}
    return [each for each in found if (*each.loc, each.what.removeprefix("`").removesuffix(_MISSING)) not in meant]


def _trouble(details: ErrorDetails, model: type[BaseModel]) -> Trouble:
    loc: Loc = tuple(part for part in details["loc"] if part != "[key]")
    kind, context = details["type"], details.get("ctx", {})
    if kind == "refused":
        what = context["what"].replace("{given}", quoted(key(str(loc[-1])))) if len(loc) < len(details["loc"]) else None
        return Trouble(loc, what or context["what"], context["instead"])
    if kind == "extra_forbidden":
        return Trouble(loc, *unknown_key(str(loc[-1]), _keys(model, loc[:-1])))
    if kind == "missing":
        return Trouble(loc[:-1], f"`{loc[-1]}{_MISSING}", "add it")
    if details.get("input") is None:
        return Trouble(loc, "there is no value here", "write one, or leave the line out")
    if kind in _SENTENCES:
        return Trouble(loc, *_SENTENCES[kind](context))
    return Trouble(loc, details["msg"].removeprefix("Value error, "))


def _bound(words: str) -> Callable[[Mapping[str, Any]], tuple[str, str]]:
    return lambda context: ("{given} is out of range", f"write {words} {next(iter(context.values())):g}")


def _sentence(what: str, instead: str) -> Callable[[Mapping[str, Any]], tuple[str, str]]:
    return lambda _context: (what, instead)


def _choice(context: Mapping[str, Any]) -> tuple[str, str]:
    return "{given} is not one of the choices", f"write {str(context['expected']).replace(chr(39), '')}"


_SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], tuple[str, str]]] = {
    "string_type": _sentence("{given} is not text", "put it in quotes"),
    **dict.fromkeys(
        ("int_type", "int_parsing", "int_from_float"),
        _sentence("{given} is not a whole number", "write a number such as 3"),
    ),
    **dict.fromkeys(
        ("float_type", "float_parsing", "finite_number"),
        _sentence("{given} is not a number", "write a number such as 1.5"),
    ),
    **dict.fromkeys(("bool_type", "bool_parsing"), _sentence("{given} is neither true nor false", "write one of them")),
    **dict.fromkeys(
        ("dict_type", "model_type", "model_attributes_type", "mapping_type"),
        _sentence("keys and values belong here", "write `key: value` lines below it"),
    ),
    **dict.fromkeys(
        ("list_type", "tuple_type"), _sentence("a list belongs here", "write [a, b], or lines that begin with -")
    ),
    "greater_than": _bound("more than"),
    "greater_than_equal": _bound("at least"),
    "less_than": _bound("less than"),
    "less_than_equal": _bound("at most"),
    "literal_error": _choice,
    "enum": _choice,
    "too_short": _sentence("the list is empty", "put at least one thing in it, or leave the line out"),
    "path_type": _sentence("{given} is not a path", "write the path of a file"),
}


def _keys(model: type[BaseModel], loc: Loc) -> Iterable[str]:
    """The keys that the schema knows at a place."""
    shape: Any = model
    for part in loc:
        shape = _inside(shape, part)
    return _written_fields(shape) if isinstance(shape, type) and issubclass(shape, BaseModel) else ()


def _written_fields(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """The fields of a block by the key that stands in the file (`assert` is no name in Python)."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _inside(shape: Any, part: str | int) -> Any:
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        fields = _written_fields(shape)
        return _bare(fields[str(part)].annotation) if str(part) in fields else None
    inner = get_args(shape)
    return _bare(inner[-1] if inner[-1] is not ... else inner[0]) if inner else None


def _bare(shape: Any) -> Any:
    """The type without its None and its annotations."""
    if get_origin(shape) is typing.Annotated:
        return _bare(get_args(shape)[0])
    if get_origin(shape) in (Union, types.UnionType):
        return _bare(next(each for each in get_args(shape) if each is not type(None)))
    return shape
