"""A YAML file into `Written`: plain values with their lines, `${NAME}` expanded, everything odd told by its line."""

import errno
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from exporter.aio.bounded_file import read_bounded
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
    """Read a file and return its tree with the problems of its parts. Raises ConfigError if none of it can be used."""
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
        data = read_bounded(path, LARGEST)
    except IsADirectoryError:
        _stop(source, "this is a directory", "name a YAML file")
    except FileNotFoundError:
        _stop(source, "there is no such file", "check the path")
    except OSError as error:
        if error.errno == errno.EFBIG:
            _stop(source, f"the file is larger than {LARGEST // 1024 // 1024} MiB", "is this the right file?")
        _stop(source, f"the file cannot be read ({error.strerror})", "check its owner and mode")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        _stop(source, "the file is not UTF-8 text", "is this the right file?", line)


class _NodeReader:
    """Turns nodes into values, place by place; problems are collected, so that all are reported at once."""

    def __init__(self, source: str, environ: Mapping[str, str]) -> None:
        self.lines: dict[Loc, int] = {}
        self.texts: dict[Loc, str] = {}
        self.secrets: dict[Loc, tuple[str, ...]] = {}
        self.troubles: list[Trouble] = []
        self._source = source
        self._environ = environ
        self._left = _MOST_VALUES
        self._merged: dict[int, Mapping[str, tuple[int, nodes.Node]]] = {}

    def read_mapping(self, node: nodes.Mapping, loc: Loc) -> dict[str, Any]:
        """Read the values under their keys; own keys win over merged ones (`<<`)."""
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
        for key, (line, value) in self._find_merged(node, loc).items():
            if key not in found:
                self.lines[(*loc, key)] = line
                found[key] = self.read_value(value, (*loc, key))
        return found

    def read_value(self, node: nodes.Node, loc: Loc) -> Any:
        self._count_value()
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

    def _find_merged(self, node: nodes.Mapping, loc: Loc) -> Mapping[str, tuple[int, nodes.Node]]:
        """Return what `<<` adds to a mapping: of two values for one key the earlier wins.

        Each mapping is merged once, however often aliases repeat it, so chains of merge keys cannot multiply.
        """
        known = self._merged.get(id(node))
        if known is not None:
            return known
        merged: dict[str, tuple[int, nodes.Node]] = {}
        for key, value in node.entries:
            if isinstance(key, nodes.Scalar) and key.plain and key.text == "<<":
                for part in value.items if isinstance(value, nodes.Sequence) else (value,):
                    self._merge_part(merged, part, loc)
        self._merged[id(node)] = merged
        return merged

    def _merge_part(self, merged: dict[str, tuple[int, nodes.Node]], part: nodes.Node, loc: Loc) -> None:
        if not isinstance(part, nodes.Mapping):
            self.troubles.append(Trouble(loc, "only a mapping can be merged by `<<`", "refer to a mapping"))
            return
        self._count_value()
        for key, line, value in self._iter_entries(part, loc):
            merged.setdefault(key, (line, value))
        for key, entry in self._find_merged(part, loc).items():
            merged.setdefault(key, entry)

    def _count_value(self) -> None:
        self._left -= 1
        if self._left < 0:
            _stop(self._source, "the file is too large once its aliases are written out", "use fewer aliases")


def _is_special(text: str) -> bool:
    return text in _CONSTANTS or bool(_INTEGER.fullmatch(text) or _FLOAT.fullmatch(text))


def _parse_plain(text: str) -> bool | int | float | None:
    """Parse a plain scalar by YAML 1.2's core rules: `no`, `1:30` and dates stay text, unlike in YAML 1.1."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    return int(text) if _INTEGER.fullmatch(text) else float(text)
