"""A YAML file into `Written`: plain values with their lines, `${NAME}` expanded, everything odd told by its line."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from exporter.config.yaml import nodes
from exporter.config.yaml.expand import ExpansionError, expand
from exporter.config.yaml.problems import Trouble
from exporter.config.yaml.written import Loc, WrittenConfig
from exporter.core.errors import ConfigError, Problem

LARGEST = 4 * 1024 * 1024
"""Bytes of a configuration file; more is surely another file."""
_MOST_VALUES = 500_000
_INTEGER = re.compile(r"[-+]?[0-9]{1,15}")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]{1,3})?")
_CONSTANTS: Mapping[str, bool | None] = {
    "": None,
    **dict.fromkeys(("~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def read_file(path: Path, environ: Mapping[str, str]) -> tuple[WrittenConfig, list[Trouble]]:
    """What a file says, and what is wrong with parts of it. Raises ConfigError where nothing of it can be used."""
    source = str(path)
    root = nodes.compose(_read_text(path, source), source)
    if root is None or (isinstance(root, nodes.Scalar) and root.plain and not root.text):
        _stop(source, "the file is empty", "name at least one provider under `providers:`")
    if not isinstance(root, nodes.Mapping):
        _stop(source, "the file must hold keys and values", "begin with `providers:`", root.line)
    walk = _NodeReader(source, environ)
    tree = walk.read_mapping(root, ())
    written = WrittenConfig(source=source, tree=tree, lines=walk.lines, texts=walk.texts, secrets=walk.secrets)
    return written, walk.troubles


def _stop(source: str, what: str, instead: str = "", line: int | None = None) -> NoReturn:
    raise ConfigError([Problem(source, line, "", what, instead)])


def _read_text(path: Path, source: str) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except IsADirectoryError:
        _stop(source, "this is a directory", "name a YAML file")
    except FileNotFoundError:
        _stop(source, "there is no such file", "check the path")
    except OSError as error:
        _stop(source, f"the file cannot be read ({error.strerror})", "check its owner and mode")
    if len(data) > LARGEST:
        _stop(source, f"the file is larger than {LARGEST // 1024 // 1024} MiB", "is this the right file?")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        _stop(source, "the file is not UTF-8 text", "is this the right file?", line)


class _NodeReader:
    """Nodes into values, place by place; problems are collected, so that all are told at once."""

    def __init__(self, source: str, environ: Mapping[str, str]) -> None:
        self.lines: dict[Loc, int] = {}
        self.texts: dict[Loc, str] = {}
        self.secrets: dict[Loc, tuple[str, ...]] = {}
        self.troubles: list[Trouble] = []
        self._source = source
        self._environ = environ
        self._left = _MOST_VALUES

    def read_mapping(self, node: nodes.Mapping, loc: Loc) -> dict[str, Any]:
        """The values under their keys; own keys win over merged ones (`<<`)."""
        found: dict[str, Any] = {}
        seen: dict[str, int] = {}
        for key, line, value in self._iter_entries(node, loc):
            place = (*loc, key)
            if key in seen:
                text = f"this key was already written at line {seen[key]}"
                self.lines[place] = line
                self.troubles.append(Trouble(place, text, "keep one of the two"))
                continue
            seen[key] = line
            self.lines[place] = line
            found[key] = self.read_value(value, place)
        for key, line, value in self._iter_merged(node, loc):
            if key not in found:
                self.lines[(*loc, key)] = line
                found[key] = self.read_value(value, (*loc, key))
        return found

    def read_value(self, node: nodes.Node, loc: Loc) -> Any:
        self._left -= 1
        if self._left < 0:
            _stop(self._source, "the file is too large once its aliases are written out", "use fewer aliases")
        if isinstance(node, nodes.Mapping):
            return self.read_mapping(node, loc)
        if isinstance(node, nodes.Sequence):
            for position, item in enumerate(node.items):
                self.lines[(*loc, position)] = item.line
            return [self.read_value(item, (*loc, position)) for position, item in enumerate(node.items)]
        self.texts[loc] = node.text
        return _parse_plain(node.text) if node.plain and _is_special(node.text) else self._expand_text(node.text, loc)

    def _expand_text(self, text: str, loc: Loc) -> str:
        try:
            expanded, values = expand(text, self._environ)
        except ExpansionError as error:
            self.troubles.append(Trouble(loc, error.what, error.instead))
            return text
        if values:
            self.secrets[loc] = values
        return expanded

    def _iter_entries(self, node: nodes.Mapping, loc: Loc) -> Iterator[tuple[str, int, nodes.Node]]:
        for key, value in node.entries:
            if not isinstance(key, nodes.Scalar):
                self.lines[(*loc, "?")] = key.line
                self.troubles.append(Trouble((*loc, "?"), "a key must be text", "write `name: value`"))
            elif "${" in key.text:
                self.lines[(*loc, key.text)] = key.line
                self.troubles.append(
                    Trouble((*loc, key.text), "a variable cannot be used in a key", "write the key itself")
                )
            elif not (key.plain and key.text == "<<"):
                yield key.text, key.line, value

    def _iter_merged(self, node: nodes.Mapping, loc: Loc) -> Iterator[tuple[str, int, nodes.Node]]:
        for key, value in node.entries:
            if isinstance(key, nodes.Scalar) and key.plain and key.text == "<<":
                for part in value.items if isinstance(value, nodes.Sequence) else (value,):
                    if isinstance(part, nodes.Mapping):
                        yield from self._iter_entries(part, loc)
                        yield from self._iter_merged(part, loc)
                    else:
                        self.troubles.append(Trouble(loc, "only a mapping can be merged by `<<`", "refer to a mapping"))


def _is_special(text: str) -> bool:
    return text in _CONSTANTS or bool(_INTEGER.fullmatch(text) or _FLOAT.fullmatch(text))


def _parse_plain(text: str) -> bool | int | float | None:
    """A plain scalar by YAML 1.2's core rules: `no`, `1:30` and dates stay text, unlike YAML 1.1."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    return int(text) if _INTEGER.fullmatch(text) else float(text)
