"""Make plausible values for a simulated model: for a JSON schema (a form or a tool), and embeddings."""

import base64
import math
import random
import re
import struct
from collections.abc import Mapping
from typing import Any

from exporter.demo.arithmetic import solve

DIMENSIONS = 1536


def make_vector(text: str, dimensions: int = DIMENSIONS) -> tuple[float, ...]:
    """Make a pseudo-random direction of length 1, the same for the same text."""
    chance = random.Random(text)  # noqa: S311 (a plausible vector, not a secret)
    raw = [chance.gauss(0, 1) for _ in range(dimensions)]
    length = math.sqrt(sum(each * each for each in raw))
    return tuple(each / length for each in raw)


def pack_vector(numbers: tuple[float, ...]) -> str:
    """Pack a vector as base64 of little-endian 32-bit floats (OpenAI's `encoding_format: base64`)."""
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


_QUOTED = re.compile(r"[\"`\u201c]([^\"`\u201c\u201d]+)[\"`\u201d]")
_NAMED = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+")
_DEEPEST = 12


def make_sample(schema: Mapping[str, Any], prompt: str) -> Any:
    """Make a value that conforms to the schema, with words and numbers of the prompt where they fit.

    Knows const, enum, anyOf, oneOf, allOf of one, $ref within the document, the seven types in either case, bounds
    of numbers, lengths of strings and arrays; patterns and formats are left alone.
    """
    return _Sampler(schema, prompt).make_value(schema, 0)


class _Sampler:
    def __init__(self, root: Mapping[str, Any], prompt: str) -> None:
        self._root = root
        self._prompt = prompt

    def make_value(self, schema: Mapping[str, Any], depth: int) -> Any:
        if depth > _DEEPEST:
            return None
        if inner := self._follow_schema(schema):
            return self.make_value(inner, depth + 1)
        if choices := [schema["const"]] if "const" in schema else schema.get("enum"):
            return choices[0]
        match _read_type(schema):
            case "object":
                return {name: self.make_value(part, depth + 1) for name, part in schema.get("properties", {}).items()}
            case "array":
                return [self.make_value(schema.get("items", {}), depth + 1)] * max(1, schema.get("minItems", 1))
            case kind:
                return self._make_plain(kind, schema)

    def _make_plain(self, kind: str, schema: Mapping[str, Any]) -> bool | int | str | None:
        match kind:
            case "integer" | "number":
                return self._make_number(schema)
            case "boolean":
                return True
            case "null":
                return None
            case _:
                return self._make_string(schema)

    def _follow_schema(self, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Follow a reference or a choice to the schema it stands for."""
        for name in ("anyOf", "oneOf", "allOf"):
            if schema.get(name):
                first: Mapping[str, Any] = schema[name][0]
                return first
        if "$ref" not in schema:
            return None
        found: Any = self._root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found.get(step, {})
        return dict(found)

    def _make_number(self, schema: Mapping[str, Any]) -> int:
        worked_out = solve(self._prompt)
        number = 7 if worked_out is None else round(worked_out)
        enough = max(number, schema.get("minimum", number))
        return int(min(enough, schema.get("maximum", enough)))

    def _make_string(self, schema: Mapping[str, Any]) -> str:
        words = _QUOTED.findall(self._prompt) or _NAMED.findall(self._prompt) or ["fine"]
        text: str = words[-1].ljust(schema.get("minLength", 0), ".")
        return text[: schema.get("maxLength")]


def _read_type(schema: Mapping[str, Any]) -> str:
    """Read the type in lower case (Gemini writes capitals); of several the first that is not null."""
    told = schema.get("type", "object" if "properties" in schema else "string")
    names = [told] if isinstance(told, str) else [each for each in told if each != "null"]
    return names[0].lower() if names else "null"
