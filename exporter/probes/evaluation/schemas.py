"""JSON schemas and regular expressions that a model's answer is held against, at a cost that no answer can drive up.

The patterns of both are of the kind that takes linear time (no look-around, no back-references), so an answer written
to make one run for hours cannot; and a schema refers to nothing outside itself, so none can trigger a request.

The library is imported when the first schema is held against something: it takes 3 MB, and few checks have one.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

import orjson

if TYPE_CHECKING:
    from jsonschema_rs import Validator

LONGEST_PLACE = 80


def find_schema_problem(schema: Mapping[str, Any]) -> str | None:
    """Return why this is no usable JSON schema; None if it is one."""
    from jsonschema_rs import ReferencingError, ValidationError  # noqa: PLC0415  (see above)

    try:
        _make_validator(schema)
    except (ValidationError, ReferencingError, ValueError) as error:
        return _take_first_line(error)
    return None


def find_regex_problem(pattern: str) -> str | None:
    """Return why this is no usable pattern; None if it is one."""
    trouble = find_schema_problem({"pattern": pattern})
    return None if trouble is None else "it is not a regular expression that takes linear time"


def find_mismatch(schema: Mapping[str, Any], text: str) -> str | None:
    """Find the first thing in a JSON text that does not fit the schema; None if all fits."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return "it is not JSON"
    error = next(iter(_make_validator(schema).iter_errors(value)), None)
    if error is None:
        return None
    place = "/".join(str(step) for step in error.instance_path)[:LONGEST_PLACE]
    return f"at {place}: {error.message}" if place else error.message


def contains_pattern(pattern: str, text: str) -> bool:
    """Return whether the pattern is found anywhere in the text."""
    return _make_validator({"pattern": pattern}).is_valid(text.encode(errors="replace").decode())


def _make_validator(schema: Mapping[str, Any]) -> "Validator":
    from jsonschema_rs import RegexOptions, validator_for  # noqa: PLC0415  (see above)

    return validator_for(dict(schema), pattern_options=RegexOptions(), retriever=_refuse_reference)


def _refuse_reference(address: str) -> NoReturn:
    raise ValueError(f"schemas are not fetched from anywhere ({address})")


def _take_first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
