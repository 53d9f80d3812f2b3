"""YAML text into nodes that know their line. Reads events, so that depth and aliases cannot exhaust the process."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

import yaml
from yaml import events as parsed

from exporter.core.errors import ConfigError, Problem

DEEPEST = 40
"""Levels of nesting allowed; a sensible configuration has six."""

LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C parser where it was built: it is seven times faster."""


@dataclass(slots=True)
class Scalar:
    """One value as written; `plain` without quotes, so that it may be a number or true."""

    line: int
    text: str
    plain: bool


@dataclass(slots=True)
class Sequence:
    """A list."""

    line: int
    items: list["Node"] = field(default_factory=list)


@dataclass(slots=True)
class Mapping:
    """Keys and values in the order written, duplicates included."""

    line: int
    entries: list[tuple["Node", "Node"]] = field(default_factory=list)


Node = Scalar | Sequence | Mapping

_TAGS = {
    None: (Scalar, Sequence, Mapping),
    "tag:yaml.org,2002:str": (Scalar,),
    "tag:yaml.org,2002:seq": (Sequence,),
    "tag:yaml.org,2002:map": (Mapping,),
}
"""The tags understood, and on what."""

_TAB = "\t"
_NESTING = "nesting"
_PLAIN_SENTENCES = (
    (_NESTING, f"nested more than {DEEPEST} levels deep", ""),
    (_TAB, "a tab stands where YAML wants spaces", "indent with spaces"),
    ("undefined alias", "an alias (*name) refers to no anchor (&name) before it", "define the anchor first"),
    ("duplicate anchor", "two anchors have the same name", "rename one"),
    ("mapping values are not allowed", "a colon stands where no key can be", "put text that holds ': ' in quotes"),
    ("expected ',' or", "a bracket is not closed, or a comma is missing", "look at this line and the one before"),
    ("end of stream", "a quote or bracket is never closed", "close it"),
    ("special characters are not allowed", "the file holds control characters", "write it as UTF-8 text"),
    ("control characters are not allowed", "the file holds control characters", "write it as UTF-8 text"),
)


def compose(text: str, source: str, loader: type[yaml.SafeLoader] = LOADER) -> Node | None:
    """Compose the one document of a text; None if it is empty. Raises ConfigError for anything else."""
    try:
        return _Composer(source).run(yaml.parse(text, Loader=loader))
    except yaml.MarkedYAMLError as error:
        line = _find_line(error)
        problem = f"{error.problem} {error.context or ''}"
        if "cannot start any token" in problem and "\t" in text.split("\n")[line - 1]:
            problem = _TAB
        _stop(source, line, *_to_plain_words(problem))
    except yaml.reader.ReaderError as error:
        _stop(source, text.count("\n", 0, error.position) + 1, *_to_plain_words(str(error)))
    except RecursionError:
        _stop(source, None, *_to_plain_words(_NESTING))
    except (yaml.YAMLError, ValueError, OverflowError):  # such as an escape of a character that does not exist
        _stop(source, None, *_to_plain_words(""))


def _find_line(error: yaml.MarkedYAMLError) -> int:
    """Find the line to name: where something unclosed was opened, else where the error was noticed."""
    unclosed = "end of stream" in f"{error.problem}"
    marks = (error.context_mark, error.problem_mark)
    mark = next((each for each in (marks if unclosed else marks[::-1]) if each is not None), None)
    return 1 if mark is None else mark.line + 1


def _to_plain_words(problem: str) -> tuple[str, str]:
    for sign, what, instead in _PLAIN_SENTENCES:
        if sign in problem:
            return what, instead
    return "this is not valid YAML", "look at the indentation, colons and quotes of this line and the one before"


def _stop(source: str, line: int | None, what: str, instead: str = "") -> NoReturn:
    raise ConfigError([Problem(source, line, "", what, instead)])


class _Composer:
    """Builds the tree with a stack of its own: each open collection, and the key that waits for its value."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._root: Node | None = None
        self._open: list[Sequence | Mapping] = []
        self._keys: list[Node | None] = []
        self._anchors: dict[str, Node] = {}
        self._names: list[str | None] = []
        self._documents = 0

    def run(self, events: Iterator[parsed.Event]) -> Node | None:
        for event in events:
            line = 0 if event.start_mark is None else event.start_mark.line + 1
            match event:
                case parsed.DocumentStartEvent():
                    self._start_document(line)
                case parsed.ScalarEvent():
                    self._add_scalar(event, line)
                case parsed.SequenceStartEvent():
                    self._start_collection(Sequence(line), event)
                case parsed.MappingStartEvent():
                    self._start_collection(Mapping(line), event)
                case parsed.CollectionEndEvent():
                    self._end_collection()
                case parsed.AliasEvent():
                    self._add_alias(event.anchor, line)
        return self._root

    def _start_document(self, line: int) -> None:
        self._documents += 1
        if self._documents > 1:
            _stop(self._source, line, "the file holds more than one document", "keep one, without further --- lines")

    def _add_scalar(self, event: parsed.ScalarEvent, line: int) -> None:
        node = Scalar(line, event.value, plain=bool(event.implicit[0]))
        self._check_tag(event.tag, node)
        if event.anchor:
            self._anchors[event.anchor] = node
        self._place_node(node)

    def _start_collection(self, node: Sequence | Mapping, event: parsed.CollectionStartEvent) -> None:
        self._check_tag(event.tag, node)
        if len(self._open) >= DEEPEST:
            _stop(self._source, node.line, f"nested more than {DEEPEST} levels deep")
        self._open.append(node)
        self._keys.append(None)
        self._names.append(event.anchor)

    def _end_collection(self) -> None:
        node, name = self._open.pop(), self._names.pop()
        self._keys.pop()
        if name:
            self._anchors[name] = node
        self._place_node(node)

    def _add_alias(self, name: str | None, line: int) -> None:
        if name is None or name not in self._anchors:
            _stop(self._source, line, *_to_plain_words("undefined alias"))
        self._place_node(self._anchors[name])

    def _place_node(self, node: Node) -> None:
        if not self._open:
            self._root = node
            return
        parent, key = self._open[-1], self._keys[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
        elif key is None:
            self._keys[-1] = node
        else:
            parent.entries.append((key, node))
            self._keys[-1] = None

    def _check_tag(self, tag: str | None, node: Node) -> None:
        if not isinstance(node, _TAGS.get(tag, ())):
            _stop(self._source, node.line, "a YAML tag (!name) stands here and none is understood", "leave it out")
