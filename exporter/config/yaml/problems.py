"""What is wrong at one place, before it is known which line that is; and what pydantic says, in plain words."""

import difflib
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from exporter.config.yaml.written import Loc, quote_text, show_key

_MEANT = "did you mean "
_MISSING = "` is missing"


class Trouble(NamedTuple):
    """One thing wrong: where, what, and what to write instead. `{given}` stands for the text as written."""

    loc: Loc
    what: str
    instead: str = ""


def suggest_name(given: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Suggest the intended name, or list all: the second half of a sentence on an unknown name."""
    names = sorted(known)
    close = difflib.get_close_matches(given.lower(), names, n=1, cutoff=cutoff)
    return f"{_MEANT}{close[0]}?" if close else f"known are: {', '.join(names)}"


def describe_unknown_key(given: str, known: Iterable[str]) -> tuple[str, str]:
    """Describe an unknown key, with what to write instead."""
    name, colon, _ = given.partition(":")
    if colon and name in known:
        return "a space is missing after the colon", f"write `{name}: ...`"
    return "unknown key", suggest_name(given, known)


def translate_errors(error: ValidationError, model: type[BaseModel]) -> list[Trouble]:
    """Translate every problem that pydantic found into this project's words."""
    return [_translate_error(details, model) for details in error.errors(include_url=False)]


def drop_echoes(found: Iterable[Trouble]) -> list[Trouble]:
    """Drop the report of a key that is only missing because it is misspelt."""
    found = list(found)
    meant = {(*each.loc[:-1], each.instead.removeprefix(_MEANT).removesuffix("?")) for each in found if each.loc}
    return [each for each in found if (*each.loc, each.what.removeprefix("`").removesuffix(_MISSING)) not in meant]


def _translate_error(details: ErrorDetails, model: type[BaseModel]) -> Trouble:
    loc: Loc = tuple(part for part in details["loc"] if part != "[key]")
    kind, context = details["type"], details.get("ctx", {})
    if kind == "refused":
        what = (
            context["what"].replace("{given}", quote_text(show_key(str(loc[-1]))))
            if len(loc) < len(details["loc"])
            else None
        )
        return Trouble(loc, what or context["what"], context["instead"])
    if kind == "extra_forbidden":
        return Trouble(loc, *describe_unknown_key(str(loc[-1]), _list_keys(model, loc[:-1])))
    if kind == "missing":
        return Trouble(loc[:-1], f"`{loc[-1]}{_MISSING}", "add it")
    if details.get("input") is None:
        return Trouble(loc, "there is no value here", "write one, or leave the line out")
    if kind in _SENTENCES:
        return Trouble(loc, *_SENTENCES[kind](context))
    return Trouble(loc, details["msg"].removeprefix("Value error, "))


def _make_bound_words(words: str) -> Callable[[Mapping[str, Any]], tuple[str, str]]:
    return lambda context: ("{given} is out of range", f"write {words} {next(iter(context.values())):g}")


def _make_words(what: str, instead: str) -> Callable[[Mapping[str, Any]], tuple[str, str]]:
    return lambda _context: (what, instead)


def _describe_choice(context: Mapping[str, Any]) -> tuple[str, str]:
    return "{given} is not one of the choices", f"write {str(context['expected']).replace(chr(39), '')}"


_SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], tuple[str, str]]] = {
    "string_type": _make_words("{given} is not text", "put it in quotes"),
    **dict.fromkeys(
        ("int_type", "int_parsing", "int_from_float"),
        _make_words("{given} is not a whole number", "write a number such as 3"),
    ),
    **dict.fromkeys(
        ("float_type", "float_parsing", "finite_number"),
        _make_words("{given} is not a number", "write a number such as 1.5"),
    ),
    **dict.fromkeys(
        ("bool_type", "bool_parsing"), _make_words("{given} is neither true nor false", "write one of them")
    ),
    **dict.fromkeys(
        ("dict_type", "model_type", "model_attributes_type", "mapping_type"),
        _make_words("keys and values belong here", "write `key: value` lines below it"),
    ),
    **dict.fromkeys(
        ("list_type", "tuple_type"), _make_words("a list belongs here", "write [a, b], or lines that begin with -")
    ),
    "greater_than": _make_bound_words("more than"),
    "greater_than_equal": _make_bound_words("at least"),
    "less_than": _make_bound_words("less than"),
    "less_than_equal": _make_bound_words("at most"),
    "literal_error": _describe_choice,
    "enum": _describe_choice,
    "too_short": _make_words("the list is empty", "put at least one thing in it, or leave the line out"),
    "path_type": _make_words("{given} is not a path", "write the path of a file"),
}


def _list_keys(model: type[BaseModel], loc: Loc) -> Iterable[str]:
    """List the keys that the schema knows at a place."""
    shape: Any = model
    for part in loc:
        shape = _inner_type(shape, part)
    return _fields_by_key(shape) if isinstance(shape, type) and issubclass(shape, BaseModel) else ()


def _fields_by_key(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """Map the keys of the file to the fields of a block (`assert` is no name in Python)."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _inner_type(shape: Any, part: str | int) -> Any:
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        fields = _fields_by_key(shape)
        return _strip_type(fields[str(part)].annotation) if str(part) in fields else None
    inner = get_args(shape)
    return _strip_type(inner[-1] if inner[-1] is not ... else inner[0]) if inner else None


def _strip_type(shape: Any) -> Any:
    """Return the type without its None and its annotations."""
    if get_origin(shape) is typing.Annotated:
        return _strip_type(get_args(shape)[0])
    if get_origin(shape) in (Union, types.UnionType):
        return _strip_type(next(each for each in get_args(shape) if each is not type(None)))
    return shape
