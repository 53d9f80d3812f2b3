"""Load small YAML files of plain values, with the work bounded before anything is built."""

from typing import Any

import yaml

MOST_EVENTS = 200_000
"""Parser events of a file: about one for each key and each value."""

MOST_ALIASES = 32
"""Uses of anchors. Merge keys multiply along chains of them; with this many they stay below a million entries."""

DEEPEST = 40


class UnboundedYamlError(yaml.YAMLError):
    """The file asks for more work than any sensible one."""


def load_plain_yaml(data: str | bytes) -> Any:
    """Return the one document of a text as plain values. Raises yaml.YAMLError, ValueError, RecursionError."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    depth = aliases = 0
    for count, event in enumerate(yaml.parse(data, Loader=loader)):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
        if depth > DEEPEST or aliases > MOST_ALIASES or count > MOST_EVENTS:
            raise UnboundedYamlError("nested too deep, or too many values or aliases")
    return yaml.load(data, Loader=loader)  # noqa: S506  (both are safe loaders)
